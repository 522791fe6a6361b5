"""Plans of building groups: made, computed anew, moved about by hand, a step back. Computing is done within the request: a plan is of
one community, and takes well under a second. Approval and the day it takes effect: services_group_plan_approval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.policies import adjust_capability
from doorstep.kernel.places.models import Area, standing
from doorstep.kernel.places.rules import clean_name
from doorstep.kernel.proposals.rows import (
    check_pin,
    clean_title,
    clean_words,
    opened,
    present,
    removed_pin,
    touched,
    version_before,
)
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.chain import group_instances as instances
from doorstep.modules.chain.group_instances import Asking, Ground, Labels
from doorstep.modules.chain.group_plan_rows import add_version
from doorstep.modules.chain.models import GroupPlan, GroupPlanPin, GroupPlanVersion
from doorstep.modules.chain.policies import KEEP
from doorstep.modules.chain.selectors import BRANCH, GROUP, alive, rules_in_force
from doorstep.modules.chain.services_group_plan_approval import PROCEDURE

__all__ = [
    "GroupPlanData", "apply_due", "approve_plan", "compute_again", "create_plan", "draw_pin", "drop_plan", "move_buildings",
    "remove_pin", "rename_group", "send_back", "send_plan", "take_back", "undo",
]  # fmt: skip

apply_due, approve_plan, drop_plan = PROCEDURE.apply_due, PROCEDURE.approve_plan, PROCEDURE.drop_plan
send_back, send_plan, take_back = PROCEDURE.send_back, PROCEDURE.send_plan, PROCEDURE.take_back
MOST_MOVED = 200
MOST_SIZE = 500


@dataclass(frozen=True, kw_only=True)
class GroupPlanData:
    """What somebody asks of a plan. branch_id: one branch of the community alone. minimum, size: full members of a group at least
    and about; None: the numbers in force. asked: groups by branch, for those where somebody said a number. short: buildings apart
    from the rest with too few members may be a group by themselves."""

    place_code: str
    title: str
    branch_id: int | None = None
    minimum: int | None = None
    size: int | None = None
    short: bool = True
    asked: Mapping[int, int] = field(default_factory=dict)


@transaction.atomic
def create_plan(*, actor: Actor, data: GroupPlanData) -> GroupPlan:
    """Make a plan of today's buildings and compute it. Raises Refused, naming the field, for what cannot be planned."""
    area = _community(actor, data.place_code)
    day = clock.today()
    title = clean_title(data.title)
    if data.branch_id is not None:
        _check_branch(area.code, data.branch_id, day)
    asking = _asking(day, data)
    ground, _site = instances.ground_for(area.code, data.branch_id, day, asking)
    labels = instances.divided(ground)
    plan = GroupPlan(
        place_code=area.code, branch_id=data.branch_id, title=title, on=day, made_by=actor.account_id, made_at=clock.now()
    )  # fmt: skip
    _take(plan, ground, asking)
    plan.save()
    _version(actor, plan, ground, "today", ground.today)
    _version(actor, plan, ground, "run", labels)
    changes = {
        "title": [None, title], "minimum": [None, plan.minimum], "size": [None, plan.size],
        "buildings": [None, len(plan.buildings)],
    }  # fmt: skip
    record(actor, Act("chain.group_plan_made", plan, plan.place_code, changes))
    return plan


def _community(actor: Actor, code: str) -> Area:
    area = Area.objects.filter(standing(), code=code, level="community").first()
    if area is None:
        raise NotVisible(_("没有找到这个社区。"))
    require_place(actor, KEEP, code)
    require_place(actor, adjust_capability(GROUP), code)
    return area


def _check_branch(place_code: str, branch_id: int, day: dt.date) -> None:
    found = alive(BRANCH, day).filter(unit=branch_id, place_code__startswith=place_code).exists()
    if not found:
        raise RuleViolation(_("这个社区没有这个党支部。"), field="branch")


