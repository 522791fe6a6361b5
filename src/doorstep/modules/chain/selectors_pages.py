"""What the pages of the chain show: a community's tree, a unit, a household, and the list of breaks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, Value
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.declarations.findings import Finding, all_findings
from doorstep.kernel.organisations.models import UnitLineage, UnitVersion
from doorstep.kernel.organisations.selectors import Holder, holders_of, visible_unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import consenting, named_persons, with_names_seen
from doorstep.kernel.places.models import Area, Building, Grid, standing
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.kept import steady
from doorstep.kernel.shared.place_codes import LENGTHS, level_below, level_of, within
from doorstep.modules.chain import rules, selectors
from doorstep.modules.chain.mending import may_mend
from doorstep.modules.chain.models import Form, MemberCount, MemberHousehold, Term
from doorstep.modules.chain.policies import VIEW
from doorstep.modules.chain.selectors import BRANCH, COMMUNITY, GROUP, KINDS, LEADER, SHOW_NAME, Totals

SHOWN_PER_KIND, SHOWN_OF_ONE = 20, 500


@dataclass
class Node:
    """One unit in the tree, with what stands under it."""

    version: UnitVersion
    leader: Holder | None = None
    full: int | None = None
    grids: list[Grid] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    households: list[MemberHousehold] = field(default_factory=list)
    broken: list[Finding] = field(default_factory=list)

    @property
    def leader_name(self) -> str:
        return self.leader.acting.person.name if self.leader else ""


@dataclass
class CommunityTree:
    """A community's chain on a day, with the grids that no branch covers and households outside every group."""

    place: Area
    on: dt.date
    root: Node | None
    branches: list[Node]
    loose_groups: list[Node]
    bare_grids: list[Grid]
    loose_households: list[MemberHousehold]

    @property
    def groups(self) -> int:
        return sum(len(branch.children) for branch in self.branches) + len(self.loose_groups)

    @property
    def households(self) -> int:
        inside = sum(len(group.households) for branch in self.branches for group in branch.children)
        return inside + sum(len(group.households) for group in self.loose_groups) + len(self.loose_households)


def require_known(actor: Actor, code: str) -> None:
    """The place is within the actor's and is one that was given out. Raises NotVisible."""
    require_place(actor, VIEW, code)
    rows: Any = Grid if level_of(code) == "grid" else Area
    if not rows.objects.filter(code=code).exists():
        raise NotVisible(_("没有找到这个地方。"))


def community_tree(actor: Actor, code: str, on: dt.date) -> CommunityTree:
    """The chain of one community. Raises NotVisible outside the actor's places. A fixed number of queries."""
    require_place(actor, VIEW, code)
    place = Area.objects.filter(code=code).first()
    if place is None:
        raise NotVisible(_("没有找到这个地方。"))
    rows = UnitVersion.objects.in_force(on).filter(within("place_code", [code]), kind__in=KINDS)
    versions = list(rows.select_related("unit").order_by("place_code", "pinyin", "id"))
    nodes = _nodes(versions, on)
    by_building = {building.pk: node for node in nodes.values() for building in node.buildings}
    loose: list[MemberHousehold] = []
    households = MemberHousehold.objects.in_force(on).filter(within("place_code", [code]))
    for household in _as_seen(households, actor).order_by("place_code", "id"):
        node = by_building.get(household.building_id)
        (node.households if node else loose).append(household)
    branches = [node for node in nodes.values() if node.version.kind == BRANCH]
    groups = [node for node in nodes.values() if node.version.kind == GROUP]
    loose_groups: list[Node] = []
    for group in groups:
        above = nodes.get(group.version.superior_id or 0)
        (above.children if above and above.version.kind == BRANCH else loose_groups).append(group)
    covered = {grid.pk for branch in branches for grid in branch.grids}
    grids = Grid.objects.in_force(on).filter(community_id=code).order_by("code")
    return CommunityTree(
        place=place, on=on, root=next((n for n in nodes.values() if n.version.kind == COMMUNITY), None),
        branches=branches, loose_groups=loose_groups, loose_households=loose,
        bare_grids=[grid for grid in grids if grid.pk not in covered],
    )  # fmt: skip


