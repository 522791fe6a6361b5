"""Rows of plans for whoever writes them: locked, fresh, versions numbered and bounded."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.staleness import refuse_stale_plan as refuse_stale
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.modules.grids.models import GridPlan, PlanVersion, RuleValue

__all__ = ["add_version", "locked", "refuse_stale", "touched"]


def locked(actor: Actor, plan_id: int, action: str) -> GridPlan:
    """The plan, authorised and locked. Raises NotVisible or NotAllowed."""
    seen = GridPlan.objects.filter(pk=plan_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这个方案。"))
    policy_for(GridPlan).require(actor, action, seen)
    return (
        GridPlan.objects.select_for_update(no_key=True, of=("self",))
        .select_related("current")
        .get(pk=plan_id)
    )


def touched(plan: GridPlan, *fields: str) -> None:
    """Write these columns and count the version up."""
    plan.lock_version += 1
    plan.save(update_fields=[*fields, "lock_version"])


def add_version(
    plan: GridPlan, kind: str, labels: list[int | None], figures: dict[str, Any], account: int | None
) -> PlanVersion:
    """The next version becomes the plan's present one; the oldest middle ones fall away beyond the number kept."""
    last = plan.versions.order_by("-number").values_list("number", flat=True).first() or 0
    row = PlanVersion.objects.create(
        plan=plan,
        number=last + 1,
        kind=kind,
        labels=labels,
        figures=figures,
        at=clock.now(),
        account_ref=account,
    )
    plan.current = row
    plan.save(update_fields=["current"])
    _forget_old(plan)
    return row


def _forget_old(plan: GridPlan) -> None:
    """The first version (today) and the newest ones are kept, as many as the number in force says."""
    kept = (
        RuleValue.objects.in_force().filter(key="plan.versions_kept").values_list("value", flat=True).first()
    )
    rows = list(plan.versions.order_by("number").values_list("pk", flat=True))
    beyond = len(rows) - int(kept or 60)
    if beyond > 0:
        PlanVersion.objects.filter(pk__in=rows[1 : 1 + beyond]).delete()
