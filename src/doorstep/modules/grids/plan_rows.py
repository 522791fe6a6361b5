"""Versions of plans, as many kept as the number in force says."""

from __future__ import annotations

from typing import Any

from doorstep.kernel.proposals import rows
from doorstep.modules.grids.models import GridPlan, RuleValue, StaffPlan


def add_version(plan: GridPlan | StaffPlan, kind: str, account: int | None, **content: Any) -> Any:
    """The next version becomes the plan's present one."""
    kept = (
        RuleValue.objects.in_force().filter(key="plan.versions_kept").values_list("value", flat=True).first()
    )
    return rows.add_version(plan, kind, account, kept=kept, **content)
