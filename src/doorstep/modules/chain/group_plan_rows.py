"""Rows of plans of building groups for whoever writes them: locked, fresh, versions numbered and bounded."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.modules.chain.models import GroupPlan, GroupPlanVersion, RuleValue

Labels = list[int | None]


def locked(actor: Actor, plan_id: int, action: str) -> GroupPlan:
    """The plan, authorised and locked. Raises NotVisible or NotAllowed."""
    seen = GroupPlan.objects.filter(pk=plan_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这个方案。"))
    policy_for(GroupPlan).require(actor, action, seen)
    return (
        GroupPlan.objects.select_for_update(no_key=True, of=("self",))
        .select_related("current")
        .get(pk=plan_id)
    )


def touched(plan: GroupPlan, *fields: str) -> None:
    """Write these columns and count the version up."""
    plan.lock_version += 1
    plan.save(update_fields=[*fields, "lock_version"])


def present(plan: GroupPlan) -> GroupPlanVersion:
    assert plan.current is not None, "a plan has its version of today from the beginning"
    return plan.current


def add_version(
    plan: GroupPlan, kind: str, labels: Labels, figures: dict[str, Any], account: int | None, back_to: int | None = None
) -> GroupPlanVersion:  # fmt: skip
    """The next version becomes the plan's present one; the oldest middle ones fall away beyond the number kept."""
    last = plan.versions.order_by("-number").values_list("number", flat=True).first() or 0
    row = GroupPlanVersion.objects.create(
        plan=plan, number=last + 1, kind=kind, labels=labels, figures=figures, back_to=back_to, at=clock.now(),
        account_ref=account,
    )  # fmt: skip
    plan.current = row
    plan.save(update_fields=["current"])
    _forget_old(plan)
    return row


def _forget_old(plan: GroupPlan) -> None:
    """The first version (today) and the newest ones are kept, as many as the number in force says."""
    numbers = RuleValue.objects.in_force().filter(key="group_plan.versions_kept")
    kept = int(numbers.values_list("value", flat=True).first() or 60)
    rows = list(plan.versions.order_by("number").values_list("pk", flat=True))
    beyond = len(rows) - kept
    if beyond > 0:
        GroupPlanVersion.objects.filter(pk__in=rows[1 : 1 + beyond]).delete()
