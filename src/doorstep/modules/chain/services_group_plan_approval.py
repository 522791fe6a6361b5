"""A plan of building groups sent, approved by a second person, taken back until it takes effect, and put into effect on its day."""

from __future__ import annotations

from dataclasses import asdict

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.proposals.rows import present
from doorstep.kernel.proposals.services import Done, Procedure
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.chain.group_plan_changes import told_of
from doorstep.modules.chain.group_plan_layout import put_into_effect
from doorstep.modules.chain.group_plan_telling import SUBJECT, tell_applied
from doorstep.modules.chain.models import GroupPlan

LARGE = 400  # buildings: what a community's plan changes is tried within a second


def _refuse_unfit(plan: GroupPlan) -> None:
    """What nobody should be asked to approve."""
    current = present(plan)
    found = current.figures
    if None in current.labels:
        raise RuleViolation(_("还有楼栋没有分到小组，请先计算方案。"))
    if found["broken"] or found["crossing"]:
        raise RuleViolation(_("有小组的楼栋不相邻，或者不在一个党支部的网格里，请先计算方案。"))
    if found["pins_broken"]:
        raise RuleViolation(_("有要求还没有做到，请重新计算，或去掉这项要求。"))
    first = plan.versions.order_by("number").values_list("labels", flat=True).first()
    if current.labels == first and not plan.names:
        raise RuleViolation(_("方案和现状一样，没有要调整的。"))
    if found["under"] and not plan.approval:
        raise RuleViolation(
            _("有%(count)d个小组不足%(least)d人；如已经上级批准，请填写例外批准文号。")
            % {"count": found["under"], "least": plan.minimum},
            field="approval",
        )


def _carry_out(actor: Actor, plan: GroupPlan) -> Done:
    done = put_into_effect(actor, plan)
    changes = {
        "effective_on": [None, done.effective_on.isoformat()], "document": [None, done.document],
        "begun": [None, len(done.begun)], "ended": [None, len(done.heirs)], "changed": [None, len(done.changed)],
        "buildings": [None, len(done.moves)],
    }  # fmt: skip
    return Done(asdict(told_of(done)), changes, lambda: tell_applied(actor, plan, done))


PROCEDURE = Procedure(
    model=GroupPlan, act="chain.group_plan", subject=SUBJECT, refuse_unfit=_refuse_unfit, carry_out=_carry_out,
    is_large=lambda plan: len(plan.buildings) > LARGE,
)  # fmt: skip