def _asking(day: dt.date, data: GroupPlanData) -> Asking:
    in_force = rules_in_force(day)
    least = in_force.number("group.members_min")
    minimum = least if data.minimum is None else data.minimum
    if not least <= minimum <= MOST_SIZE:
        raise RuleViolation(
            _("每组至少人数应在%(least)d到%(most)d之间。") % {"least": least, "most": MOST_SIZE},
            field="minimum",
            clause=in_force.clause("group.members_min"),
        )
    size = max(minimum, in_force.number("group.members_usual")) if data.size is None else data.size
    if not minimum <= size <= MOST_SIZE:
        raise RuleViolation(_("每组大约的人数不能少于每组至少的人数，最多500。"), field="size")
    for count in data.asked.values():
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_SIZE:
            raise RuleViolation(_("小组数应是1到500的整数；不填的由平台按每组大约人数来定。"), field="asked")
    return Asking(minimum, size, data.short, dict(data.asked))


def _take(plan: GroupPlan, ground: Ground, asking: Asking) -> None:
    """What the plan is made of, kept with it."""
    plan.minimum, plan.size, plan.short = asking.minimum, max(asking.size, asking.minimum), asking.short
    plan.asked = {str(unit): count for unit, count in asking.asked.items()}
    plan.buildings = [house.id for house in ground.houses]
    plan.branches = [house.branch for house in ground.houses]
    plan.members = [one.full for one in ground.counted]
    plan.estimated = [int(one.estimated) for one in ground.counted]
    plan.groups = list(ground.groups)


@transaction.atomic
def compute_again(
    *, actor: Actor, plan_id: int, minimum: int | None = None, size: int | None = None, short: bool = True,
    asked: Mapping[int, int] | None = None, lock_version: int | None = None,
) -> GroupPlanVersion:  # fmt: skip
    """Compute the plan anew by what is asked now and with the members counted since. Raises Conflict where buildings, branches or
    groups are no longer those of the plan."""
    plan = opened(GroupPlan, actor, plan_id, lock_version)
    day = clock.today()
    data = GroupPlanData(
        place_code=plan.place_code, title=plan.title, branch_id=plan.branch_id, minimum=minimum, size=size, short=short,
        asked=asked or {},
    )  # fmt: skip
    asking = _asking(day, data)
    pins = list(plan.pins.order_by("pk"))
    ground, _site = instances.ground_for(plan.place_code, plan.branch_id, day, asking, pins)
    mine = list(zip(plan.buildings, plan.branches, instances.ground_of(plan).today, strict=True))
    now = [(house.id, house.branch) for house in ground.houses]
    if (
        [(pk, branch) for pk, branch, _label in mine] != now
        or ground.groups != plan.groups
        or ground.today != [label for _pk, _branch, label in mine]
    ):
        raise Conflict(_("方案做好以后，楼栋、党支部或小组已有变动，请重新做一个方案。"))
    labels = instances.divided(ground)
    _take(plan, ground, asking)
    plan.on, plan.error = day, ""
    plan.names = {key: name for key, name in plan.names.items() if int(key) in _lasting(ground)}
    version = _version(actor, plan, ground, "run", labels)
    touched(plan, "on", "names", "minimum", "size", "short", "asked", "members", "estimated", "error")
    changes = {"minimum": [None, plan.minimum], "size": [None, plan.size], "version": [None, version.number]}
    record(actor, Act("chain.group_plan_computed", plan, plan.place_code, changes))
    return version


