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
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.grids import instances
from doorstep.modules.grids.models import PIN_KINDS, GridPlan, PlannedGrid, PlanPin, PlanVersion
from doorstep.modules.grids.plan_rows import add_version, locked, refuse_stale, touched, version_before

REPAIR_SECONDS = 1.0
MOST_MOVED = 500
MOST_PINS = 200


@transaction.atomic
def move_buildings(
    *, actor: Actor, plan_id: int, moved: Mapping[int, int], lock_version: int | None = None
) -> PlanVersion:
    """Put buildings (ids) into grids (numbers) and repair the plan around them. Raises Refused in words where that cannot be,
    Conflict where somebody was quicker."""
    plan = _open(actor, plan_id, lock_version)
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
    plan = _open(actor, plan_id, lock_version)
    _check_pin(plan, kind, buildings, number, words)
    pin = PlanPin.objects.create(
        plan=plan, kind=kind, buildings=list(dict.fromkeys(buildings)), number=number if kind == "inside" else None,
        words=words.strip(), at=clock.now(), account_ref=actor.account_id,
    )  # fmt: skip
    version = _repaired(actor, plan, "pinned", {})
    changes = {"kind": [None, kind], "buildings": [None, len(buildings)], "version": [None, version.number]}
    record(actor, Act("grids.plan_pinned", plan, plan.place_code, changes, words={"reason": words.strip()}))
    return pin


def _check_pin(plan: GridPlan, kind: str, buildings: Sequence[int], number: int | None, words: str) -> None:
    if kind not in dict(PIN_KINDS):
        raise RuleViolation(_("要求只有三种：须在一起、须分开、定在一个网格。"), field="kind")
    least, most = {"together": (2, 200), "apart": (2, 2), "inside": (1, 200)}[kind]
    if not least <= len(set(buildings)) <= most:
        told = {
            "together": _("请选两栋以上的楼。"), "apart": _("请正好选两栋楼。"), "inside": _("请选要定下来的楼栋。")
        }  # fmt: skip
        raise RuleViolation(told[kind], field="buildings")
    if set(buildings) - set(plan.buildings):
        raise RuleViolation(_("有楼栋不在这个方案里。"), field="buildings")
    if kind == "inside" and not plan.grids.filter(number=-1 if number is None else number).exists():
        raise RuleViolation(_("方案里没有这个网格。"), field="number")
    if len(words.strip()) > 200:
        raise RuleViolation(_("理由不超过200个字。"), field="words")
    if plan.pins.count() >= MOST_PINS:
        raise RuleViolation(_("一个方案最多200项要求，请先去掉一些。"), field="kind")


@transaction.atomic
def remove_pin(*, actor: Actor, plan_id: int, pin_id: int, lock_version: int | None = None) -> PlanVersion:
    """Take a pin away; the buildings stay where they are until somebody moves them or computes on."""
    plan = _open(actor, plan_id, lock_version)
    pin = PlanPin.objects.filter(plan=plan, pk=pin_id).first()
    if pin is None:
        raise NotVisible(_("没有找到这项要求。"))
    pin.delete()
    ground = instances.ground_of(plan)
    labels = _current(plan).labels
    version = add_version(plan, "unpinned", labels, instances.figures_of(ground, labels), actor.account_id)
    touched(plan)
    record(actor, Act("grids.plan_unpinned", plan, plan.place_code, {"version": [None, version.number]}))
    return version


@transaction.atomic
def undo(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> PlanVersion:
    """Back to the version before the present one, as a new version; again goes one further back."""
    plan = _open(actor, plan_id, lock_version)
    target = version_before(plan)
    if target is None:
        raise RuleViolation(_("已经是最早的一版，没有可以撤销的了。"))
    version = add_version(plan, "undone", target.labels, target.figures, actor.account_id)
    version.back_to, version.bounds = target.number, target.bounds
    version.save(update_fields=["back_to", "bounds"])
    touched(plan)
    changes = {"version": [version.number - 1, target.number]}
    record(actor, Act("grids.plan_undone", plan, plan.place_code, changes))
    return version


@transaction.atomic
def rename_grid(
    *, actor: Actor, plan_id: int, number: int, name: str, lock_version: int | None = None
) -> PlannedGrid:
    """Give a new grid of the plan another name; those that go on keep theirs."""
    plan = _open(actor, plan_id, lock_version)
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


def _open(actor: Actor, plan_id: int, lock_version: int | None) -> GridPlan:
    """The plan, locked, while it may be changed by hand."""
    plan = locked(actor, plan_id, "make")
    refuse_stale(plan, lock_version)
    if plan.state in ("waiting", "running"):
        raise Conflict(_("这个方案正在计算，请等它算完，或先停下。"))
    if plan.state not in ("ready", "refused"):
        raise Conflict(_("方案已送审，收回以后才能再改。"))
    return plan


def _current(plan: GridPlan) -> PlanVersion:
    assert plan.current is not None, "a plan has its version of today from the beginning"
    return plan.current


def _repaired(actor: Actor, plan: GridPlan, kind: str, moved: dict[int, int]) -> PlanVersion:
    """A new version with the wishes kept. Raises RuleViolation in words."""
    from doorstep.planning.errors import Refused
    from doorstep.planning.grids import repair

    ground = instances.ground_of(plan)
    current = _current(plan)
    if None in current.labels:
        raise Conflict(_("请先让方案算一次，再动手调整。"))
    try:
        found = repair(
            ground.instance, ground.plan(current.labels), moved=moved, seconds=REPAIR_SECONDS, seed=plan.seed
        )
    except Refused as refused:
        raise RuleViolation(ground.in_words(refused), field="moved" if moved else "buildings") from refused
    labels = found.grids.tolist()
    version = add_version(plan, kind, labels, instances.figures_of(ground, labels), actor.account_id)
    touched(plan)
    return version