def _as_seen(households: Any, actor: Actor) -> Any:
    """With buildings, and the holders' names where the reader sees the person (`seen_name`)."""
    return with_names_seen(households, actor, "person").select_related("building")


def _nodes(versions: Iterable[UnitVersion], on: dt.date) -> dict[int, Node]:
    nodes = {version.unit_id: Node(version) for version in versions}
    for unit_id, holders in holders_of(nodes, on, set(LEADER.values())).items():
        nodes[unit_id].leader = holders[0]
    for unit_id, count in selectors.counts_of(nodes, on).items():
        nodes[unit_id].full = count.full
    for unit_id, grids in selectors.grids_of(nodes, on).items():
        nodes[unit_id].grids = grids
    for unit_id, buildings in selectors.buildings_of(nodes, on).items():
        nodes[unit_id].buildings = buildings
    for unit_id, broken in breaks_of_units(nodes, on).items():
        nodes[unit_id].broken = broken
    return nodes


def breaks_of_units(unit_ids: Iterable[int], on: dt.date) -> dict[int, list[Finding]]:
    """What is broken at each of these units. Two queries."""
    wanted = list(unit_ids)
    kinds = [each for each in all_findings() if each.key.startswith("chain.")]
    queries: list[Any] = []
    known: list[Finding] = []
    for finding in kinds:
        rows = finding.rows(on)
        if rows.model is UnitVersion:
            narrowed = rows.filter(unit_id__in=wanted).order_by()
            queries.append(narrowed.annotate(number=Value(len(known))).values_list("number", "unit_id"))
            known.append(finding)
    found: dict[int, list[Finding]] = {}
    for number, unit_id in queries[0].union(*queries[1:], all=True) if queries else ():
        found.setdefault(unit_id, []).append(known[number])
    return found


# Above a community: how much of the chain each place below has.


@dataclass(frozen=True)
class PlaceLine:
    code: str
    name: str
    totals: Totals
    breaks: int


def places_below(actor: Actor, code: str, on: dt.date) -> list[PlaceLine]:
    """Each place one level below with its branches, groups, households and breaks. Raises NotVisible."""
    require_known(actor, code)
    below = level_below(code) or "grid"
    length = LENGTHS[below]
    totals = selectors.totals_below(code, length, on)
    breaks: dict[str, int] = {}
    for line in all_breaks(code, on, parts=length):
        breaks[line[0]] = breaks.get(line[0], 0) + line[1]
    there = standing(on) | Q(code__in=[*totals, *breaks])
    areas = Area.objects.filter(there, parent_id=code).order_by("code").values_list("code", "name")
    return [
        PlaceLine(part, name, totals.get(part, Totals(0, 0, 0)), breaks.get(part, 0)) for part, name in areas
    ]


def all_breaks(code: str, on: dt.date, *, parts: int) -> list[tuple[str, int]]:
    """(place, how many breaks) by the first `parts` digits. One query beside the neighbourhoods' own."""
    queries = [
        finding.rows(on)
        .filter(within(finding.place_field, [code]))
        .order_by()
        .annotate(part=Substr(finding.place_field, 1, parts))
        .values("part")
        .annotate(number=Count("pk", distinct=True))
        .values_list("part", "number")
        for finding in all_findings()
    ]
    return list(queries[0].union(*queries[1:], all=True)) if queries else []


# One unit.


