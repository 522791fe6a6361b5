"""A plan of workers sent, approved by a second person, taken back until it takes effect, and put into effect on its day."""

from __future__ import annotations

from django.utils.translation import gettext as _

from doorstep.kernel.proposals.services import Procedure
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.grids.models import StaffPlan
from doorstep.modules.grids.staff_effect import carry_out
from doorstep.modules.grids.staff_telling import SUBJECT

LARGE = 200  # grids: what a street's plan changes is tried within a second


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


PROCEDURE = Procedure(
    model=StaffPlan, act="grids.staffing", subject=SUBJECT, refuse_unfit=_refuse_unfit, carry_out=carry_out,
    is_large=lambda plan: len(plan.grids) > LARGE,
)  # fmt: skip
