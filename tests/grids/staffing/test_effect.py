"""A plan of workers sent, approved by a second person, and in effect: appointments, open matters, who stands in, notices; whole or
not at all."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import History
from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.selectors import holders_at
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.kernel.shared.names import name_keys
from doorstep.modules.grids import selectors_staffing, services_staffing, work
from doorstep.modules.grids.models import StaffPlan, StandIn
from tests.grids.reports import in_hand
from tests.grids.staffing.world import (
    FIRST,
    FOURTH,
    ONE,
    SECOND,
    STREET,
    THIRD,
    TODAY,
    Ground,
    made,
    working,
)
from tests.grids.world import SYSTEM

DOCUMENT = "演任〔2026〕9号"
LATER = TODAY + dt.timedelta(days=10)
DAY_BEFORE = LATER - dt.timedelta(days=1)


def moved(ground: Ground) -> StaffPlan:
    """The third grid goes from the second worker to the third."""
    plan = made(ground)
    services_staffing.move_grid(
        actor=ground.actor("street"), plan_id=plan.pk, grid=THIRD, worker=ground.workers["c"].pk
    )
    return plan


def sent(ground: Ground, on: dt.date = TODAY) -> StaffPlan:
    plan = moved(ground)
    return services_staffing.send_staffing(
        actor=ground.actor("street"), plan_id=plan.pk, effective_on=on, document=DOCUMENT
    )


def approved(ground: Ground, on: dt.date = TODAY) -> StaffPlan:
    plan = sent(ground, on)
    services_staffing.approve_staffing(actor=ground.actor("street2"), plan_id=plan.pk)
    plan.refresh_from_db()
    return plan


def persons(ground: Ground) -> dict[str, int]:
    return {name: row.person_id for name, row in ground.workers.items()}


def test_on_its_day_everybody_has_the_grids_of_the_plan(ground: Ground) -> None:
    plan = approved(ground, LATER)
    who = persons(ground)
    assert working()[THIRD] == [who["b"]], "not before its day"
    with clock.fixed(LATER):
        assert services_staffing.apply_due_staffing(actor=system_actor("tests")) == 1
        assert services_staffing.apply_due_staffing(actor=system_actor("tests")) == 0
        assert working(LATER) == {
            FIRST: [who["a"]], SECOND: [who["b"]], THIRD: [who["c"]], FOURTH: [who["c"]],
        }  # fmt: skip
        assert working(DAY_BEFORE)[THIRD] == [who["b"]]
    old = Appointment.objects.get(pk=ground.workers["b"].pk)
    assert (old.valid_to, old.end_reason) == (LATER, "范围调整")
    new = Appointment.objects.in_force(LATER).get(person_id=who["b"], post="grid_worker")
    assert (new.document, new.valid_from, new.valid_to) == (DOCUMENT, LATER, None)
    assert Appointment.objects.get(pk=ground.workers["a"].pk).valid_to is None, "untouched"
    assert Entry.objects.filter(action="organisations.rearranged").count() == 2
    told = set(
        Notice.objects.filter(about="grids.staffing", about_id=plan.pk).values_list("person_id", "key")
    )
    assert told == {
        (who["b"], "yours"), (who["c"], "yours"), (ground.world.people["secretary"].pk, "community"),
    }  # fmt: skip
    with clock.fixed(LATER), pytest.raises(Conflict, match="已经生效"):
        services_staffing.take_back_staffing(actor=ground.actor("street"), plan_id=plan.pk)


def test_open_matters_of_a_grid_that_changes_hands_go_along_once(ground: Ground) -> None:
    who = persons(ground)
    third, second = in_hand(ground.world, "b", THIRD, ground), in_hand(ground.world, "b", SECOND, ground)
    approved(ground)
    for matter in (third, second):
        matter.refresh_from_db()
    assert (third.handler_id, second.handler_id) == (who["c"], who["b"])
    (row,) = History.objects.filter(name="hand_over")
    assert row.matter_id == third.pk and DOCUMENT in row.internal and row.source == row.target
    assert Notice.objects.filter(matter=third, key="hand_over", person_id=who["c"]).count() == 1
    services_staffing.apply_due_staffing(actor=system_actor("tests"))
    assert History.objects.filter(name="hand_over").count() == 1


def test_without_the_plan_nobody_loses_a_grid_with_matters(ground: Ground) -> None:
    """The rule that the plan keeps by handing over."""
    in_hand(ground.world, "b", THIRD, ground)
    with pytest.raises(RuleViolation, match="未结事项"):
        organisations.change_places(
            actor=ground.actor("street"), appointment_id=ground.workers["b"].pk, places=[SECOND], effective_on=LATER
        )  # fmt: skip


def test_what_changes_is_told_beforehand_and_nothing_stays(ground: Ground) -> None:
    matter = in_hand(ground.world, "b", THIRD, ground)
    plan = sent(ground, LATER)
    found = selectors_staffing.staffing_changes(ground.actor("secretary"), plan)
    assert [(one.name, one.before, one.after) for one in found["changed"]] == [
        ("演示乙", ["第2网格", "第3网格"], ["第2网格"]), ("演示丙", ["第4网格"], ["第3网格", "第4网格"]),
    ]  # fmt: skip
    assert (found["matters"], found["problem"]) == (1, "")
    matter.refresh_from_db()
    assert matter.handler_id == persons(ground)["b"] and not History.objects.filter(name="hand_over").exists()
    assert not StandIn.objects.exists() and working(LATER)[THIRD] == [persons(ground)["b"]]


def test_who_stands_in_goes_on_and_the_list_is_proposed(ground: Ground) -> None:
    """The second worker is on leave on the day; the deputy stands in."""
    until = TODAY + dt.timedelta(days=30)
    deputy = ground.world.people["deputy"]
    organisations.appoint_substitute(
        actor=SYSTEM,
        appointment_id=ground.workers["b"].pk,
        person_id=deputy.pk,
        valid_from=TODAY,
        valid_to=until,
    )
    plan = approved(ground, LATER)
    with clock.fixed(LATER):
        services_staffing.apply_due_staffing(actor=system_actor("tests"))
        (held,) = holders_at(SECOND, "grid_worker", LATER)
        assert held.acting.person == deputy
        (third,) = holders_at(THIRD, "grid_worker", LATER)
        assert third.acting.person_id == persons(ground)["c"]
        assert StandIn.objects.filter(plan=plan).count() == 3
        now = Appointment.objects.in_force(LATER).get(person_id=persons(ground)["c"], post="grid_worker")
        other = selectors_staffing.proposed_stand_in(now)
        assert other is not None and other.person_id != now.person_id


def test_the_sender_cannot_approve_not_even_past_the_service(ground: Ground) -> None:
    plan = sent(ground)
    with pytest.raises(NotAllowed, match="另一位"):
        services_staffing.approve_staffing(actor=ground.actor("street"), plan_id=plan.pk)
    with pytest.raises(IntegrityError, match="staff_plan_second_person"), transaction.atomic():
        StaffPlan.objects.filter(pk=plan.pk).update(approved_by=plan.sent_by)


def test_who_may_approve_and_who_may_not(ground: Ground) -> None:
    plan = sent(ground, LATER)
    for role, refusal in (("deputy", NotAllowed), ("outsider", NotVisible), ("worker", NotVisible)):
        with pytest.raises(refusal):
            services_staffing.approve_staffing(actor=ground.actor(role), plan_id=plan.pk)
    assert work.staffing_waiting(ground.actor("street"), TODAY, 5)[1] == 0
    items, count = work.staffing_waiting(ground.actor("secretary"), TODAY, 5)
    assert count == 1 and next(iter(items)).url == f"/desk/grids/staffing/{plan.pk}/"
    services_staffing.approve_staffing(actor=ground.actor("secretary"), plan_id=plan.pk)


def test_sent_back_it_comes_to_who_sent_it(ground: Ground) -> None:
    plan = sent(ground, LATER)
    services_staffing.send_back_staffing(
        actor=ground.actor("street2"), plan_id=plan.pk, reason="第3网格先不动"
    )
    items, count = work.staffing_come_back(ground.actor("street"), TODAY, 5)
    assert count == 1 and next(iter(items)).detail == "第3网格先不动"
    assert (
        Notice.objects.get(about="grids.staffing", key="back").person_id == ground.world.people["street"].pk
    )


def test_taken_back_it_never_takes_effect(ground: Ground) -> None:
    plan = approved(ground, LATER)
    services_staffing.take_back_staffing(actor=ground.actor("street"), plan_id=plan.pk)
    with clock.fixed(LATER):
        assert services_staffing.apply_due_staffing(actor=system_actor("tests")) == 0
    assert working(LATER)[THIRD] == [persons(ground)["b"]]


def test_a_plan_like_today_is_not_sent(ground: Ground) -> None:
    plan = made(ground)
    with pytest.raises(RuleViolation, match="一样"):
        services_staffing.send_staffing(
            actor=ground.actor("street"), plan_id=plan.pk, effective_on=TODAY, document=DOCUMENT
        )


@pytest.mark.parametrize(
    ("of_b", "of_c"), [([SECOND, FOURTH], [THIRD]), ([SECOND], [FOURTH])], ids=["apart", "a grid of nobody"]
)
def test_what_nobody_should_approve_is_not_sent(ground: Ground, of_b: list[str], of_c: list[str]) -> None:
    """Today as it was, taken back to."""
    for name, places in (("b", of_b), ("c", of_c)):
        ground.workers[name].places.all().delete()
        for code in places:
            ground.workers[name].places.create(code=code)
    plan = made(ground)
    services_staffing.undo_staffing(actor=ground.actor("street"), plan_id=plan.pk)
    with pytest.raises(RuleViolation, match="还有网格没有网格员，或者一个人的网格不相邻"):
        services_staffing.send_staffing(
            actor=ground.actor("street"), plan_id=plan.pk, effective_on=TODAY, document=DOCUMENT
        )


def _left(ground: Ground) -> None:
    organisations.end_appointment(actor=SYSTEM, appointment_id=ground.workers["a"].pk, on=LATER)


def _others(ground: Ground) -> None:
    organisations.change_places(
        actor=SYSTEM, appointment_id=ground.workers["a"].pk, places=[FIRST, SECOND], effective_on=DAY_BEFORE
    )


def _new_worker(ground: Ground) -> None:
    ground.world.worker(FIRST, name="演示新", on=DAY_BEFORE)


def _new_grid(ground: Ground) -> None:
    Grid.objects.create(
        code=f"{ONE}009", community_id=ONE, valid_from=DAY_BEFORE, document="演批", **name_keys("第9网格")
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_left, "管“第1网格”的"),
        (_others, "管“第1网格”的"),
        (_new_worker, "管“第1网格”的"),
        (_new_grid, "“第9网格”"),
    ],
)
def test_what_the_day_refuses_is_said_and_nothing_is_done(ground: Ground, change, words: str) -> None:
    matter = in_hand(ground.world, "b", THIRD, ground)
    plan = approved(ground, LATER)
    change(ground)
    before = Appointment.objects.count()
    with clock.fixed(LATER):
        assert services_staffing.apply_due_staffing(actor=system_actor("tests")) == 0
    plan.refresh_from_db()
    assert plan.state == "refused" and words in plan.error
    assert (
        Notice.objects.get(about="grids.staffing", key="refused").person_id
        == ground.world.people["street"].pk
    )
    matter.refresh_from_db()
    assert matter.handler_id == persons(ground)["b"], "nothing was handed over"
    assert Appointment.objects.count() == before and not StandIn.objects.exists()


def test_half_done_is_not_done(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused at the very end, after matters and appointments were written: none of it stands."""
    from doorstep.modules.grids import staff_effect

    matter = in_hand(ground.world, "b", THIRD, ground)
    plan = approved(ground, LATER)

    def refuse(*_given: object) -> None:
        raise RuleViolation("演示：最后一步不成")

    monkeypatch.setattr(staff_effect, "_list_stand_ins", refuse)
    with clock.fixed(LATER):
        assert services_staffing.apply_due_staffing(actor=system_actor("tests")) == 0
    plan.refresh_from_db()
    matter.refresh_from_db()
    assert (plan.state, plan.error) == ("refused", "演示：最后一步不成")
    assert matter.handler_id == persons(ground)["b"] and not History.objects.filter(name="hand_over").exists()
    assert working(LATER)[THIRD] == [persons(ground)["b"]]