@dataclass
class UnitPage:
    """A unit of the chain on a day; `ended` where it no longer existed then, shown as it last was."""

    version: UnitVersion
    on: dt.date
    ended: bool
    trail: list[UnitVersion]
    node: Node
    holders: list[Holder]
    form: Form | None
    term: Term | None
    term_stage: int | None
    count: MemberCount | None
    counts: list[MemberCount]
    lineage: list[UnitLineage]
    lineage_names: dict[int, str]

    @property
    def unit(self) -> Any:
        return self.version.unit

    @property
    def is_community(self) -> bool:
        return self.version.kind == COMMUNITY

    @property
    def is_branch(self) -> bool:
        return self.version.kind == BRANCH

    @property
    def is_group(self) -> bool:
        return self.version.kind == GROUP

    @property
    def form_name(self) -> str:
        return selectors.form_name(self.form.form) if self.form else ""


def visible_version(actor: Actor, unit_id: int, on: dt.date) -> UnitVersion:
    """A chain unit as it is on the day, or as it last was. Raises NotVisible."""
    unit = visible_unit(actor, unit_id)
    if unit.kind not in KINDS:
        raise NotVisible(_("没有找到这个组织。"))
    versions = list(UnitVersion.objects.filter(unit=unit).select_related("unit").order_by("valid_from"))
    return next((version for version in versions if version.holds_on(on)), versions[-1])


def unit_page(actor: Actor, unit_id: int, on: dt.date) -> UnitPage:
    """Everything of one unit on a day. Raises NotVisible. A fixed number of queries."""
    version = visible_version(actor, unit_id, on)
    below = UnitVersion.objects.in_force(on).filter(superior=unit_id, kind__in=KINDS)
    nodes = _nodes([version, *below.select_related("unit").order_by("place_code", "pinyin")], on)
    node = nodes.pop(unit_id)
    node.children = list(nodes.values())
    households = MemberHousehold.objects.in_force(on).filter(building__in=[b.pk for b in node.buildings])
    node.households = list(_as_seen(households, actor).order_by("building", "id"))
    term = Term.objects.filter(unit=unit_id, valid_from__lte=on).order_by("-valid_from").first()
    counts = list(MemberCount.objects.filter(unit=unit_id, counted_on__lte=on).order_by("-counted_on")[:6])
    lineage = list(UnitLineage.objects.filter(unit=unit_id).order_by("-effective_on", "-id"))
    others = {row.other_id for row in lineage if row.other_id}
    names = UnitVersion.objects.filter(unit__in=others).order_by("valid_from").values_list("unit_id", "name")
    in_force_rules = selectors.rules_in_force(on)
    return UnitPage(
        version=version, on=on, ended=not version.holds_on(on), trail=_trail(version, on), node=node,
        holders=holders_of([unit_id], on).get(unit_id, []),
        form=Form.objects.in_force(on).filter(unit=unit_id).first(),
        term=term, term_stage=rules.due_stage(term.valid_to, on, in_force_rules) if term else None,
        count=counts[0] if counts else None, counts=counts, lineage=lineage, lineage_names=dict(names),
    )  # fmt: skip


def _trail(version: UnitVersion, on: dt.date) -> list[UnitVersion]:
    """Its superiors inside the chain, highest first."""
    found: list[UnitVersion] = []
    above = version.superior_id
    while above is not None and len(found) < len(KINDS):
        row = selectors.version_of(above, on)
        if row is None or row.kind not in KINDS:
            break
        found.insert(0, row)
        above = row.superior_id
    return found


# One household.


@dataclass(frozen=True)
class HouseholdPage:
    household: MemberHousehold
    on: dt.date
    group: UnitVersion | None
    branch: UnitVersion | None
    person_name: str
    shown_to_residents: bool
    in_force: bool


def household_page(actor: Actor, pk: int, on: dt.date) -> HouseholdPage:
    """A household on a day; the person's name for those who see the person. Raises NotVisible."""
    household = _as_seen(policy_for(MemberHousehold).visible_to(actor), actor).filter(pk=pk).first()
    if household is None:
        raise NotVisible(_("没有找到这户党员中心户。"))
    chain = selectors.chain_for_building(household.building, on)
    return HouseholdPage(
        household=household, on=on,
        group=selectors.version_of(chain.group.unit_id, on) if chain.group and chain.group.unit_id else None,
        branch=selectors.version_of(chain.branch.unit_id, on) if chain.branch and chain.branch.unit_id else None,
        person_name=household.seen_name or "",
        shown_to_residents=bool(consenting([household.person_id], SHOW_NAME, on)),
        in_force=household.holds_on(on),
    )  # fmt: skip


