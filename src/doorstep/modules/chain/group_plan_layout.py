"""From a plan's present version to the building groups that the chain is asked to draw."""

from __future__ import annotations

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.proposals.rows import present
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.chain import group_instances as instances
from doorstep.modules.chain.group_instances import Ground
from doorstep.modules.chain.models import GroupPlan
from doorstep.modules.chain.redrawing import DrawnGroup, RedrawnGroups, redraw_groups
from doorstep.modules.chain.services_work import Approved


def drawn_of(plan: GroupPlan, ground: Ground) -> list[DrawnGroup]:
    """The plan's groups in the order of their numbers. Raises RuleViolation while a building has none."""
    labels = present(plan).labels
    if None in labels:
        raise RuleViolation(_("还有楼栋没有分到小组，请先计算方案。"))
    names = ground.called(labels)
    held: dict[int, list[int]] = {}
    for at, number in enumerate(labels):
        held.setdefault(number, []).append(at)
    return [
        DrawnGroup(
            unit=plan.groups[number] if number < len(plan.groups) else None,
            branch=ground.houses[places[0]].branch,
            name=names[number],
            buildings=tuple(ground.houses[at].id for at in places),
            members=sum(ground.counted[at].full for at in places),
            counted=not any(ground.counted[at].estimated for at in places),
        )
        for number, places in sorted(held.items())
    ]


def put_into_effect(actor: Actor, plan: GroupPlan) -> RedrawnGroups:
    """Draw the plan's groups, inside the caller's transaction. Raises Refused in words."""
    assert plan.effective_on is not None, "a plan that was sent has its day"
    ground = instances.ground_of(plan)
    done = redraw_groups(
        actor=actor, drawn=drawn_of(plan, ground), before={house.id: house.group for house in ground.houses},
        effective_on=plan.effective_on, document=plan.document,
        approved=Approved(plan.approval) if plan.approval else None,
    )  # fmt: skip
    instances.refuse_new(plan, plan.effective_on)
    return done