def test_every_act_is_audited(ground: Ground) -> None:
    plan = approved(ground)
    rows = Entry.objects.filter(target=StaffPlan._meta.label_lower, target_id=str(plan.pk)).order_by("id")
    assert list(rows.values_list("action", flat=True)) == [
        "grids.staffing_made", "grids.staffing_moved", "grids.staffing_sent", "grids.staffing_approved",
        "grids.staffing_applied",
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_after_any_plan_every_grid_has_one_worker_and_nobody_more_than_two_adjacent(
    ground: Ground, seed: int
) -> None:
    """A community of eight grids in two rows, workers and their grids by lot, moves by lot; then in effect."""
    chance = random.Random(seed)
    codes = _wider(ground)
    for row in ground.workers.values():
        row.places.all().delete()
    extra = chance.randint(1, 4)
    workers = [*ground.workers.values(), *(ground.world.worker(codes[0]) for _ in range(extra))]
    for row in workers:
        row.places.all().delete()
        for code in chance.sample(codes, chance.randint(1, 3)):
            row.places.create(code=code)
    plan = made(ground, keep=chance.choice(["few", "some", "even"]))
    actor = ground.actor("street")
    for _ in range(3):
        try:
            services_staffing.move_grid(
                actor=actor, plan_id=plan.pk, grid=chance.choice(codes), worker=chance.choice(workers).pk
            )
        except RuleViolation:
            continue
    try:
        services_staffing.send_staffing(actor=actor, plan_id=plan.pk, effective_on=TODAY, document=DOCUMENT)
    except RuleViolation as refused:
        assert "一样" in str(refused.message)
        return
    services_staffing.approve_staffing(actor=ground.actor("street2"), plan_id=plan.pk)
    plan.refresh_from_db()
    assert plan.state == "applied"
    beside = _beside(plan)
    found = working()
    assert set(found) == set(codes) and all(len(persons_) == 1 for persons_ in found.values())
    for row in workers:
        mine = sorted(code for code, (one,) in found.items() if one == row.person_id)
        assert 1 <= len(mine) <= 2
        assert len(mine) < 2 or tuple(mine) in beside


def _wider(ground: Ground) -> list[str]:
    """Four grids more, each north of one of the row."""
    from doorstep.kernel.places.models import Building, BuildingPlacement
    from tests.grids.plans.world import LEFT, LOW, STEP

    for at in range(4):
        grid = Grid.objects.create(
            code=f"{ONE}{at + 5:03}", community_id=ONE, valid_from=ground.plans.grids[0].valid_from, document="演批",
            **name_keys(f"第{at + 5}网格"),
        )  # fmt: skip
        for row in range(4):
            building = Building.objects.create(
                place_code=grid.code, longitude=LEFT + at * STEP, latitude=LOW + (4 + row) * STEP,
                households=20 + 10 * at, **name_keys(f"北{at}{row}号楼"),
            )  # fmt: skip
            BuildingPlacement.objects.create(building=building, grid=grid, valid_from=grid.valid_from)
    return list(
        Grid.objects.in_force().filter(community_id=ONE).order_by("code").values_list("code", flat=True)
    )


def _beside(plan: StaffPlan) -> set[tuple[str, str]]:
    from doorstep.modules.grids.staff_ground import ground_of

    ground = ground_of(plan)
    return {(plan.grids[one], plan.grids[other]) for one, other in ground.beside}


def test_a_plan_of_a_street_is_seen_below_once_sent(ground: Ground) -> None:
    plan = made(ground, place_code=STREET)
    with pytest.raises(NotVisible):
        selectors_staffing.staffing_seen(ground.actor("secretary"), plan.pk)
    services_staffing.move_grid(
        actor=ground.actor("street"), plan_id=plan.pk, grid=THIRD, worker=ground.workers["c"].pk
    )
    services_staffing.send_staffing(
        actor=ground.actor("street"), plan_id=plan.pk, effective_on=LATER, document=DOCUMENT
    )
    seen = selectors_staffing.staffing_seen(ground.actor("secretary"), plan.pk)
    assert not any(selectors_staffing.allowed(ground.actor("secretary"), seen).values())
    with pytest.raises(NotAllowed):
        services_staffing.approve_staffing(actor=ground.actor("secretary"), plan_id=plan.pk)
