"""The chain on a day: rules in force, who is where, which buildings hang together, the chain up from one door."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import shapely
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Substr
from django.utils.translation import gettext as _

from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.people.models import Consent
from doorstep.kernel.places.models import Building, BuildingPlacement
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.modules.chain import rules
from doorstep.modules.chain.models import (
    FORMS,
    BranchGrid,
    GroupBuilding,
    MemberCount,
    MemberHousehold,
    RuleValue,
)
from doorstep.modules.chain.rules import Departure, Rule, RuleSet

COMMUNITY, BRANCH, GROUP = "community_party_organisation", "grid_party_branch", "building_party_group"
KINDS = (COMMUNITY, BRANCH, GROUP)
LEADER = {COMMUNITY: "community_secretary", BRANCH: "branch_secretary", GROUP: "group_leader"}
SHOW_NAME = "show_household_name"  # the purpose a household's person consents to


def rules_in_force(on: dt.date | None = None) -> RuleSet:
    """The rule set of a day (default today). One query."""
    return RuleSet({row.key: Rule(row.value, row.clause) for row in RuleValue.objects.in_force(on)})


def say(departure: Departure) -> str:
    """A departure in the user's words."""
    limit, have = departure.facts.get("limit"), departure.facts.get("have")
    low, high = (limit[0], limit[-1]) if isinstance(limit, list) else (limit, limit)
    sentences = {
        "branch.full_min": _("正式党员{have}人，不足{limit}人，一般成立联合党支部。"),
        "branch.members_max": _("党员{have}人，超过党支部一般的{limit}人。"),
        "joint_branch.units_max": _("联合{have}个单位，超过一般的{limit}个。"),
        "general_branch.members_min": _("党员{have}人，不足党总支一般的{limit}人。"),
        "general_branch.members_below": _("党员{have}人，已达{limit}人，一般成立党委。"),
        "party_committee.members_min": _("党员{have}人，不足党委一般的{limit}人。"),
        "branch.committee_from": _("正式党员{have}人，达到{limit}人，应当设支部委员会。"),
        "branch.committee_min": _("支部委员会{have}人，一般为3至5人，不超过7人。"),
        "general_branch.committee_size": _("党总支委员会{have}人，一般为{low}至{high}人。"),
        "party_committee.committee_size": _("党委委员会{have}人，一般为{low}至{high}人。"),
        "term.shift": _("换届时间变动{have}天，提前或者延期换届须上级批准。"),
        "term.shift_max_years": _("换届时间变动{have}天，超过{limit}年。"),
        "group.members_min": _("小组党员{have}人，一般不少于{limit}人。"),
        "group.full_min": _("小组正式党员{have}人，至少{limit}人。"),
        "group.in_branch": _("{have}不在党支部的网格内。"),
        "group.adjacent_metres": _("楼栋不相邻：相距超过{limit}米，中间没有同组楼栋。"),
    }
    if departure.rule.startswith("term.years."):
        return _("任期应为{limit}年。").format(limit=limit)
    return sentences[departure.rule].format(have=have, limit=limit, low=low, high=high)


def alive(kind: str, on: dt.date) -> QuerySet[UnitVersion]:
    """Units of a kind as they are on a day."""
    return UnitVersion.objects.in_force(on).filter(kind=kind)


def version_of(unit_id: int, on: dt.date) -> UnitVersion | None:
    return UnitVersion.objects.in_force(on).filter(unit_id=unit_id).select_related("unit").first()


def form_name(form: str) -> str:
    return str(dict(FORMS).get(form, ""))


def latest_count(unit: str, on: dt.date, what: str = "pk") -> Subquery:
    """Of the last count on or before the day, one field; correlated through `unit`."""
    counts = MemberCount.objects.filter(unit_id=OuterRef(unit), counted_on__lte=on).order_by("-counted_on")
    return Subquery(counts.values(what)[:1])


def counts_of(units: Iterable[int], on: dt.date) -> dict[int, MemberCount]:
    """Each unit's last count on or before the day."""
    rows = MemberCount.objects.filter(unit_id__in=list(units), counted_on__lte=on)
    return {row.unit_id: row for row in rows.order_by("unit_id", "-counted_on").distinct("unit_id")}


def grids_of(branches: Iterable[int], on: dt.date) -> dict[int, list[Any]]:
    """Each branch's grids on the day, by code."""
    found: dict[int, list[Any]] = {}
    rows = BranchGrid.objects.in_force(on).filter(branch_id__in=list(branches)).select_related("grid")
    for row in rows.order_by("grid__code"):
        found.setdefault(row.branch_id, []).append(row.grid)
    return found


