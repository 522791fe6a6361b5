"""A plan of grids drawn around the workers in office: fair for them, named, carried to the day it takes effect."""

from __future__ import annotations

import pytest

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.matters.models import History
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.grids import instances, plan_runs, selectors_plans, services_plans
from doorstep.modules.grids.models import GridPlan
from doorstep.modules.grids.plan_staffing import heaviest_worker
from tests.grids.plans.test_effect import DOCUMENT, LATER, whole
from tests.grids.plans.test_making import computed, made
from tests.grids.plans.world import ONE, TODAY, Ground
from tests.grids.reports import in_hand
from tests.grids.staffing.world import working


@pytest.fixture
def workers(ground: Ground) -> dict[str, Appointment]:
    """Three workers for four grids; who has the first and heaviest has the second too."""
    first = ground.world.posts["worker"]
    first.places.create(code=f"{ONE}002")
    return {
        "a": first, "b": ground.world.worker(f"{ONE}003", name="演示乙"), "c": ground.world.worker(f"{ONE}004", name="演示丙")
    }  # fmt: skip


class Held:
    """As the reports' helper wants it."""

    def __init__(self, workers: dict[str, Appointment]) -> None:
        self.workers = workers


def fairness(ground: Ground, plan: GridPlan) -> float:
    view = selectors_plans.studio(ground.actor("street"), plan)
    loads = {one.number: one.load for one in view.grids if one.buildings}
    return heaviest_worker(loads, {one.number: one.community for one in view.grids}, plan.workers)


def test_the_workers_are_as_even_as_the_buildings_allow(
    ground: Ground, workers: dict[str, Appointment]
) -> None:
    plan = computed(ground, with_staff=True, seconds=3)
    assert (plan.state, plan.error) == ("ready", "")
    assert len(plan.workers) == 4 and set(plan.workers.values()) == {row.pk for row in workers.values()}
    assert plan.current.figures["broken"] == 0 and plan.current.figures["wrong_number"] == 0
    labels = dict(zip(plan.buildings, plan.current.labels, strict=True))
    assert len(set(labels.values())) == 4
    # 4 × 82 + 12 × 42 = 832 for three: 277 each; one building more or less is 42
    assert fairness(ground, plan) <= 1.2
    today = instances.ground_of(plan).today
    kept = sum(one == other for one, other in zip(plan.current.labels, today, strict=True))
    assert kept >= 8, "a grid has the number of today's of which it has most"


def send(ground: Ground, plan: GridPlan, on=TODAY) -> GridPlan:
    services_plans.send_plan(
        actor=ground.actor("street"), plan_id=plan.pk, effective_on=on, document=DOCUMENT
    )
    services_plans.approve_plan(actor=ground.actor("street2"), plan_id=plan.pk)
    plan.refresh_from_db()
    return plan


def test_on_its_day_everybody_has_the_grids_named_and_matters_go_along_once(
    ground: Ground, workers: dict[str, Appointment]
) -> None:
    codes = {"a": [f"{ONE}001", f"{ONE}002"], "b": [f"{ONE}003"], "c": [f"{ONE}004"]}
    matters = [
        in_hand(ground.world, name, code, Held(workers)) for name, mine in codes.items() for code in mine
    ]
    plan = send(ground, computed(ground, with_staff=True, seconds=2), LATER)
    assert not History.objects.filter(name="hand_over").exists()
    with clock.fixed(LATER):
        assert services_plans.apply_due(actor=system_actor("tests")) == 1
        whole()
        found = working(LATER)
        persons = {row.pk: row.person_id for row in workers.values()}
        by_code = {row.code or row.name: plan.workers[str(row.number)] for row in plan.grids.all()}
        for code, (person,) in found.items():
            assert person == persons[by_code[code]]
        assert set(found) == set(by_code)
        for matter in matters:
            matter.refresh_from_db()
            assert matter.handler_id == found[matter.place_code][0]
        rows = list(History.objects.filter(name="hand_over").values_list("matter_id", flat=True))
        assert len(rows) == len(set(rows))


def test_who_works_a_grid_is_chosen_and_what_is_no_arrangement_is_not_sent(
    ground: Ground, workers: dict[str, Appointment]
) -> None:
    plan = computed(ground, with_staff=True, seconds=2)
    actor = ground.actor("street")
    numbers = [row.number for row in plan.grids.order_by("number")]
    for number in numbers:
        services_plans.choose_worker(
            actor=actor, plan_id=plan.pk, number=number, appointment_id=workers["a"].pk
        )
    with pytest.raises(RuleViolation, match="至多两个网格"):
        send(ground, plan)
    services_plans.choose_worker(actor=actor, plan_id=plan.pk, number=numbers[0], appointment_id=None)
    with pytest.raises(RuleViolation, match="还有网格没有选网格员"):
        send(ground, plan)


@pytest.mark.parametrize(("asked", "words"), [(2, "有人会没有网格"), (7, "至少要4名网格员，现在有3名")])
def test_numbers_that_cannot_be_are_refused_when_it_is_made(
    ground: Ground, workers: dict[str, Appointment], asked: int, words: str
) -> None:
    with pytest.raises(RuleViolation, match=words) as refused:
        made(ground, with_staff=True, asked={ONE: asked})
    assert "演示一社区" in str(refused.value.message) and not GridPlan.objects.exists()


def test_who_left_meanwhile_is_told_when_it_is_computed(
    ground: Ground, workers: dict[str, Appointment]
) -> None:
    plan = made(ground, with_staff=True)
    Appointment.objects.filter(pk__in=[workers["b"].pk, workers["c"].pk]).update(valid_to=TODAY)
    plan_runs.run_plan(plan.pk)
    plan.refresh_from_db()
    assert plan.state == "ready" and "至少要2名网格员" in plan.error


def test_a_worker_without_a_grid_on_the_day_is_refused(
    ground: Ground, workers: dict[str, Appointment]
) -> None:
    """Somebody was appointed after the plan was made: with it they would have none."""
    plan = computed(ground, with_staff=True, seconds=2)
    ground.world.worker(f"{ONE}004", name="演示新")
    with pytest.raises(RuleViolation, match="管“第4网格”的一名网格员在方案里没有网格"):
        send(ground, plan)
