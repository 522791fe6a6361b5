"""A plan of workers sent, approved by a second person, taken back until it takes effect, and put into effect on its day."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.grids import services_approval as approval
from doorstep.modules.grids.models import StaffPlan
from doorstep.modules.grids.staff_effect import carry_out
from doorstep.modules.grids.staff_telling import tell_back, tell_refused


def _refuse_unfit(plan: StaffPlan) -> None:
    """What nobody should be asked to approve."""
    assert plan.current is not None, "a plan has its version of today from the beginning"
    planned = [
        one for code, one in zip(plan.grids, plan.current.holders, strict=True) if code[:12] not in plan.problems
    ]  # fmt: skip
    if None in planned or plan.current.figures["apart"]:
        raise RuleViolation(_("还有网格没有网格员，或者一个人的网格不相邻，请先重新计算。"))
    if not plan.current.figures["changed"]:
        raise RuleViolation(_("方案和现在的安排一样，没有要调整的。"))


PROCEDURE = approval.Procedure(
    model=StaffPlan, act="grids.staffing", refuse_unfit=_refuse_unfit, carry_out=carry_out, tell_back=tell_back,
    tell_refused=tell_refused,
)  # fmt: skip


def send_staffing(
    *, actor: Actor, plan_id: int, effective_on: dt.date, document: str, lock_version: int | None = None
) -> StaffPlan:
    """Send the plan to be approved by somebody else. Raises Refused, naming the field."""
    return approval.send(PROCEDURE, actor, plan_id, effective_on, document, lock_version)


def send_back_staffing(
    *, actor: Actor, plan_id: int, reason: str, lock_version: int | None = None
) -> StaffPlan:
    """A second person sends the plan back, saying why."""
    return approval.send_back(PROCEDURE, actor, plan_id, reason, lock_version)


def approve_staffing(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> StaffPlan:
    """A second person approves; what the act refuses is refused here. With the day of effect today it takes effect at once."""
    return approval.approve(PROCEDURE, actor, plan_id, lock_version)


def take_back_staffing(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> StaffPlan:
    """Until it takes effect a plan that was sent or approved can be taken back and changed again."""
    return approval.take_back(PROCEDURE, actor, plan_id, lock_version)


def drop_staffing(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> StaffPlan:
    """Give a plan up."""
    return approval.drop(PROCEDURE, actor, plan_id, lock_version)


def apply_due_staffing(*, actor: Actor, on: dt.date | None = None) -> int:
    """Put into effect the approved plans whose day has come, each whole or not at all; as `services_plan_approval.apply_due`."""
    return approval.apply_due(PROCEDURE, actor, on)
