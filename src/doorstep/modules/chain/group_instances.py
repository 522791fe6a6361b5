"""A plan of building groups as the planning package takes it: buildings with members, neighbours, branches, today's groups.

Numbers of groups in a plan: today's groups of the place that have buildings, in the order of their ids, from 0 on; new ones have
higher numbers. Two buildings are neighbours when they are no farther apart, wall to wall, than the rule in force says; of these
pairs few enough are kept to draw and to count by (`planning.grids.neighbours_among`). A branch's building is one in a grid it covers.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import shapely
from django.utils.translation import gettext as _

from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.places import geometry
from doorstep.kernel.places.models import Building, BuildingPlacement
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.chain import rules
from doorstep.modules.chain.building_members import Counted, members_of
from doorstep.modules.chain.models import BranchGrid, GroupBuilding, GroupPlan, GroupPlanPin
from doorstep.modules.chain.selectors import BRANCH, rules_in_force, shape_of

if TYPE_CHECKING:
    from doorstep.planning.forms import Ints
    from doorstep.planning.groups import Explained, Instance

MOST_BUILDINGS = 2000
NAMED = 3  # buildings named in a sentence
Labels = list[int | None]


@dataclass(frozen=True)
class House:
    """One building as a plan sees it. branch: the unit of its branch; group: that of its group today, None for none."""

    id: int
    called: str
    longitude: float
    latitude: float
    households: int
    shape: Any  # degrees
    branch: int
    group: int | None


@dataclass(frozen=True)
class Site:
    """What a plan is of, on a day. left_out: names of buildings in grids without a branch."""

    houses: list[House]
    branch_names: dict[int, str]
    group_names: dict[int, str]
    left_out: list[str]


@dataclass(frozen=True)
class Ground:
    """All that a plan is made of; houses, members and estimated in the order of its buildings."""

    houses: list[House]
    counted: list[Counted]
    groups: list[int]  # today's; a group's place is its number
    branch_names: dict[int, str]
    group_names: dict[int, str]
    metres: int
    instance: Instance
    named: dict[int, str] = field(default_factory=dict)  # what somebody called a group, by number
    pins: list[GroupPlanPin] = field(default_factory=list)

    @property
    def today(self) -> Labels:
        number = {unit: at for at, unit in enumerate(self.groups)}
        return [None if house.group is None else number[house.group] for house in self.houses]

    def called(self, labels: Labels) -> dict[int, str]:
        """The name of each group of these labels: somebody's word, today's name; of a new one, and of one that was called after its
        buildings and now has others, after its buildings."""
        held, before = self._held(labels), self._held(self.today)
        own = {number: self.group_names[unit] for number, unit in enumerate(self.groups)}
        after = {
            number
            for number, houses in held.items()
            if number not in own
            or (_after_buildings(own[number], before.get(number, [])) and houses != before.get(number))
        }
        names = {number: own[number] for number in held if number not in after}
        names |= {number: name for number, name in self.named.items() if number in held}
        taken = {*names.values(), *(name for number, name in own.items() if number not in after)}
        for number in sorted(after - set(names)):
            names[number] = _free_name(held[number], taken)
            taken.add(names[number])
        return names

    def _held(self, labels: Labels) -> dict[int, list[House]]:
        held: dict[int, list[House]] = {}
        for house, number in zip(self.houses, labels, strict=True):
            if number is not None:
                held.setdefault(number, []).append(house)
        return held

    def in_words(self, sentence: object) -> str:
        """A sentence of the planning package with names in the place of its ids."""
        return in_words(str(sentence), self.houses, self.branch_names)


# names of record, so not in the language of whoever looks
_COUNTED = re.compile(r"^.+等\d+栋楼党小组(?:（\d+）)?$")


def _name_of(houses: Sequence[House]) -> str:
    first = houses[0].called
    return f"{first}等{len(houses)}栋楼党小组" if len(houses) > 1 else f"{first}党小组"


def _after_buildings(name: str, houses: Sequence[House]) -> bool:
    """Whether a group was called after its buildings."""
    return bool(_COUNTED.match(name)) or (bool(houses) and name == _name_of(houses))


def _free_name(houses: Sequence[House], taken: set[str]) -> str:
    name = free = _name_of(houses)
    serial = 2
    while free in taken:
        free, serial = f"{name}（{serial}）", serial + 1
    return free


def site_of(place_code: str, branch: int | None, on: dt.date) -> Site:
    """The buildings of a community's branches, or of one branch, on a day. Seven statements. Raises RuleViolation where there is
    nothing to plan, or a group stands with one foot outside."""
    branches = _branches(place_code, on)
    if not branches or (branch is not None and branch not in branches):
        raise RuleViolation(_("这个社区还没有网格党支部，先成立党支部才能分小组。"), field="place_code")
    placed = BuildingPlacement.objects.in_force(on).filter(within("grid__code", [place_code]))
    grids = dict(placed.values_list("building_id", "grid_id"))
    groups = _groups_here(place_code, on)
    covering: dict[int, list[int]] = {}
    covers = BranchGrid.objects.in_force(on).filter(branch_id__in=branches)
    for row in covers.order_by("valid_from", "branch_id"):
        covering.setdefault(row.grid_id, []).append(row.branch_id)
    superiors = _superiors(set(groups.values()), on)
    houses: list[House] = []
    without: list[tuple[str, int | None]] = []
    elsewhere: list[tuple[str, int | None]] = []
    rows = Building.objects.filter(pk__in={*grids, *groups}).select_related("compound").order_by("pk")
    for row in rows:
        group = groups.get(row.pk)
        home = superiors[group][1] if group is not None else None
        own = _branch_of(covering.get(grids.get(row.pk, 0), []), home, branches, row.pk in grids)
        if own is None or (branch is not None and own != branch):
            (without if own is None else elsewhere).append((row.called, group))
            continue
        houses.append(
            House(
                row.pk, row.called, row.longitude, row.latitude, row.households, shape_of(row), own, group
            )
        )  # fmt: skip
    _refuse_outside(houses, [*without, *elsewhere], superiors)
    if not houses:
        raise RuleViolation(_("党支部的网格里还没有登记楼栋，先登记楼栋才能分小组。"), field="place_code")
    if len(houses) > MOST_BUILDINGS:
        raise RuleViolation(
            _("一共%(count)d栋楼，一次最多%(most)d栋，请按党支部分别做方案。")
            % {"count": len(houses), "most": MOST_BUILDINGS},
            field="place_code",
        )
    present = {house.branch for house in houses}
    return Site(
        houses,
        {unit: name for unit, name in branches.items() if unit in present},
        {house.group: superiors[house.group][0] for house in houses if house.group is not None},
        [name for name, _group in without],
    )


def _branches(place_code: str, on: dt.date) -> dict[int, str]:
    rows = UnitVersion.objects.in_force(on).filter(within("place_code", [place_code]), kind=BRANCH)
    return dict(rows.order_by("place_code", "unit_id").values_list("unit_id", "name"))


def _groups_here(place_code: str, on: dt.date) -> dict[int, int]:
    """Building → group, of the community's buildings and of all buildings of these groups."""
    rows = GroupBuilding.objects.in_force(on)
    here = rows.filter(within("building__place_code", [place_code])).values("group_id")
    return dict(rows.filter(group_id__in=here).values_list("building_id", "group_id"))