def buildings_of(groups: Iterable[int], on: dt.date) -> dict[int, list[Building]]:
    """Each group's buildings on the day."""
    found: dict[int, list[Building]] = {}
    rows = GroupBuilding.objects.in_force(on).filter(group_id__in=list(groups)).select_related("building")
    for row in rows.order_by("building__place_code", "building_id"):
        found.setdefault(row.group_id, []).append(row.building)
    return found


def placements_on(on: dt.date) -> QuerySet[BuildingPlacement]:
    return BuildingPlacement.objects.in_force(on)


def with_places(households: QuerySet[MemberHousehold], on: dt.date) -> QuerySet[MemberHousehold]:
    """Member households with where each stood on a day as `stood_in`: the grid its building belonged to, else the
    community. Their own `place_code` is that of today."""
    placed = placements_on(on).filter(building=OuterRef("building"))
    community = Substr("place_code", 1, LENGTHS["community"])
    return households.annotate(stood_in=Coalesce(Subquery(placed.values("grid__code")[:1]), community))


def households_on(on: dt.date) -> QuerySet[MemberHousehold]:
    """Member households in force on a day, where they stood then."""
    return with_places(MemberHousehold.objects.in_force(on), on)


def grid_ids_of_buildings(buildings: Iterable[int], on: dt.date) -> dict[int, int]:
    """Building id → id of its grid on the day; a building in no grid is missing."""
    rows = placements_on(on).filter(building_id__in=list(buildings))
    return dict(rows.values_list("building_id", "grid_id"))


def shape_of(building: Building) -> Any:
    """The building's outline, or its position where it has no outline; degrees."""
    if building.outline:
        return shapely.geometry.shape(building.outline)
    return shapely.Point(building.longitude, building.latitude)


def scattered_groups(on: dt.date, groups: Iterable[int] | None = None) -> set[int]:
    """Ids of groups whose buildings are not one neighbourhood. All groups at once; two queries, the second rare.

    Positions decide first; only groups whose positions lie apart are looked at wall to wall.
    """
    covered = GroupBuilding.objects.in_force(on)
    if groups is not None:
        covered = covered.filter(group_id__in=list(groups))
    metres_in_force = RuleValue.objects.in_force(on).filter(key="group.adjacent_metres").values("value")
    rows = list(
        covered.annotate(metres=Subquery(metres_in_force)).values_list(
            "group_id", "building__longitude", "building__latitude", "metres"
        )
    )
    if not rows:
        return set()
    metres = float(rows[0][3])
    owners = [row[0] for row in rows]
    points = shapely.points([row[1:3] for row in rows])
    suspects = rules.disconnected(owners, points, metres)
    if not suspects:
        return set()
    shapes = covered.filter(group_id__in=suspects).select_related("building")
    pairs = [(row.group_id, shape_of(row.building)) for row in shapes]
    return rules.disconnected([owner for owner, _shape in pairs], [shape for _owner, shape in pairs], metres)


# The chain up from one door.


@dataclass(frozen=True)
class Link:
    """One link of the chain as a resident may see it: name, role holder, office phone and hours; nothing private."""

    level: str
    name: str
    unit_id: int | None = None
    holder: str = ""
    role: str = ""
    substitute: bool = False
    phone: str = ""
    hours: str = ""
    address: str = ""


@dataclass(frozen=True)
class DoorHousehold:
    """A party-member household in the building. `name` is empty without the person's consent."""

    name: str
    door: str


@dataclass(frozen=True)
class DoorChain:
    building: Building
    on: dt.date
    grid_code: str
    grid_name: str
    households: tuple[DoorHousehold, ...] = ()
    group: Link | None = None
    branches: tuple[Link, ...] = ()
    workers: tuple[Link, ...] = ()
    community: Link | None = None

    @property
    def branch(self) -> Link | None:
        return self.branches[0] if self.branches else None


@dataclass
class _Holders:
    """Post-holders of some units and grids, fetched once."""

    by_unit: dict[tuple[int, str], list[Appointment]] = field(default_factory=dict)

    def link(self, version: UnitVersion, level: str) -> Link:
        held = self.by_unit.get((version.unit_id, LEADER.get(version.kind, "")), [])
        return _link(level, version, held[0] if held else None)


def _link(level: str, version: UnitVersion, held: Appointment | None) -> Link:
    return Link(
        level=level, name=version.name, unit_id=version.unit_id,
        holder=held.person.name if held else "",
        role=str(held.get_post_display()) if held else "",
        substitute=bool(held and held.substitute_for_id),
        phone=version.phone, hours=version.hours, address=version.address,
    )  # fmt: skip


