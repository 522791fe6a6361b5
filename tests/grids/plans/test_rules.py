"""What the services of plans refuse and keep: pins, names, workers, versions, who may do what, what makes a building heavy."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services import change_places
from doorstep.kernel.places.models import BuildingPlacement, Compound, Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.grids import plan_runs, selectors_plans, services_plans, work
from doorstep.modules.grids.models import GridPlan, RuleValue
from doorstep.modules.grids.plan_words import formula
from doorstep.modules.grids.services_difficulty import NewDifficulty, end_difficulty, set_difficulties
from tests.grids.plans.test_effect import DOCUMENT, LATER, approved, sent
from tests.grids.plans.test_making import computed, made
from tests.grids.plans.world import DISTRICT, ONE, STREET, TODAY, Ground
from tests.grids.world import BEGAN, SYSTEM


def test_a_pin_is_kept_by_repair_and_by_computing_on(ground: Ground) -> None:
    plan = computed(ground)
    actor = ground.actor("street")
    first, last = plan.buildings[0], plan.buildings[-1]
    other = plan.current.labels[-1]
    services_plans.draw_pin(
        actor=actor, plan_id=plan.pk, kind="inside", buildings=[first], number=other, words="同一个门洞"
    )
    services_plans.run_further(actor=actor, plan_id=plan.pk, seconds=1)
    plan_runs.run_plan(plan.pk)
    plan.refresh_from_db()
    assert plan.current.labels[0] == other and plan.current.figures["pins_broken"] == 0
    told = selectors_plans.explanation(actor, plan, other)
    assert any("“演示小区1号楼”定在" in one for one in told)
    pin = plan.pins.get()
    with pytest.raises(RuleViolation, match="演示小区1号楼"):
        services_plans.draw_pin(
            actor=actor, plan_id=plan.pk, kind="inside", buildings=[first], number=(other + 1) % 4
        )
    assert plan.pins.count() == 1, "what cannot be kept is not kept"
    services_plans.remove_pin(actor=actor, plan_id=plan.pk, pin_id=pin.pk)
    assert not plan.pins.exists() and last in plan.buildings
    with pytest.raises(NotVisible):
        services_plans.remove_pin(actor=actor, plan_id=plan.pk, pin_id=pin.pk)


@pytest.mark.parametrize(
    ("kind", "count", "words"),
    [("together", 1, "两栋以上"), ("apart", 3, "正好选两栋"), ("inside", 0, "定下来"), ("x", 1, "三种")],
)
def test_a_pin_that_says_nothing_is_refused(ground: Ground, kind: str, count: int, words: str) -> None:
    plan = computed(ground)
    with pytest.raises(RuleViolation, match=words):
        services_plans.draw_pin(
            actor=ground.actor("street"),
            plan_id=plan.pk,
            kind=kind,
            buildings=plan.buildings[:count],
            number=0,
        )


def test_only_new_grids_are_named_and_given_a_worker(ground: Ground) -> None:
    other = ground.world.worker(f"{ONE}001")
    plan = computed(ground, asked={ONE: 5})
    actor, new = ground.actor("street"), plan.grids.get(code="")
    with pytest.raises(RuleViolation, match="沿用原名"):
        services_plans.rename_grid(actor=actor, plan_id=plan.pk, number=0, name="甲")
    with pytest.raises(RuleViolation, match="已有名为“第1网格”"):
        services_plans.rename_grid(actor=actor, plan_id=plan.pk, number=new.number, name="第1网格")
    services_plans.rename_grid(actor=actor, plan_id=plan.pk, number=new.number, name="滨河网格")
    with pytest.raises(RuleViolation, match="只有新网格"):
        services_plans.choose_worker(actor=actor, plan_id=plan.pk, number=0, appointment_id=other.pk)
    with pytest.raises(RuleViolation, match="在任的网格员"):
        services_plans.choose_worker(
            actor=actor, plan_id=plan.pk, number=new.number, appointment_id=ground.world.posts["secretary"].pk
        )
    choices = {row[0]: row[2] for row in selectors_plans.worker_choices(actor, plan)}
    assert choices[other.pk] == ["第1网格"]
    assert selectors_plans.worker_choices(ground.actor("secretary"), plan) == []
    services_plans.choose_worker(actor=actor, plan_id=plan.pk, number=new.number, appointment_id=other.pk)
    services_plans.send_plan(actor=actor, plan_id=plan.pk, effective_on=TODAY, document=DOCUMENT)
    services_plans.approve_plan(actor=ground.actor("street2"), plan_id=plan.pk)
    grid = Grid.objects.get(name="滨河网格")
    assert Appointment.objects.in_force().get(places__code=grid.code).person_id == other.person_id


def test_a_worker_with_two_grids_does_not_get_a_third(ground: Ground) -> None:
    first = ground.world.posts["worker"].pk
    places = [f"{ONE}001", f"{ONE}002"]
    change_places(
        actor=SYSTEM, appointment_id=first, places=places, effective_on=BEGAN + dt.timedelta(days=1)
    )
    ground.world.worker(f"{ONE}003", f"{ONE}004")
    plan = approved(ground, asked={ONE: 5})
    assert plan.outcome["without_worker"] == ["第五网格"]
    assert not Appointment.objects.in_force().filter(places__code=f"{ONE}005").exists()


def test_versions_are_bounded_and_today_is_kept(ground: Ground) -> None:
    RuleValue.objects.filter(key="plan.versions_kept").update(value=10)
    plan = computed(ground)
    actor = ground.actor("street")
    for number in range(12):
        services_plans.move_buildings(actor=actor, plan_id=plan.pk, moved={plan.buildings[0]: number % 2})
    numbers = list(plan.versions.order_by("number").values_list("number", flat=True))
    assert numbers[0] == 1 and len(numbers) == 10 and numbers[1:] == list(range(6, 15))


def test_undo_goes_back_step_by_step_to_today(ground: Ground) -> None:
    plan = computed(ground)
    actor = ground.actor("street")
    run = plan.current.labels
    services_plans.move_buildings(actor=actor, plan_id=plan.pk, moved={plan.buildings[0]: (run[0] + 1) % 4})
    assert services_plans.undo(actor=actor, plan_id=plan.pk).labels == run
    today = services_plans.undo(actor=actor, plan_id=plan.pk)
    assert today.labels == plan.versions.get(number=1).labels
    with pytest.raises(RuleViolation, match="最早的一版"):
        services_plans.undo(actor=actor, plan_id=plan.pk)


def test_while_it_is_computed_it_is_not_moved_but_stopped(ground: Ground) -> None:
    plan = made(ground, seconds=60)
    actor = ground.actor("street")
    with pytest.raises(Conflict, match="正在计算"):
        services_plans.move_buildings(actor=actor, plan_id=plan.pk, moved={plan.buildings[0]: 1})
    with pytest.raises(Conflict, match="正在计算"):
        services_plans.run_further(actor=actor, plan_id=plan.pk)
    services_plans.stop_run(actor=actor, plan_id=plan.pk)
    plan_runs.run_plan(plan.pk)
    plan.refresh_from_db()
    assert (plan.state, plan.current.kind) == ("ready", "run")


def test_what_nobody_should_approve_is_not_sent(ground: Ground) -> None:
    plan = computed(ground)
    actor = ground.actor("street")

    def send(**values):
        asked = {"effective_on": TODAY, "document": DOCUMENT, **values}
        return services_plans.send_plan(actor=actor, plan_id=plan.pk, **asked)

    with pytest.raises(RuleViolation, match="早于今天"):
        send(effective_on=TODAY - dt.timedelta(days=1))
    with pytest.raises(RuleViolation, match="文号"):
        send(document=" ")
    services_plans.undo(actor=actor, plan_id=plan.pk)
    with pytest.raises(RuleViolation, match="和现状一样"):
        send()
    with pytest.raises(NotAllowed):
        services_plans.send_plan(
            actor=ground.actor("secretary"), plan_id=plan.pk, effective_on=TODAY, document=DOCUMENT
        )


def test_sent_back_it_comes_to_who_sent_it(ground: Ground) -> None:
    plan = sent(ground, LATER)
    waiting, count = work.plans_waiting(ground.actor("street2"), TODAY, 5)
    assert count == 1 and next(iter(waiting)).title == "演示方案"
    assert work.plans_waiting(ground.actor("street"), TODAY, 5)[1] == 0
    with pytest.raises(RuleViolation, match="退回的原因"):
        services_plans.send_back(actor=ground.actor("street2"), plan_id=plan.pk, reason=" ")
    services_plans.send_back(actor=ground.actor("street2"), plan_id=plan.pk, reason="第4网格太散")
    items, count = work.plans_come_back(ground.actor("street"), TODAY, 5)
    assert count == 1 and next(iter(items)).detail == "第4网格太散"
    with pytest.raises(Conflict):
        services_plans.approve_plan(actor=ground.actor("street2"), plan_id=plan.pk)


def test_a_day_gone_by_is_not_approved(ground: Ground) -> None:
    plan = sent(ground, TODAY)
    with clock.fixed(LATER), pytest.raises(RuleViolation, match="已经过去"):
        services_plans.approve_plan(actor=ground.actor("street2"), plan_id=plan.pk)


def test_a_plan_of_a_street_is_approved_above_and_seen_below_once_sent(ground: Ground) -> None:
    plan = made(ground, place_code=STREET)
    secretary = ground.actor("secretary")
    with pytest.raises(NotVisible):
        selectors_plans.plan_seen(secretary, plan.pk)
    with pytest.raises(NotVisible):
        services_plans.remark(actor=secretary, plan_id=plan.pk, text="我们也想说")
    plan_runs.run_plan(plan.pk)
    services_plans.send_plan(
        actor=ground.actor("street"), plan_id=plan.pk, effective_on=LATER, document=DOCUMENT
    )
    seen = selectors_plans.plan_seen(secretary, plan.pk)
    assert {key for key, may in selectors_plans.allowed(secretary, seen).items() if may} == {"remark"}
    services_plans.remark(actor=secretary, plan_id=plan.pk, text="第1网格里有学校")
    view = selectors_plans.studio(ground.actor("district"), seen)
    assert view.remarks[0]["text"] == "第1网格里有学校" and view.can["approve"]
    with pytest.raises(NotVisible):
        selectors_plans.plan_seen(ground.actor("worker"), plan.pk)
    with pytest.raises(NotAllowed):
        services_plans.approve_plan(actor=secretary, plan_id=plan.pk)


def test_the_district_is_planned_by_the_district_alone(ground: Ground) -> None:
    with pytest.raises(NotVisible):
        made(ground, "street", place_code=DISTRICT)
    plan = made(ground, "district", place_code=DISTRICT)
    assert set(plan.asked) == {ONE, "210202006001"}
    with pytest.raises(NotVisible):
        selectors_plans.plan_seen(ground.actor("street"), plan.pk)


def test_of_two_plans_of_one_place_the_second_is_refused_in_words(ground: Ground) -> None:
    first, second = computed(ground), computed(ground, seed=11)
    for plan in (first, second):
        services_plans.send_plan(
            actor=ground.actor("street"), plan_id=plan.pk, effective_on=TODAY, document=DOCUMENT
        )
    services_plans.approve_plan(actor=ground.actor("street2"), plan_id=first.pk)
    with pytest.raises(RuleViolation, match="方案做好以后"):
        services_plans.approve_plan(actor=ground.actor("street2"), plan_id=second.pk)


def test_a_compound_that_is_harder_makes_its_buildings_heavier(ground: Ground) -> None:
    secretary = ground.actor("secretary")
    new = NewDifficulty(compound_id=ground.compound.pk, factor=1.5, reason="没有电梯", valid_from=TODAY)
    row, kept = set_difficulties(actor=secretary, difficulties=[new])[0]
    assert (kept, row.place_code) == ("added", ONE)
    assert set_difficulties(actor=secretary, difficulties=[new])[0][1] == "unchanged"
    plan = made(ground)
    loads = {
        one.households: one.load for one in selectors_plans.studio(ground.actor("street"), plan).buildings
    }
    assert loads == {80: 122.0, 40: 62.0}
    with pytest.raises(RuleViolation, match="难度系数应在"):
        set_difficulties(
            actor=secretary,
            difficulties=[NewDifficulty(compound_id=new.compound_id, factor=4, reason="x", valid_from=TODAY)],
        )
    with pytest.raises(NotVisible):
        set_difficulties(actor=ground.actor("outsider"), difficulties=[new])
    end_difficulty(actor=secretary, difficulty_id=row.pk, ended_on=LATER)
    assert not type(row).objects.in_force(LATER).exists()


def test_a_compound_goes_along_when_all_its_buildings_do(ground: Ground) -> None:
    Compound.objects.filter(pk=ground.compound.pk).update(place_code=f"{ONE}001")
    approved(ground, asked={ONE: 5})
    assert Compound.objects.get(pk=ground.compound.pk).place_code == ONE


def test_every_act_is_audited(ground: Ground) -> None:
    plan = approved(ground, asked={ONE: 3})
    rows = Entry.objects.filter(target=GridPlan._meta.label_lower, target_id=str(plan.pk)).order_by("id")
    assert list(rows.values_list("action", flat=True)) == [
        "grids.plan_made", "grids.plan_sent", "grids.plan_approved", "grids.plan_applied"
    ]  # fmt: skip
    assert Entry.objects.filter(action="places.grid_merged").count() == 1
    moved = Entry.objects.filter(action="places.building_moved").count()
    assert moved == BuildingPlacement.objects.filter(valid_from=TODAY).count()


def test_how_work_is_counted_is_said_in_the_readers_language() -> None:
    weights = {"since": "2026-01-01", "household": 1, "difficulty": 0.5, "building": 2}
    assert formula(weights) == "自 2026-01-01 起：工作量 = 2 + 1 × 户数 × （1 + 0.5 × （难度系数 − 1））"
    with translation.override("en"):
        assert formula({**weights, "building": 0}) == (
            "since 2026-01-01: work = 1 × households × (1 + 0.5 × (difficulty − 1))"
        )