def _superiors(groups: set[int], on: dt.date) -> dict[int, tuple[str, int | None]]:
    rows = UnitVersion.objects.in_force(on).filter(unit__in=groups)
    found = {
        unit: (name, superior) for unit, name, superior in rows.values_list("unit_id", "name", "superior_id")
    }
    return {group: found.get(group, ("", None)) for group in groups}


def _branch_of(
    covering: list[int], home: int | None, branches: Mapping[int, str], placed: bool
) -> int | None:
    """Its group's branch where that covers it; else the first that covers it; where none does, its group's branch."""
    if home in covering:
        return home
    if covering:
        return covering[0]
    return home if home in branches and placed else None


def _refuse_outside(
    houses: Sequence[House], others: Sequence[tuple[str, int | None]], superiors: Mapping[int, tuple[str, int | None]]
) -> None:  # fmt: skip
    inside = {house.group for house in houses if house.group is not None}
    for name, group in others:
        if group is not None and group in inside:
            raise RuleViolation(
                _(
                    "“%(group)s”还管着“%(building)s”，那栋楼不在这里的党支部网格里；请先在小组的页面调整楼栋，或者给整个社区做方案。"
                )
                % {"group": superiors[group][0], "building": name},
                field="place_code",
            )


def refuse_new(plan: GroupPlan, on: dt.date) -> None:
    """Raise Conflict where the plan's branches have a building on the day that it does not know. Seven statements."""
    known, mine = set(plan.buildings), set(plan.branches)
    for house in site_of(plan.place_code, plan.branch_id, on).houses:
        if house.id not in known and house.branch in mine:
            raise Conflict(_("“%(name)s”是方案做好以后才有的楼，请重新做一个方案。") % {"name": house.called})


