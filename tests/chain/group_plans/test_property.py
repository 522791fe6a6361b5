"""Whatever was counted, asked and moved: a plan in effect leaves each building in exactly one group, and every group adjacent
inside its branch."""

from __future__ import annotations

from django.db import transaction
from hypothesis import HealthCheck, given, settings, strategies

from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.chain import services_group_plans as plans
from doorstep.modules.chain.group_instances import figures_of, ground_of
from doorstep.modules.chain.models import GroupPlan
from tests.chain.group_plans.test_effect import approved, whole
from tests.chain.group_plans.world import Ground, fresh
from tests.chain.world import TODAY


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(strategies.data())
def test_a_plan_in_effect_leaves_everything_whole(ground: Ground, data: strategies.DataObject) -> None:
    with transaction.atomic():
        ground.count(data.draw(strategies.lists(strategies.integers(0, 6), min_size=18, max_size=18)))
        plan = ground.made(
            minimum=data.draw(strategies.integers(3, 6)), size=data.draw(strategies.integers(6, 15)),
            branch_id=data.draw(strategies.sampled_from([None, ground.left.pk])),
        )  # fmt: skip
        _move_about(ground, plan, data)
        plan = fresh(plan)
        assert plan.current.figures == figures_of(ground_of(plan), plan.current.labels)
        assert plan.current.figures["pins_broken"] == 0
        if plan.current.labels != plan.versions.get(number=1).labels:
            approved(ground, plan, TODAY, approval="演批〔2026〕7号")
            _whole_inside(ground, plan)
        transaction.set_rollback(True)


def _move_about(ground: Ground, plan: GroupPlan, data: strategies.DataObject) -> None:
    """Buildings to groups of others, as somebody might drag them; what is refused is not done."""
    for _turn in range(data.draw(strategies.integers(0, 4))):
        labels = fresh(plan).current.labels
        at, onto = (data.draw(strategies.integers(0, len(labels) - 1)) for _ in range(2))
        number = data.draw(strategies.sampled_from([labels[onto], None]))
        kind = data.draw(strategies.sampled_from(["move", "together", "apart", "inside"]))
        try:
            if kind != "move":
                pair = [plan.buildings[at], *([plan.buildings[onto]] if kind != "inside" else [])]
                plans.draw_pin(
                    actor=ground.actor("street"), plan_id=plan.pk, kind=kind, buildings=pair, number=labels[onto]
                )  # fmt: skip
                continue
            with transaction.atomic():
                plans.move_buildings(
                    actor=ground.actor("street"), plan_id=plan.pk, moved={plan.buildings[at]: number}
                )
        except RuleViolation:
            continue


def _whole_inside(ground: Ground, plan: GroupPlan) -> None:
    if plan.branch_id is None:
        whole(ground, TODAY)
        return
    kept = ground.world.buildings
    try:
        ground.world.buildings = {code: kept[code] if code.endswith("001") else [] for code in kept}
        whole(ground, TODAY)
    finally:
        ground.world.buildings = kept
