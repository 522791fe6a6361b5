"""Rows of plans for whoever writes them: locked, fresh, versions numbered and bounded."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import line
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible
from doorstep.modules.grids.models import GridPlan, PlanVersion, RuleValue


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


def refuse_stale(plan: GridPlan, lock_version: int | None) -> None:
    """Raise Conflict, saying who was quicker, where the plan is no longer as it was looked at."""
    if lock_version is None or plan.lock_version == lock_version:
        return
    target = GridPlan._meta.label_lower
    last = Entry.objects.filter(target=target, target_id=str(plan.pk)).order_by("-id").first()
    raise Conflict(
        _("%(who)s在 %(at)s 改过这个方案。请看过最新的样子再改。")
        % {
            "who": (line(last).who if last else "") or _("他人"),
            "at": last.at.astimezone(clock.DISTRICT_ZONE).strftime("%Y-%m-%d %H:%M") if last else "",
        }
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
