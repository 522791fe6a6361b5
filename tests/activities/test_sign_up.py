"""Signing up: seats and the waiting list, conditions, minors, one place at a time."""

from __future__ import annotations

import datetime as dt

import pytest

from doorstep.kernel.activities.models import SignUp
from doorstep.kernel.activities.services_sign_up import (
    Applicant,
    agree_as_guardian,
    join,
    note_guardians_paper,
    withdraw,
)
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from tests.activities.world import NOW, World

HOUR = dt.timedelta(hours=1)
TOMORROW = NOW + dt.timedelta(days=1)


def sign_up(actor, session, **more) -> SignUp:
    return join(actor=actor, session_id=session.pk, who=Applicant(person_id=actor.person_id, **more))


def states(session) -> list[str]:
    return list(SignUp.objects.filter(session=session).order_by("pk").values_list("state", flat=True))


def test_seats_are_given_in_order_and_the_longest_waiting_moves_up(world: World) -> None:
    session = world.session(capacity=1)
    one, two, three = (world.resident(name) for name in "甲乙丙")
    for actor in (one, two, three):
        sign_up(actor, session)
    assert states(session) == ["joined", "waiting", "waiting"]
    withdraw(actor=one, session_id=session.pk, person_id=one.person_id)
    assert states(session) == ["withdrawn", "joined", "waiting"]
    with clock.fixed(NOW + HOUR):
        assert sign_up(one, session).state == "waiting"  # back, and behind
        withdraw(actor=two, session_id=session.pk, person_id=two.person_id)
    assert states(session) == ["waiting", "withdrawn", "joined"]


def test_who_waits_and_is_promised_elsewhere_meanwhile_is_passed_over(world: World) -> None:
    session, other = world.session(capacity=1), world.session(title="读书会")
    one, two, three = (world.resident(name) for name in "甲乙丙")
    for actor in (one, two, three):
        sign_up(actor, session)
    sign_up(two, other)
    withdraw(actor=one, session_id=session.pk, person_id=one.person_id)
    assert states(session) == ["withdrawn", "waiting", "joined"]


def test_signing_up_twice_is_once_and_leaving_twice_too(world: World) -> None:
    session, one = world.session(), world.resident("甲")
    assert sign_up(one, session).pk == sign_up(one, session).pk
    for _time in range(2):
        withdraw(actor=one, session_id=session.pk, person_id=one.person_id)
    assert states(session) == ["withdrawn"]


def test_nobody_is_promised_to_two_places_at_once(world: World) -> None:
    session, one = world.session(), world.resident("甲")
    sign_up(one, session)
    meeting = world.session(at=TOMORROW + HOUR, title="读书会")
    with pytest.raises(RuleViolation, match="清理楼道"):
        sign_up(one, meeting)
    after = world.session(at=TOMORROW + 2 * HOUR, title="晚会")  # begins when the first ends
    assert sign_up(one, after).state == "joined"


def test_conditions_of_age_and_skill(world: World) -> None:
    session = world.session(least_age=18, most_age=60, skill="medicine")
    one = world.resident("甲")
    skilled = frozenset({"medicine"})
    for more, field in (
        ({"skills": skilled}, "born_in"), ({"born_in": 2012, "skills": skilled}, "born_in"),
        ({"born_in": 1950, "skills": skilled}, "born_in"), ({"born_in": 1990}, "skills"),
    ):  # fmt: skip
        with pytest.raises(RuleViolation) as refused:
            sign_up(one, session, **more)
        assert refused.value.field == field
    assert sign_up(one, session, born_in=1990, skills=skilled).state == "joined"


def test_a_minor_waits_for_a_guardian_who_is_somebody_else_and_of_age(world: World) -> None:
    session, child, parent = world.session(), world.resident("小"), world.resident("家长")
    row = sign_up(child, session, born_in=2012)
    assert row.state == "asking" and row.is_minor
    with pytest.raises(NotAllowed, match="本人"):
        agree_as_guardian(actor=child, sign_up_id=row.pk)
    friend = world.resident("同学")
    sign_up(friend, session, born_in=2011)
    with pytest.raises(NotAllowed):
        agree_as_guardian(actor=friend, sign_up_id=row.pk)
    agreed = agree_as_guardian(actor=parent, sign_up_id=row.pk)
    assert (agreed.state, agreed.guardian_id) == ("joined", parent.person_id)


def test_who_may_still_be_seventeen_is_a_minor(world: World) -> None:
    session = world.session()
    assert sign_up(world.resident("甲"), session, born_in=2008).is_minor  # turns 18 some day of this year
    assert not sign_up(world.resident("乙"), session, born_in=2007).is_minor


def test_a_minor_without_a_word_keeps_the_seat_that_is_asked_for(world: World) -> None:
    session = world.session(capacity=1)
    sign_up(world.resident("小"), session, born_in=2012)
    assert sign_up(world.resident("甲"), session).state == "waiting"


def test_an_organiser_signs_up_who_has_no_phone_and_nobody_else_does(world: World) -> None:
    session, one, two = world.session(), world.resident("甲"), world.resident("乙")
    with pytest.raises(NotAllowed):
        join(actor=two, session_id=session.pk, who=Applicant(person_id=one.person_id))
    who = Applicant(person_id=one.person_id, born_in=2012)
    row = join(actor=world.actor("leader"), session_id=session.pk, who=who, paper_seen=True)
    assert (row.state, row.paper_seen_by_id) == ("joined", world.people["leader"].pk)
    with pytest.raises(NotAllowed):
        withdraw(actor=two, session_id=session.pk, person_id=one.person_id)


def test_the_organiser_sees_a_guardians_word_on_paper_later(world: World) -> None:
    session, child = world.session(), world.resident("小")
    sign_up(child, session, born_in=2012)
    given = {"session_id": session.pk, "person_id": child.person_id}
    with pytest.raises(NotVisible):
        note_guardians_paper(actor=world.actor("outsider"), **given)
    row = note_guardians_paper(actor=world.actor("leader"), **given)
    assert (row.state, row.paper_seen_by_id) == ("joined", world.people["leader"].pk)


def test_ones_own_word_is_no_guardians_paper(world: World) -> None:
    session, child = world.session(), world.resident("小")
    row = join(
        actor=child,
        session_id=session.pk,
        who=Applicant(person_id=child.person_id, born_in=2012),
        paper_seen=True,
    )
    assert row.state == "asking"


def test_closed_and_not_public_and_without_sign_up(world: World) -> None:
    session, one = world.session(), world.resident("甲")
    with clock.fixed(TOMORROW + HOUR), pytest.raises(RuleViolation):
        sign_up(one, session)
    with pytest.raises(NotVisible):
        sign_up(one, world.session(is_public=False))
    with pytest.raises(RuleViolation):
        sign_up(one, world.session(by_sign_up=False))
    with pytest.raises(NotVisible):
        join(actor=one, session_id=10**9, who=Applicant(person_id=one.person_id))


def test_a_guardian_comes_too_late(world: World) -> None:
    session, child = world.session(), world.resident("小")
    row = sign_up(child, session, born_in=2012)
    withdraw(actor=child, session_id=session.pk, person_id=child.person_id)
    with pytest.raises(Conflict):
        agree_as_guardian(actor=world.resident("家长"), sign_up_id=row.pk)
