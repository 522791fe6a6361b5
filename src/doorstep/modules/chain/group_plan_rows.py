"""Versions of plans of building groups, as many kept as the number in force says."""

from __future__ import annotations

from typing import Any

from doorstep.kernel.proposals import rows
from doorstep.modules.chain.models import GroupPlan, GroupPlanVersion, RuleValue


def add_version(plan: GroupPlan, kind: str, account: int | None, **content: Any) -> GroupPlanVersion:
    """The next version becomes the plan's present one."""
    found = RuleValue.objects.in_force().filter(key="group_plan.versions_kept")
    kept = found.values_list("value", flat=True).first()
    version: GroupPlanVersion = rows.add_version(plan, kind, account, kept=kept, **content)
    return version