# Breaks.


@dataclass(frozen=True)
class BreakLine:
    """One break; `url` is the page that mends it, "" where that is not the reader's to do; `chain_of`: the community,
    or the grid for a reader who has no more."""

    subject: str
    place_code: str
    place_name: str
    since: dt.date | None
    url: str
    chain_of: str = ""


@dataclass(frozen=True)
class BreakKind:
    finding: Finding
    total: int
    lines: list[BreakLine]

    @property
    def rest(self) -> int:
        return self.total - len(self.lines)


def breaks(actor: Actor, places: Sequence[str], on: dt.date, wanted: Sequence[str] = ()) -> list[BreakKind]:
    """Breaks in some places, of all kinds or those that are wanted, serious and numerous ones first. Raises NotVisible.
    One query per kind found."""
    for code in places:
        require_known(actor, code)
    known = [each for each in all_findings() if not wanted or each.key in wanted]
    counted = count_breaks(known, places, on)
    limit = SHOWN_OF_ONE if wanted else SHOWN_PER_KIND
    rows = {
        number: list(known[number].rows(on).filter(within(known[number].place_field, places))[:limit])
        for number in counted
    }
    codes = {_place_of(known[number], row) for number, found in rows.items() for row in found}
    names = place_names(codes)
    kinds = []
    for number, found in rows.items():
        finding = known[number]
        lines = []
        for row in found:
            code = _place_of(finding, row)
            lines.append(
                BreakLine(
                    finding.subject(row),
                    code,
                    names.get(code, code),
                    finding.since(row),
                    finding.mend(row) if may_mend(actor, finding.key, code) else "",
                    code[:12] if actor.holds(VIEW, code[:12]) else code,
                )
            )
        lines.sort(key=lambda line: line.place_code)
        kinds.append(BreakKind(finding, counted[number], lines))
    return sorted(kinds, key=lambda each: (each.finding.severity != "serious", -each.total))


def count_breaks(known: Sequence[Finding], places: Sequence[str], on: dt.date) -> dict[int, int]:
    """Position in `known` → how many breaks of that kind in these places; kinds without any are missing."""
    with steady():
        found = [finding.rows(on).filter(within(finding.place_field, places)) for finding in known]
    queries = [
        rows.order_by()
        .annotate(kind_number=Value(number))
        .values("kind_number")
        .annotate(found=Count("pk", distinct=True))
        .values_list("kind_number", "found")
        for number, rows in enumerate(found)
    ]
    counted = queries[0].union(*queries[1:], all=True) if queries else []
    return {number: count for number, count in counted if count}


def _place_of(finding: Finding, row: Any) -> str:
    return str(getattr(row, finding.place_field))


def place_names(codes: Iterable[str]) -> dict[str, str]:
    """Names with the community before a grid's own."""
    grids = {code for code in codes if level_of(code) == "grid"}
    areas = {code[:12] for code in codes}
    names = dict(Area.objects.filter(code__in=areas | set(codes)).values_list("code", "name"))
    for code, name in Grid.objects.filter(code__in=grids).values_list("code", "name"):
        names[code] = f"{names.get(code[:12], '')} · {name}"
    return names


def people_named(actor: Actor, text: str, limit: int = 20) -> list[Person]:
    """Persons the actor may name for a post or a household, found by name, pinyin or initials."""
    text = text.strip()
    if not text:
        return []
    found = named_persons(actor, text).filter(erased_at=None).select_related("key")
    return list(found.order_by("pinyin", "id")[:limit])