def ground_for(
    place_code: str, branch: int | None, on: dt.date, asking: Asking, pins: Sequence[GroupPlanPin] = ()
) -> tuple[Ground, Site]:
    """The ground of a plan, from the records of the day. Eleven statements."""
    site = site_of(place_code, branch, on)
    counted = members_of(site.houses, on)
    groups = sorted(site.group_names)
    return _ground(
        site.houses, counted, groups, site.branch_names, site.group_names, on, asking, {}, pins
    ), site


def ground_of(plan: GroupPlan) -> Ground:
    """The ground of a plan as it stands; members and groups are those it was last computed with. Six statements."""
    found = {row.pk: row for row in Building.objects.filter(pk__in=plan.buildings).select_related("compound")}
    if len(found) < len(plan.buildings):
        raise Conflict(_("方案里有楼栋已不在登记中，请重新做一个方案。"))
    labels: Labels = plan.versions.filter(number=1).values_list("labels", flat=True).get()
    houses = []
    for pk, branch, label in zip(plan.buildings, plan.branches, labels, strict=True):
        row = found[pk]
        houses.append(
            House(
                pk, row.called, row.longitude, row.latitude, row.households,
                shape_of(row), branch, None if label is None else plan.groups[label],
            )
        )  # fmt: skip
    counted = [Counted(full, bool(guess)) for full, guess in zip(plan.members, plan.estimated, strict=True)]
    names = names_of({*plan.branches, *plan.groups}, plan.on)
    branch_names = {unit: names.get(unit, "") for unit in dict.fromkeys(plan.branches)}
    group_names = {unit: names.get(unit, "") for unit in plan.groups}
    asking = Asking(
        plan.minimum, plan.size, plan.short, {int(unit): count for unit, count in plan.asked.items()}
    )
    named = {int(number): name for number, name in plan.names.items()}
    pins = list(plan.pins.order_by("pk"))
    return _ground(houses, counted, plan.groups, branch_names, group_names, plan.on, asking, named, pins)


def names_of(units: set[int], on: dt.date) -> dict[int, str]:
    """Names of units on a day."""
    return dict(UnitVersion.objects.in_force(on).filter(unit__in=units).values_list("unit_id", "name"))


@dataclass(frozen=True)
class Asking:
    """What is asked of the groups: members of each at least and about, and how many groups of some branches."""

    minimum: int
    size: int
    short: bool = True
    asked: Mapping[int, int] = field(default_factory=dict)


def _ground(
    houses: list[House], counted: list[Counted], groups: list[int], branch_names: dict[int, str], group_names: dict[int, str],
    on: dt.date, asking: Asking, named: dict[int, str], pins: Sequence[GroupPlanPin],
) -> Ground:  # fmt: skip
    from doorstep.planning.errors import Refused
    from doorstep.planning.groups import of

    metres = rules_in_force(on).number("group.adjacent_metres")
    present = {house.branch for house in houses}
    wanted = [
        {"id": unit, "groups": count} for unit, count in sorted(asking.asked.items()) if unit in present
    ]
    form = {
        "minimum": asking.minimum, "size": max(asking.size, asking.minimum), "short": asking.short,
        **({"branches": wanted} if wanted else {}),
        "buildings": [
            {"id": house.id, "branch": house.branch, "members": one.full}
            for house, one in zip(houses, counted, strict=True)
        ],
        "adjacent": adjacent(houses, metres), "pins": _pins_form(pins),
    }  # fmt: skip
    try:
        instance = of(form)
    except Refused as refused:
        raise RuleViolation(in_words(str(refused), houses, branch_names), field="asked") from refused
    return Ground(houses, counted, groups, branch_names, group_names, metres, instance, named, list(pins))


def _pins_form(pins: Sequence[GroupPlanPin]) -> dict[str, list[Any]]:
    """As the planning package takes them; a group's number is its name there."""
    found: dict[str, list[Any]] = {"together": [], "apart": [], "inside": []}
    for pin in pins:
        if pin.kind == "inside":
            held = [*pin.buildings, *([pin.anchor] if pin.anchor else [])]
            found["inside"] += [[building, pin.number] for building in held]
        else:
            found[pin.kind].append(pin.buildings)
    return found