@transaction.atomic
def move_buildings(
    *, actor: Actor, plan_id: int, moved: Mapping[int, int | None], lock_version: int | None = None
) -> GroupPlanVersion:
    """Put buildings (ids) into groups (numbers) of their branch; None: all of them into a new one. Raises Refused in words where a
    group would no longer hang together, Conflict where somebody was quicker."""
    plan = opened(GroupPlan, actor, plan_id, lock_version)
    if not moved or len(moved) > MOST_MOVED:
        raise RuleViolation(_("请选要划的楼栋，一次不超过200栋。"), field="buildings")
    if set(moved) - set(plan.buildings):
        raise RuleViolation(_("有楼栋不在这个方案里。"), field="buildings")
    ground = instances.ground_of(plan)
    before: Labels = present(plan).labels
    labels = _moved(ground, before, moved)
    if labels == before:
        raise RuleViolation(_("这几栋楼已经在这个小组。"), field="number")
    _refuse_pinned(ground, before, labels)
    _refuse_torn(ground, before, labels)
    version = _version(actor, plan, ground, "moved", labels)
    touched(plan)
    changes = {"buildings": [None, len(moved)], "version": [None, version.number]}
    record(actor, Act("chain.group_plan_moved", plan, plan.place_code, changes))
    return version


def _version(
    actor: Actor, plan: GroupPlan, ground: Ground, kind: str, labels: Labels, back_to: int | None = None
) -> GroupPlanVersion:
    figures = instances.figures_of(ground, labels)
    return add_version(plan, kind, actor.account_id, labels=labels, figures=figures, back_to=back_to)


def _lasting(ground: Ground) -> set[int]:
    """Numbers that mean the same group whenever the plan is computed."""
    return {*range(len(ground.groups)), *(pin.number for pin in ground.pins if pin.number is not None)}


def _moved(ground: Ground, before: Labels, moved: Mapping[int, int | None]) -> Labels:
    """Labels with these buildings moved. Raises RuleViolation for a group that is not there, or of another branch."""
    branch_of = {
        number: house.branch
        for house, number in zip(ground.houses, before, strict=True)
        if number is not None
    }
    new = max([len(ground.groups) - 1, *(number for number in before if number is not None)]) + 1
    labels = list(before)
    homes = set()
    for at, house in enumerate(ground.houses):
        if house.id not in moved:
            continue
        number = moved[house.id]
        labels[at] = new if number is None else number
        homes.add(house.branch)
        if number is not None and number not in branch_of:
            raise RuleViolation(_("方案里没有这个小组。"), field="number")
        if number is not None and branch_of[number] != house.branch:
            raise RuleViolation(
                _("“%(name)s”在“%(branch)s”的网格里，只能划到这个党支部的小组。")
                % {"name": house.called, "branch": ground.branch_names.get(house.branch, "")},
                field="number",
            )
    if len(homes) > 1 and None in moved.values():
        raise RuleViolation(_("一个新小组的楼栋要在同一个党支部的网格里。"), field="buildings")
    return labels


def _refuse_torn(ground: Ground, before: Labels, after: Labels) -> None:
    from doorstep.planning.groups import tears

    torn = tears(ground.instance, instances.as_array(before), instances.as_array(after))
    if not torn:
        return
    names = ground.called(after)
    houses = [house.called for house, number in zip(ground.houses, after, strict=True) if number == torn[0]]
    raise RuleViolation(
        _(
            "这样划以后，“%(group)s”的楼栋（%(buildings)s）就不再彼此相邻（相距不超过%(metres)d米）。请把挨着的楼一起划过去。"
        )
        % {"group": names[torn[0]], "buildings": instances.few(houses), "metres": ground.metres},
        field="buildings",
    )


def _refuse_pinned(ground: Ground, before: Labels, after: Labels) -> None:
    """What is decided beforehand is taken away first."""
    pinned = {
        building
        for pin in ground.pins
        for building in (*pin.buildings, *([pin.anchor] if pin.anchor else []))
    }
    broken = (
        instances.figures_of(ground, after)["pins_broken"]
        > instances.figures_of(ground, before)["pins_broken"]
    )
    moved = [
        house
        for house, was, now in zip(ground.houses, before, after, strict=True)
        if house.id in pinned and was != now
    ]
    if broken and moved:
        raise RuleViolation(
            _("“%(name)s”有要求定了它在哪里、和谁一起或分开；请先去掉那项要求，再划。")
            % {"name": moved[0].called},
            field="buildings",
        )


