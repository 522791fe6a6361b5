"""Rows of plans for whoever writes them: locked, fresh, versions numbered and bounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.staleness import refuse_stale_plan as refuse_stale
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.modules.grids.models import GridPlan, PlanVersion, RuleValue, StaffPlan

P = TypeVar("P", GridPlan, StaffPlan)

__all__ = ["Done", "add_version", "locked", "locked_of", "refuse_stale", "touched"]


@dataclass(frozen=True)
class Done:
    """What putting a plan into effect did: as the plan keeps it, as the audit does, and who is told of it afterwards."""

    outcome: dict[str, Any]
    changes: dict[str, Any]
    tell: Callable[[], Any]


def locked(actor: Actor, plan_id: int, action: str) -> GridPlan:
    """The plan of grids, authorised and locked. Raises NotVisible or NotAllowed."""
    return locked_of(GridPlan, actor, plan_id, action)


def locked_of(model: type[P], actor: Actor, plan_id: int, action: str) -> P:
    """A plan of either kind, authorised and locked. Raises NotVisible or NotAllowed."""
    seen = model._default_manager.filter(pk=plan_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这个方案。"))
    policy_for(model).require(actor, action, seen)
    rows = model._default_manager.select_for_update(no_key=True, of=("self",))
    return rows.select_related("current").get(pk=plan_id)


def touched(plan: GridPlan | StaffPlan, *fields: str) -> None:
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
    forget_old(plan)
    return row


def forget_old(plan: GridPlan | StaffPlan) -> None:
    """The first version (today) and the newest ones are kept, as many as the number in force says."""
    rows = RuleValue.objects.in_force().filter(key="plan.versions_kept")
    kept = int(rows.values_list("value", flat=True).first() or 60)
    versions = plan.versions.all()
    known = list(versions.order_by("number").values_list("pk", flat=True))
    if len(known) > kept:
        versions.filter(pk__in=known[1 : 1 + len(known) - kept]).delete()


def version_before(plan: GridPlan | StaffPlan) -> Any:
    """The version before the present one; for one that was undone, before the one it went back to. None where there is none."""
    current = plan.current
    assert current is not None, "a plan has its version of today from the beginning"
    rows = plan.versions.filter(number__lt=current.back_to or current.number).exclude(kind="undone")
    return rows.order_by("-number").first()