def holders_of(units: Iterable[int], on: dt.date) -> dict[tuple[int, str], list[Appointment]]:
    """(unit, post) → appointments in force on the day; a substitute acts, so it stands before its principal."""
    rows = Appointment.objects.in_force(on).filter(unit_id__in=list(units)).select_related("person")
    found: dict[tuple[int, str], list[Appointment]] = {}
    for row in rows.order_by(F("substitute_for").asc(nulls_last=True), "valid_from", "id"):
        found.setdefault((row.unit_id, row.post), []).append(row)
    return found


def chain_for_building(building: Building, on: dt.date | None = None) -> DoorChain:
    """The chain up from a building's door on a day (default today), as anybody may see it. At most seven queries."""
    day = on or clock.today()
    placed = placements_on(day).filter(building=building).select_related("grid").first()
    grid_code = placed.grid.code if placed else building.place_code
    community_code = grid_code[:12]
    group = (
        alive(GROUP, day)
        .filter(unit__in=GroupBuilding.objects.in_force(day).filter(building=building).values("group"))
        .first()
    )
    condition = Q(kind=COMMUNITY, place_code=community_code)
    if placed:
        condition |= Q(
            kind=BRANCH, unit__in=BranchGrid.objects.in_force(day).filter(grid=placed.grid).values("branch")
        )
    if group and group.superior_id:
        condition |= Q(kind=BRANCH, unit=group.superior_id)
    above = list(UnitVersion.objects.in_force(day).filter(condition).order_by("place_code", "id"))
    # The group's own branch comes first where a grid has several.
    branches = sorted(
        (version for version in above if version.kind == BRANCH),
        key=lambda version: group is None or version.unit_id != group.superior_id,
    )
    communities = [version for version in above if version.kind == COMMUNITY]
    units = [version.unit_id for version in [*above, *([group] if group else [])]]
    holders = _Holders(holders_of(units, day))
    return DoorChain(
        building=building, on=day, grid_code=grid_code, grid_name=placed.grid.name if placed else "",
        households=_households_at(building, day),
        group=holders.link(group, "group") if group else None,
        branches=tuple(holders.link(version, "branch") for version in branches),
        workers=_workers_of(grid_code, day) if placed else (),
        community=holders.link(communities[0], "community") if communities else None,
    )  # fmt: skip


def _households_at(building: Building, on: dt.date) -> tuple[DoorHousehold, ...]:
    consented = Consent.objects.in_force(on).filter(person=OuterRef("person"), purpose=SHOW_NAME)
    rows = MemberHousehold.objects.in_force(on).filter(building=building, person__erased_at=None)
    return tuple(
        DoorHousehold(row.person.name if row.consented else "", row.door if row.consented else "")
        for row in rows.annotate(consented=Exists(consented)).select_related("person").order_by("id")
    )


def _workers_of(grid_code: str, on: dt.date) -> tuple[Link, ...]:
    """Who works this grid, reached through the office of their unit."""
    rows = (
        Appointment.objects.in_force(on)
        .filter(Q(places__code=grid_code) | Q(place_code=grid_code), post="grid_worker")
        .select_related("person")
        .distinct()
    )
    workers = list(rows.order_by("id"))
    offices = {
        version.unit_id: version
        for version in UnitVersion.objects.in_force(on).filter(unit__in={row.unit_id for row in workers})
    }
    return tuple(_link("worker", offices[row.unit_id], row) for row in workers if row.unit_id in offices)


# How much of the chain a place has.


@dataclass(frozen=True)
class Totals:
    branches: int
    groups: int
    households: int


def totals_below(prefix: str, length: int, on: dt.date) -> dict[str, Totals]:
    """Branches, groups and households by the first `length` digits of their place, inside `prefix`."""
    found: dict[str, dict[str, int]] = {}
    queries = {
        "branches": alive(BRANCH, on), "groups": alive(GROUP, on),
        "households": households_on(on),
    }  # fmt: skip
    for name, rows in queries.items():
        field = "stood_in" if name == "households" else "place_code"
        counted = _by_prefix(rows.filter(within(field, [prefix])), length, field)
        for code, number in counted:
            found.setdefault(code, {})[name] = number
    return {
        code: Totals(each.get("branches", 0), each.get("groups", 0), each.get("households", 0))
        for code, each in found.items()
    }


def _by_prefix(rows: QuerySet[Any], length: int, field: str) -> list[tuple[str, int]]:
    grouped = rows.order_by().annotate(part=Substr(field, 1, length)).values("part")
    return list(grouped.annotate(number=Count("pk")).values_list("part", "number"))
