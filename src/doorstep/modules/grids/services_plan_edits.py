"""What an officer does with a plan by hand: move buildings, pin them, name grids, take a step back. The plan repairs itself
around it within the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.places.models import Grid
from doorstep.kernel.places.rules import clean_name
from doorstep.kernel.proposals.rows import (
    check_pin,
    clean_words,
    opened,
    present,
    removed_pin,
    touched,
    version_before,
)
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.grids import instances
from doorstep.modules.grids.models import GridPlan, PlannedGrid, PlanPin, PlanVersion
from doorstep.modules.grids.plan_rows import add_version

REPAIR_SECONDS = 1.0
MOST_MOVED = 500


@transaction.atomic
def move_buildings(
    *, actor: Actor, plan_id: int, moved: Mapping[int, int], lock_version: int | None = None
) -> PlanVersion:
    """Put buildings (ids) into grids (numbers) and repair the plan around them. Raises Refused in words where that cannot be,
    Conflict where somebody was quicker."""
    plan = opened(GridPlan, actor, plan_id, lock_version)
    if not moved or len(moved) > MOST_MOVED:
        raise RuleViolation(_("请选要移动的楼栋，一次不超过500栋。"), field="moved")
    version = _repaired(actor, plan, "moved", dict(moved))
    changes = {"buildings": [None, len(moved)], "version": [None, version.number]}
    record(actor, Act("grids.plan_moved", plan, plan.place_code, changes))
    return version


@transaction.atomic
def draw_pin(
    *, actor: Actor, plan_id: int, kind: str, buildings: Sequence[int], number: int | None = None, words: str = "",
    lock_version: int | None = None,
) -> PlanPin:  # fmt: skip
    """Decide beforehand: buildings together, two buildings apart, buildings inside a grid; the plan repairs itself."""
    plan = opened(GridPlan, actor, plan_id, lock_version)
    chosen, why = check_pin(plan, kind, list(buildings)), clean_words(plan, words)
    if kind == "inside" and not plan.grids.filter(number=-1 if number is None else number).exists():
        raise RuleViolation(_("方案里没有这个网格。"), field="number")
    pin = PlanPin.objects.create(
        plan=plan, kind=kind, buildings=chosen, number=number if kind == "inside" else None, words=why, at=clock.now(),
        account_ref=actor.account_id,
    )  # fmt: skip
    version = _repaired(actor, plan, "pinned", {})
    changes = {"kind": [None, kind], "buildings": [None, len(chosen)], "version": [None, version.number]}
    record(actor, Act("grids.plan_pinned", plan, plan.place_code, changes, words={"reason": why}))
    return pin


@transaction.atomic
def remove_pin(*, actor: Actor, plan_id: int, pin_id: int, lock_version: int | None = None) -> PlanVersion:
    """Take a pin away; the buildings stay where they are until somebody moves them or computes on."""
    plan = opened(GridPlan, actor, plan_id, lock_version)
    removed_pin(plan, pin_id)
    version = _same_again(actor, plan, "unpinned", present(plan))
    touched(plan)
    record(actor, Act("grids.plan_unpinned", plan, plan.place_code, {"version": [None, version.number]}))
    return version


@transaction.atomic
def undo(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> PlanVersion:
    """Back to the version before the present one, as a new version; again goes one further back."""
    plan = opened(GridPlan, actor, plan_id, lock_version)
    target = version_before(plan)
    version = _same_again(actor, plan, "undone", target, back_to=target.number)
    touched(plan)
    changes = {"version": [version.number - 1, target.number]}
    record(actor, Act("grids.plan_undone", plan, plan.place_code, changes))
    return version


@transaction.atomic
def rename_grid(
    *, actor: Actor, plan_id: int, number: int, name: str, lock_version: int | None = None
) -> PlannedGrid:
    """Give a new grid of the plan another name; those that go on keep theirs."""
    plan = opened(GridPlan, actor, plan_id, lock_version)
    row = PlannedGrid.objects.filter(plan=plan, number=number).first()
    if row is None:
        raise NotVisible(_("方案里没有这个网格。"))
    if row.code:
        raise RuleViolation(_("现有的网格在方案里沿用原名；要改名，请在网格登记里办理。"), field="name")
    words = clean_name(name)
    taken = Grid.objects.in_force().filter(community_id=row.community, name=words).exists()
    if taken or plan.grids.filter(community=row.community, name=words).exclude(pk=row.pk).exists():
        raise RuleViolation(_("这个社区已有名为“%(name)s”的网格。") % {"name": words}, field="name")
    changes = {"name": [row.name, words], "number": number}
    row.name = words
    row.save(update_fields=["name"])
    touched(plan)
    record(actor, Act("grids.plan_grid_named", plan, plan.place_code, changes))
    return row


def _same_again(
    actor: Actor, plan: GridPlan, kind: str, found: PlanVersion, back_to: int | None = None
) -> PlanVersion:
    """A version's labels as a new one; the figures are counted with what is pinned now."""
    figures = instances.figures_of(instances.ground_of(plan), found.labels)
    version: PlanVersion = add_version(
        plan,
        kind,
        actor.account_id,
        labels=found.labels,
        figures=figures,
        bounds=found.bounds,
        back_to=back_to,
    )
    return version


def _repaired(actor: Actor, plan: GridPlan, kind: str, moved: dict[int, int]) -> PlanVersion:
    """A new version with the wishes kept. Raises RuleViolation in words."""
    from doorstep.planning.errors import Refused
    from doorstep.planning.grids import repair

    ground = instances.ground_of(plan)
    current = present(plan)
    if None in current.labels:
        raise Conflict(_("请先让方案算一次，再动手调整。"))
    try:
        found = repair(
            ground.instance, ground.plan(current.labels), moved=moved, seconds=REPAIR_SECONDS, seed=plan.seed
        )
    except Refused as refused:
        raise RuleViolation(ground.in_words(refused), field="moved" if moved else "buildings") from refused
    labels = found.grids.tolist()
    figures = instances.figures_of(ground, labels)
    version: PlanVersion = add_version(plan, kind, actor.account_id, labels=labels, figures=figures)
    touched(plan)
    return version
