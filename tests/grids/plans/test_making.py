"""A plan made, computed, looked at, moved about and taken back step by step."""

from __future__ import annotations

import json

import pytest

from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.grids import plan_runs, selectors_plans, services_plans
from doorstep.modules.grids.models import GridPlan
from doorstep.modules.grids.services_plans import PlanData
from tests.grids.plans.world import ONE, Ground


def made(ground: Ground, role: str = "street", **values) -> GridPlan:
    data = PlanData(**{"place_code": ONE, "title": "演示方案", "seconds": 1, "seed": 7, **values})
    return services_plans.create_plan(actor=ground.actor(role), data=data)


def computed(ground: Ground, **values) -> GridPlan:
    plan = made(ground, **values)
    plan_runs.run_plan(plan.pk)
    plan.refresh_from_db()
    return plan


def test_a_plan_is_made_computed_and_shown(ground: Ground) -> None:
    plan = made(ground)
    assert (plan.state, plan.asked, plan.current.kind) == ("waiting", {ONE: 4}, "today")
    plan_runs.run_plan(plan.pk)
    plan.refresh_from_db()
    assert (plan.state, plan.share, plan.error) == ("ready", 1.0, "")
    view = selectors_plans.studio(ground.actor("street"), plan)
    assert len(view.buildings) == 16
    assert [grid.name for grid in view.grids] == ["第1网格", "第2网格", "第3网格", "第4网格"]
    assert view.figures["broken"] == 0 and view.figures["part_max"] < view.today["part_max"]
    assert view.bounds is not None
    json.dumps(view.data)
    assert view.can["move"] and view.can["send"] and not view.can["approve"]


def test_progress_brings_labels_only_when_they_are_newer(ground: Ground) -> None:
    plan = computed(ground)
    actor = ground.actor("street")
    first = selectors_plans.progress(actor, plan, 0)
    assert len(first["labels"]) == 16
    assert "labels" not in selectors_plans.progress(actor, plan, first["at"])


def test_a_building_goes_where_the_officer_wants_it_and_back(ground: Ground) -> None:
    plan = computed(ground)
    before = plan.current.labels
    building, number = plan.buildings[0], (before[0] + 1) % 4
    version = services_plans.move_buildings(
        actor=ground.actor("street"),
        plan_id=plan.pk,
        moved={building: number},
        lock_version=plan.lock_version,
    )
    assert version.labels[0] == number and version.figures["broken"] == 0
    back = services_plans.undo(actor=ground.actor("street"), plan_id=plan.pk)
    assert back.labels == before


def test_who_may_not_make_one(ground: Ground) -> None:
    with pytest.raises(NotAllowed):
        made(ground, "secretary")
    with pytest.raises(NotVisible):
        made(ground, "outsider")


def test_an_unknown_number_is_refused_in_words(ground: Ground) -> None:
    with pytest.raises(RuleViolation, match="演示一社区"):
        made(ground, asked={ONE: 17})


def test_only_one_of_two_moves_of_one_version_holds(ground: Ground) -> None:
    plan = computed(ground)
    actor, version = ground.actor("street"), plan.lock_version
    other = (plan.current.labels[0] + 1) % 4
    services_plans.move_buildings(
        actor=actor, plan_id=plan.pk, moved={plan.buildings[0]: other}, lock_version=version
    )
    with pytest.raises(Conflict, match="演示street"):
        services_plans.move_buildings(
            actor=actor, plan_id=plan.pk, moved={plan.buildings[1]: other}, lock_version=version
        )
