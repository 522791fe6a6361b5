"""Two at the same moment, over connections of their own."""

from __future__ import annotations

from typing import Any

import pytest

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.models import History
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.modules.grids import services_staffing
from doorstep.modules.grids.models import StaffPlan, StandIn
from tests.grids.plans.test_at_once import together
from tests.grids.reports import in_hand, worker_actor
from tests.grids.staffing import world as staffing
from tests.grids.staffing.test_effect import LATER, approved, persons, sent
from tests.grids.staffing.world import THIRD, TODAY, Ground, made, working

TIMES = 4


@pytest.fixture
def ground(fresh_database: str) -> Ground:
    return staffing.build()


def due(ground: Ground) -> StaffPlan:
    """Approved for a day that is today now."""
    plan = approved(ground, LATER)
    StaffPlan.objects.filter(pk=plan.pk).update(effective_on=TODAY)
    return plan


def test_of_two_who_move_the_same_plan_one_wins_and_the_other_is_told(ground: Ground) -> None:
    plan = made(ground)
    version = plan.lock_version

    def move(role: str, name: str) -> Any:
        actor, worker = ground.actor(role), ground.workers[name].pk
        return lambda: services_staffing.move_grid(
            actor=actor, plan_id=plan.pk, grid=THIRD, worker=worker, lock_version=version
        )

    found = together(move("street", "c"), move("secretary", "c"))
    lost = [one for one in found if isinstance(one, Conflict)]
    assert len(lost) == 1 and "改过这个方案" in str(lost[0].message)
    plan.refresh_from_db()
    assert plan.lock_version == version + 1 and plan.versions.count() == 3


def test_a_due_plan_takes_effect_once_and_hands_over_once(ground: Ground) -> None:
    matter = in_hand(ground.world, "b", THIRD, ground)
    plan = due(ground)
    found = together(*[lambda: services_staffing.apply_due_staffing(actor=system_actor("tests"))] * TIMES)
    assert sorted(found) == [0, 0, 0, 1]
    assert History.objects.filter(matter=matter, name="hand_over").count() == 1
    assert Entry.objects.filter(action="grids.staffing_applied").count() == 1
    assert StandIn.objects.filter(plan=plan).count() == 3
    assert all(len(one) == 1 for one in working().values())


def test_taken_back_or_in_effect_but_never_both(ground: Ground) -> None:
    plan = due(ground)
    actor = ground.actor("street")
    back, applied = together(
        lambda: services_staffing.take_back_staffing(actor=actor, plan_id=plan.pk),
        lambda: services_staffing.apply_due_staffing(actor=system_actor("tests")),
    )
    plan.refresh_from_db()
    third = working()[THIRD]
    if isinstance(back, Conflict):
        assert (plan.state, applied, third) == ("applied", 1, [persons(ground)["c"]])
    else:
        assert (plan.state, applied, third) == ("ready", 0, [persons(ground)["b"]])


def test_approved_or_taken_back_but_never_both(ground: Ground) -> None:
    plan = sent(ground)
    one, other = ground.actor("street2"), ground.actor("street")
    approved_, back = together(
        lambda: services_staffing.approve_staffing(actor=one, plan_id=plan.pk),
        lambda: services_staffing.take_back_staffing(actor=other, plan_id=plan.pk),
    )
    plan.refresh_from_db()
    assert isinstance(approved_, Conflict) != isinstance(back, Conflict)
    assert plan.state == ("ready" if isinstance(approved_, Conflict) else "applied")


def test_what_its_handler_finishes_meanwhile_is_not_handed_over(ground: Ground) -> None:
    """Whichever is first: done by who had it, or handed over and then the step is another's."""
    matter = in_hand(ground.world, "b", THIRD, ground)
    due(ground)
    actor = worker_actor(ground.workers["b"])
    done, applied = together(
        lambda: matters.apply_transition(
            actor=actor, matter_id=matter.pk, name="handle", inputs=Inputs(note="灯换好了")
        ),
        lambda: services_staffing.apply_due_staffing(actor=system_actor("tests")),
    )
    matter.refresh_from_db()
    handed = History.objects.filter(matter=matter, name="hand_over").count()
    assert applied == 1, "the plan never fails for it"
    assert (matter.state == "handled") == (not isinstance(done, Exception))
    assert handed == (0 if matter.state == "handled" and matter.handler_id == persons(ground)["b"] else 1)


def test_a_hand_change_of_the_same_workers_waits_or_wins(ground: Ground) -> None:
    """Somebody arranges by hand while the plan takes effect: one of both, never half of each."""
    from doorstep.kernel.organisations import services as organisations
    from tests.grids.staffing.world import SECOND

    plan = due(ground)
    actor = ground.actor("secretary")
    by_hand, applied = together(
        lambda: organisations.change_places(
            actor=actor, appointment_id=ground.workers["b"].pk, places=[SECOND], effective_on=TODAY
        ),
        lambda: services_staffing.apply_due_staffing(actor=system_actor("tests")),
    )
    plan.refresh_from_db()
    if applied:
        assert isinstance(by_hand, RuleViolation | Exception) and plan.state == "applied"
        assert all(len(one) == 1 for one in working().values())
    else:
        assert not isinstance(by_hand, Exception) and plan.state == "refused"
        assert THIRD not in working()