def adjacent(houses: Sequence[House], metres: float) -> list[list[int]]:
    """Pairs of buildings (ids) of one branch that are neighbours."""
    import numpy as np

    from doorstep.planning.grids import neighbours_among

    if not houses:
        return []
    shapes = np.array([house.shape for house in houses], dtype=object)
    middle = float(np.mean([house.latitude for house in houses]))
    plane = rules.flattened(shapes, middle)
    left, right = shapely.STRtree(plane).query(plane, predicate="dwithin", distance=metres)
    near = np.stack([left, right], axis=1)[left < right].astype(np.int64)
    wide, high = geometry.metres_per_degree(middle)
    x = np.array([house.longitude * wide for house in houses])
    y = np.array([house.latitude * high for house in houses])
    part = np.array([house.branch for house in houses], dtype=np.int64)
    pairs = neighbours_among(x, y, part, near.reshape(-1, 2))
    return [[houses[one].id, houses[other].id] for one, other in pairs.tolist()]


def divided(ground: Ground) -> Labels:
    """The groups computed, with today's numbers where most of their members stay. Raises RuleViolation in words."""
    from doorstep.planning.errors import Refused
    from doorstep.planning.groups import groups, numbered

    try:
        found = groups(ground.instance)
    except Refused as refused:
        raise RuleViolation(ground.in_words(refused), field="asked") from refused
    held = _held_to(ground)
    return numbered(
        found.group, as_array(ground.today), ground.instance.members, len(ground.groups), held
    ).tolist()


def _held_to(ground: Ground) -> dict[int, int]:
    """By place of a building, the number its group has in any case."""
    return {at: int(number) for at, number in ground.instance.pins.inside.items()}


def repaired(ground: Ground, labels: Labels) -> Labels:
    """The groups of these labels made to keep what is pinned, changing no more than that takes; numbers stay where most members do.
    Raises RuleViolation in words."""
    from doorstep.planning.errors import Refused
    from doorstep.planning.groups import numbered, repaired

    before = as_array(labels)
    try:
        found = repaired(ground.instance, before)
    except Refused as refused:
        raise RuleViolation(ground.in_words(refused), field="buildings") from refused
    held = _held_to(ground)
    return numbered(found, before, ground.instance.members, len(ground.groups), held).tolist()


def figures_of(ground: Ground, labels: Labels) -> dict[str, Any]:
    """The figures of these labels as JSON keeps them, with `without`: buildings in no group, `moved`: buildings that change theirs."""
    import numpy as np

    from doorstep.planning.groups import figures

    today = ground.today
    told = {
        "without": sum(one is None for one in labels),
        "moved": sum(was is not None and was != now for was, now in zip(today, labels, strict=True)),
        "joining": sum(was is None and now is not None for was, now in zip(today, labels, strict=True)),
    }
    kept = [at for at, one in enumerate(labels) if one is not None]
    if not kept:
        return {
            "groups": 0, "under": 0, "unavoidable": 0, "broken": 0, "crossing": 0, "pins_broken": 0, "largest_to_mean": None,
            "least_to_mean": None, "gap": None, "branches": [], **told,
        }  # fmt: skip
    found = figures(ground.instance.some(np.array(kept)), as_array([labels[at] for at in kept]))
    astray = sum(labels[at] != number for at, number in ground.instance.pins.inside.items())
    told["pins_broken"] = found.pins_broken + astray
    return {**asdict(found), "branches": [asdict(one) for one in found.branches], **told}


def as_array(labels: Labels) -> Ints:
    """−1 for none."""
    import numpy as np

    return np.array([-1 if one is None else one for one in labels], dtype=np.int64)


def explained(ground: Ground, labels: Labels, number: int) -> Explained:
    from doorstep.planning.groups import explain

    return explain(ground.instance, as_array(labels), number)


_IDS = re.compile(r"楼栋(\d+(?:[、,，]\d+)*)")
_BRANCH = re.compile(r"支部(\d+)")


def in_words(sentence: str, houses: Sequence[House], branches: Mapping[int, str]) -> str:
    """A sentence of the planning package with names in the place of its ids."""
    known = {house.id: house.called for house in houses}

    def buildings(found: re.Match[str]) -> str:
        ids = [int(one) for one in re.split("[、,，]", found[1])]
        return "、".join(f"“{known[one]}”" if one in known else str(one) for one in ids)

    def branch(found: re.Match[str]) -> str:
        name = branches.get(int(found[1]))
        return f"“{name}”" if name else found[0]

    worded = _BRANCH.sub(branch, _IDS.sub(buildings, sentence))
    return worded.replace("，或设short为true让它单独成组", _("，或者勾选“凑不够人数的单独成组”"))


def few(names: Sequence[str]) -> str:
    """The first names, and how many more."""
    shown = "、".join(f"“{name}”" for name in names[:NAMED])
    return shown + (_("等%d栋") % len(names) if len(names) > NAMED else "")
