"""Announcing, changing, moving and calling off; what cannot be is refused in words, naming the field."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from doorstep.kernel.activities.checks import NewSession
from doorstep.kernel.activities.models import Activity, Session, SignUp
from doorstep.kernel.activities.services import (
    announce,
    cancel_session,
    change_activity,
    move_session,
    note_insurance,
)
from doorstep.kernel.activities.services_sign_up import Applicant, join
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from tests.activities.world import NOW, ONE, TWO, World

HOUR = dt.timedelta(hours=1)
TOMORROW = NOW + dt.timedelta(days=1)


def times(starts=TOMORROW, hours=2.0, **more) -> NewSession:
    return NewSession(starts_at=starts, ends_at=starts + hours * HOUR, **more)


def test_a_team_leader_announces_for_the_team_and_it_is_written_once(world: World) -> None:
    key = uuid.uuid4()
    first = announce(
        actor=world.actor("leader"), new=world.new(), sessions=[times(), times(TOMORROW + 24 * HOUR)], key=key
    )
    again = announce(actor=world.actor("leader"), new=world.new(), sessions=[times()], key=key)
    assert first == again and Activity.objects.count() == 1
    assert [row.number for row in first.sessions.order_by("number")] == [1, 2]
    assert Entry.objects.filter(action="activities.announced", target_id=str(first.pk)).count() == 1


def test_the_team_may_serve_in_another_street_of_its_district_and_nobody_in_its_name(world: World) -> None:
    made = world.session(place_code=TWO)
    assert made.place_code == TWO
    with pytest.raises(NotVisible):  # neither the unit's people nor of this place
        announce(actor=world.actor("outsider"), new=world.new(), sessions=[times()], key=uuid.uuid4())
    with pytest.raises(NotVisible):
        announce(actor=world.resident("甲"), new=world.new(), sessions=[times()], key=uuid.uuid4())
    assert world.session("secretary").activity.organiser_id == world.team.pk  # keeps activities of the place


def test_a_leader_cannot_announce_for_another_unit(world: World) -> None:
    other = world.units["community_party_organisation", ONE]
    with pytest.raises(NotAllowed):
        announce(
            actor=world.actor("leader"),
            new=world.new(organiser_id=other.pk),
            sessions=[times()],
            key=uuid.uuid4(),
        )


@pytest.mark.parametrize(
    ("activity", "session", "field"),
    [
        ({"title": "  "}, {}, "title"), ({"title": "长" * 81}, {}, "title"), ({"where": ""}, {}, "where"),
        ({"text": "字" * 2001}, {}, "text"), ({"title": "清\x00理"}, {}, "title"), ({"kind": "party"}, {}, "kind"),
        ({"place_code": "210202999"}, {}, "place_code"), ({"least_age": 18, "most_age": 12}, {}, "most_age"),
        ({"least_age": 200}, {}, "least_age"), ({"venue_id": 10**9}, {}, "venue"),
        ({}, {"hours": 0}, "ends_at"), ({}, {"hours": -1}, "ends_at"), ({}, {"hours": 24.5}, "ends_at"),
        ({}, {"starts": NOW - HOUR}, "starts_at"), ({}, {"starts": NOW + dt.timedelta(days=4000)}, "starts_at"),
        ({}, {"capacity": 0}, "capacity"), ({}, {"capacity": 10**6}, "capacity"),
        ({}, {"closes_at": NOW + dt.timedelta(days=9)}, "closes_at"),
    ],
)  # fmt: skip
def test_what_cannot_be_announced_is_refused_by_field(world: World, activity, session, field) -> None:
    with pytest.raises(RuleViolation) as refused:
        announce(
            actor=world.actor("secretary"),
            new=world.new(**activity),
            sessions=[times(**session)],
            key=uuid.uuid4(),
        )
    assert refused.value.field == field and str(refused.value)
    assert not Activity.objects.exists() and not Session.objects.exists()


def test_a_day_of_24_hours_is_the_longest(world: World) -> None:
    assert world.session(hours=24).ends_at - TOMORROW == 24 * HOUR


def test_no_time_and_too_many_times(world: World) -> None:
    for sessions in ([], [times()] * 61):
        with pytest.raises(RuleViolation):
            announce(actor=world.actor("leader"), new=world.new(), sessions=sessions, key=uuid.uuid4())


def test_words_are_changed_once_and_a_stale_page_is_told(world: World) -> None:
    activity = world.session().activity
    change_activity(
        actor=world.actor("leader"), activity_id=activity.pk, expected_version=1, title="清理院子"
    )
    with pytest.raises(Conflict):
        change_activity(
            actor=world.actor("secretary"), activity_id=activity.pk, expected_version=1, title="别的"
        )
    activity.refresh_from_db()
    assert (activity.title, activity.lock_version) == ("清理院子", 2)
    entry = Entry.objects.get(action="activities.changed")
    assert entry.changes == {"title": ["清理楼道", "清理院子"]}


def test_a_moved_session_takes_its_people_along_and_lets_go_whom_it_would_split(world: World) -> None:
    session, other = world.session(), world.session(at=TOMORROW + 5 * HOUR, title="读书会")
    one, two = world.resident("甲"), world.resident("乙")
    for actor in (one, two):
        join(actor=actor, session_id=session.pk, who=Applicant(person_id=actor.person_id))
    join(actor=two, session_id=other.pk, who=Applicant(person_id=two.person_id))
    move_session(
        actor=world.actor("leader"), session_id=session.pk, new=times(TOMORROW + 5 * HOUR), expected_version=1
    )
    stands = {row.person_id: row for row in SignUp.objects.filter(session=session)}
    assert stands[one.person_id].state == "joined" and stands[one.person_id].starts_at == TOMORROW + 5 * HOUR
    assert stands[two.person_id].state == "withdrawn"
    assert SignUp.objects.get(session=other).state == "joined"


def test_more_seats_let_the_waiting_in(world: World) -> None:
    session = world.session(capacity=1)
    one, two = world.resident("甲"), world.resident("乙")
    for actor in (one, two):
        join(actor=actor, session_id=session.pk, who=Applicant(person_id=actor.person_id))
    assert SignUp.objects.get(person_id=two.person_id).state == "waiting"
    move_session(
        actor=world.actor("leader"), session_id=session.pk, new=times(capacity=2), expected_version=1
    )
    assert SignUp.objects.get(person_id=two.person_id).state == "joined"


def test_called_off_frees_everybody_and_cannot_be_called_off_twice(world: World) -> None:
    session, one = world.session(), world.resident("甲")
    join(actor=one, session_id=session.pk, who=Applicant(person_id=one.person_id))
    with pytest.raises(RuleViolation) as refused:
        cancel_session(actor=world.actor("leader"), session_id=session.pk, reason=" ", expected_version=1)
    assert refused.value.field == "reason"
    cancel_session(actor=world.actor("leader"), session_id=session.pk, reason="下大雨", expected_version=1)
    same_time = world.session(title="读书会")
    assert join(actor=one, session_id=same_time.pk, who=Applicant(person_id=one.person_id)).state == "joined"
    with pytest.raises(Conflict):
        cancel_session(
            actor=world.actor("leader"), session_id=session.pk, reason="下大雨", expected_version=2
        )
    with pytest.raises(Conflict):
        join(actor=one, session_id=session.pk, who=Applicant(person_id=one.person_id))


def test_the_organiser_alone_acts_and_others_do_not_see(world: World) -> None:
    session = world.session()
    with pytest.raises(NotVisible):
        cancel_session(
            actor=world.actor("outsider"), session_id=session.pk, reason="不办", expected_version=1
        )
    with pytest.raises(NotVisible):
        note_insurance(actor=world.resident("甲"), session_id=session.pk, policy="P1")
    assert note_insurance(actor=world.actor("street"), session_id=session.pk, policy=" P1 ").insurance == "P1"


def test_what_was_held_unannounced_is_entered_within_sixty_days(world: World) -> None:
    with clock.fixed(NOW):
        for days, ok in ((59, True), (61, False)):
            starts = NOW - dt.timedelta(days=days)
            if ok:
                announce(
                    actor=world.actor("leader"),
                    new=world.new(),
                    sessions=[times(starts)],
                    key=uuid.uuid4(),
                    past=True,
                )
            else:
                with pytest.raises(RuleViolation):
                    announce(
                        actor=world.actor("leader"),
                        new=world.new(),
                        sessions=[times(starts)],
                        key=uuid.uuid4(),
                        past=True,
                    )