@transaction.atomic
def draw_pin(
    *, actor: Actor, plan_id: int, kind: str, buildings: Sequence[int], number: int | None = None, words: str = "",
    lock_version: int | None = None,
) -> GroupPlanPin:  # fmt: skip
    """Decide beforehand: buildings in one group, two buildings in two, buildings in the group of this number; the plan is divided anew
    as far as that takes. Raises Refused in words where it cannot be."""
    plan = opened(GroupPlan, actor, plan_id, lock_version)
    chosen, why = check_pin(plan, kind, list(buildings)), clean_words(plan, words)
    before: Labels = present(plan).labels
    if None in before:
        raise Conflict(_("还有楼栋没有分到小组，请先计算方案。"))
    if kind == "inside" and number not in before:
        raise RuleViolation(_("方案里没有这个小组。"), field="number")
    pin = GroupPlanPin.objects.create(
        plan=plan, kind=kind, buildings=chosen, number=number if kind == "inside" else None, words=why, at=clock.now(),
        anchor=_anchor(plan, before, number, chosen) if kind == "inside" else None, account_ref=actor.account_id,
    )  # fmt: skip
    ground = instances.ground_of(plan)
    version = _version(actor, plan, ground, "pinned", instances.repaired(ground, before))
    touched(plan)
    changes = {"kind": [None, kind], "buildings": [None, len(chosen)], "version": [None, version.number]}
    record(actor, Act("chain.group_plan_pinned", plan, plan.place_code, changes, words={"reason": why}))
    return pin


def _anchor(plan: GroupPlan, labels: Labels, number: int | None, chosen: list[int]) -> int | None:
    """The building with the most members of the group, of those about which nothing is decided."""
    pinned = {building for pin in plan.pins.all() for building in (*pin.buildings, pin.anchor)} | set(chosen)
    free = [
        (-members, building)
        for building, members, label in zip(plan.buildings, plan.members, labels, strict=True)
        if label == number and building not in pinned
    ]
    return min(free)[1] if free else None


@transaction.atomic
def remove_pin(
    *, actor: Actor, plan_id: int, pin_id: int, lock_version: int | None = None
) -> GroupPlanVersion:
    """Take a pin away; the buildings stay where they are until somebody moves them or computes again."""
    plan = opened(GroupPlan, actor, plan_id, lock_version)
    removed_pin(plan, pin_id)
    version = _version(actor, plan, instances.ground_of(plan), "unpinned", present(plan).labels)
    touched(plan)
    record(
        actor, Act("chain.group_plan_unpinned", plan, plan.place_code, {"version": [None, version.number]})
    )
    return version


@transaction.atomic
def undo(*, actor: Actor, plan_id: int, lock_version: int | None = None) -> GroupPlanVersion:
    """Back to the version before the present one, as a new version; again goes one further back."""
    plan = opened(GroupPlan, actor, plan_id, lock_version)
    target = version_before(plan)
    version = _version(actor, plan, instances.ground_of(plan), "undone", target.labels, target.number)
    touched(plan)
    changes = {"version": [version.number - 1, target.number]}
    record(actor, Act("chain.group_plan_undone", plan, plan.place_code, changes))
    return version


@transaction.atomic
def rename_group(
    *, actor: Actor, plan_id: int, number: int, name: str, lock_version: int | None = None
) -> GroupPlan:
    """Call a group of the plan otherwise; from the day on it has that name."""
    plan = opened(GroupPlan, actor, plan_id, lock_version)
    ground = instances.ground_of(plan)
    names = ground.called(present(plan).labels)
    if number not in names:
        raise NotVisible(_("方案里没有这个小组。"))
    words = clean_name(name)
    if words in {other for at, other in names.items() if at != number}:
        raise RuleViolation(_("方案里已有名为“%(name)s”的小组。") % {"name": words}, field="name")
    before = names[number]
    plan.names = {**plan.names, str(number): words}
    touched(plan, "names")
    record(actor, Act("chain.group_plan_named", plan, plan.place_code, {"name": [before, words]}))
    return plan
