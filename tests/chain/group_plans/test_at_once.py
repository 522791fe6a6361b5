"""Two at the same moment, over connections of their own."""

from __future__ import annotations

import pytest

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared.errors import Conflict
from doorstep.modules.chain import services_group_plans as plans
from doorstep.modules.chain.models import GroupPlan
from doorstep.modules.chain.selectors import GROUP
from tests.chain.group_plans import world
from tests.chain.group_plans.test_effect import LATER, approved, ending_one, sent, whole
from tests.chain.group_plans.world import Ground, fresh
from tests.chain.test_race import at_once
from tests.chain.world import TODAY


@pytest.fixture
def ground(fresh_database: str) -> Ground:
    return world.build()


def test_of_two_who_move_the_same_plan_one_wins_and_the_other_is_told(ground: Ground) -> None:
    plan = ground.made()
    labels, version = plan.current.labels, plan.lock_version
    street, secretary = ground.actor("street"), ground.actor("secretary")

    def move(actor):
        moved = {ground.buildings[2].pk: labels[3]}
        return lambda: plans.move_buildings(actor=actor, plan_id=plan.pk, moved=moved, lock_version=version)

    found = at_once(move(street), move(secretary))
    lost = [one for one in found if isinstance(one, Conflict)]
    assert len(lost) == 1 and "改过这个方案" in str(lost[0].message)
    assert fresh(plan).versions.count() == 3


def test_approved_twice_it_takes_effect_once(ground: Ground) -> None:
    plan = sent(ground, ending_one(ground), TODAY)
    actors = [ground.actor(role) for role in ("street", "district")]

    def approve(actor):
        return lambda: plans.approve_plan(actor=actor, plan_id=plan.pk, lock_version=plan.lock_version)

    found = at_once(*map(approve, actors))
    assert sum(isinstance(one, Conflict) for one in found) == 1, found
    assert Entry.objects.filter(action="chain.group_plan_applied").count() == 1
    whole(ground, TODAY)


def test_a_due_plan_takes_effect_once_however_often_it_is_called(ground: Ground) -> None:
    plan = approved(ground, ending_one(ground))
    GroupPlan.objects.filter(pk=plan.pk).update(effective_on=TODAY)
    found = at_once(*[lambda: plans.apply_due(actor=system_actor("tests"))] * 3)
    assert sorted(found) == [0, 0, 1]
    whole(ground, TODAY)


def test_taken_back_or_in_effect_but_never_both(ground: Ground) -> None:
    plan = approved(ground, ending_one(ground), LATER)
    GroupPlan.objects.filter(pk=plan.pk).update(effective_on=TODAY)
    actor, before = ground.actor("secretary"), UnitVersion.objects.filter(kind=GROUP).count()
    back, applied = at_once(
        lambda: plans.take_back(actor=actor, plan_id=plan.pk),
        lambda: plans.apply_due(actor=system_actor("tests")),
    )
    now = UnitVersion.objects.filter(kind=GROUP).count()
    if isinstance(back, Conflict):
        assert (fresh(plan).state, applied) == ("applied", 1) and now > before
    else:
        assert (fresh(plan).state, applied, now) == ("ready", 0, before)


def test_two_plans_of_one_community_never_both_take_effect_unseen(ground: Ground) -> None:
    ground.count([2] * 6 + [3] * 12)
    first, second = ground.made(asked={ground.left.pk: 1}), ground.made(asked={ground.left.pk: 3})
    for plan in (first, second):
        sent(ground, plan, TODAY)
    street, district = ground.actor("street"), ground.actor("district")
    found = at_once(
        lambda: plans.approve_plan(actor=street, plan_id=first.pk),
        lambda: plans.approve_plan(actor=district, plan_id=second.pk),
    )
    assert sum(isinstance(one, GroupPlan) for one in found) == 1, found
    whole(ground, TODAY)
