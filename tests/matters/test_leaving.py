"""Nobody leaves with open matters in hand: refused by number and page, handed over at once, then let go."""

import datetime as dt

import pytest

from doorstep.kernel.matters.models import History, Matter, Notice
from doorstep.kernel.matters.services_handover import hand_over, receivers_of, waiting_of
from doorstep.kernel.matters.work import left_behind
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services import (
    appoint_substitute,
    change_places,
    dissolve_unit,
    end_appointment,
)
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from tests.matters.offices import appoint_cast
from tests.matters.world import SYSTEM, UNTIL, opened, step
from tests.organisations.world import GRID, SECOND_GRID, person

DAY = dt.date(2026, 7, 1)


@pytest.fixture
def offices(world):
    appoint_cast(world)
    return world


def post_of(world, role):
    return Appointment.objects.get(person=world.people[role])


def end(world, role, on=DAY):
    return end_appointment(actor=SYSTEM, appointment_id=post_of(world, role).pk, on=on)


def in_hand(world, number=3):
    matters = [opened(world) for _number in range(number)]
    for matter in matters:
        step(world, "worker", matter, "accept")
    return matters


def test_a_worker_with_open_matters_is_not_let_go(offices):
    matters = in_hand(offices)
    step(offices, "worker", matters[0], "suspend", note="等配件", until=UNTIL)
    step(offices, "worker", matters[1], "handle", note="好了")
    with pytest.raises(RuleViolation, match="演示worker名下还有 2 件未结事项") as refused:
        end(offices, "worker")
    assert refused.value.page == f"/desk/hand-over/{offices.people['worker'].pk}/"
    assert post_of(offices, "worker").valid_to is None


def test_handed_over_at_once_and_let_go(offices):
    matters = in_hand(offices)
    step(offices, "worker", matters[0], "suspend", note="等配件", until=UNTIL)
    one, other = offices.people["worker"], offices.people["second_worker"]
    assert other in [row.person for row in receivers_of(matters, one.pk)]
    assert hand_over(actor=offices["community"], from_id=one.pk, to_id=other.pk, internal="调岗") == 3
    assert {row.handler_id for row in Matter.objects.all()} == {other.pk}
    assert sorted(Matter.objects.values_list("state", flat=True)) == ["in_progress"] * 2 + ["suspended"]
    assert History.objects.filter(name="hand_over", internal="调岗").count() == 3
    assert Notice.objects.filter(key="hand_over", person=other).count() == 3
    assert end(offices, "worker").valid_to == DAY
    with pytest.raises(NotVisible):
        hand_over(actor=offices["community"], from_id=one.pk, to_id=other.pk)


def test_only_to_who_serves_in_the_unit_that_holds_them(offices):
    matters = in_hand(offices, 1)
    for who in ("department", "street", "outsider", "resident"):
        with pytest.raises(RuleViolation, match="接收人须在承办单位任职"):
            hand_over(
                actor=offices["community"], from_id=offices.people["worker"].pk, to_id=offices.people[who].pk
            )
    with pytest.raises(NotVisible):
        hand_over(
            actor=offices["outsider"], from_id=offices.people["worker"].pk,
            to_id=offices.people["second_worker"].pk, matter_ids=[matters[0].pk],
        )  # fmt: skip
    assert not waiting_of(offices["neighbour"], offices.people["worker"].pk).exists()


def test_who_may_is_the_laws_to_say(offices):
    matter = in_hand(offices, 1)[0]
    reporter = offices["resident"]
    assert waiting_of(reporter, offices.people["worker"].pk).get() == Matter.objects.get(pk=matter.pk)
    with pytest.raises(NotAllowed):
        hand_over(
            actor=reporter, from_id=offices.people["worker"].pk, to_id=offices.people["second_worker"].pk
        )


def test_places_that_change_keep_what_lies_in_them(offices):
    in_hand(offices, 1)
    post = post_of(offices, "worker")
    row = change_places(actor=SYSTEM, appointment_id=post.pk, places=[GRID, SECOND_GRID], effective_on=DAY)
    with pytest.raises(RuleViolation, match="1 件未结事项"):
        change_places(
            actor=SYSTEM, appointment_id=row.pk, places=[SECOND_GRID], effective_on=DAY + dt.timedelta(days=9)
        )


def test_a_substitute_with_matters_in_hand_holds_the_end_back(offices):
    stand_in = person("演示代理")
    appoint_substitute(
        actor=SYSTEM, appointment_id=post_of(offices, "worker").pk, person_id=stand_in.pk,
        valid_from=dt.date(2026, 6, 1), valid_to=dt.date(2026, 12, 1),
    )  # fmt: skip
    matter = in_hand(offices, 1)[0]
    step(offices, "community", matter, "hand_over", person_id=stand_in.pk)
    with pytest.raises(RuleViolation, match="演示代理名下还有 1 件"):
        end(offices, "worker")


def test_a_unit_with_open_matters_does_not_end(offices):
    matter = opened(offices)
    step(offices, "street", matter, "dispatch", unit_id=offices.department.pk)
    with pytest.raises(RuleViolation, match="这个单位还有 1 件未结事项"):
        dissolve_unit(
            actor=SYSTEM, unit_id=offices.department.pk, effective_on=DAY, document="演示〔2026〕9号"
        )


def test_nobody_is_erased_with_matters_in_hand(world):
    in_hand(world, 1)
    with pytest.raises(RuleViolation, match="1 件未结事项"):
        erase_person(actor=SYSTEM, person=world.people["worker"], ground="asked")


def test_what_a_term_that_ran_out_left_behind_waits_for_the_office(offices):
    stand_in = person("演示代理")
    appoint_substitute(
        actor=SYSTEM, appointment_id=post_of(offices, "worker").pk, person_id=stand_in.pk,
        valid_from=dt.date(2026, 6, 1), valid_to=dt.date(2026, 6, 20),
    )  # fmt: skip
    matter = in_hand(offices, 1)[0]
    step(offices, "community", matter, "hand_over", person_id=stand_in.pk)
    before, after = (
        left_behind(offices["community"], day, 10) for day in (clock.today(), dt.date(2026, 6, 20))
    )
    assert before == ([], 0)
    items, count = after
    assert count == 1 and [item.url for item in items] == [f"/desk/hand-over/{stand_in.pk}/"]
    assert left_behind(offices["outsider"], dt.date(2026, 6, 20), 10) == ([], 0)
