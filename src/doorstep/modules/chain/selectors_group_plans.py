"""Plans of building groups as people look at them: where one may plan, the list, the studio, why a group is as it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.places.models import Area, standing
from doorstep.kernel.proposals import selectors as proposals
from doorstep.kernel.proposals.rows import present
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import is_code, within
from doorstep.modules.chain import group_instances as instances
from doorstep.modules.chain import group_plan_words
from doorstep.modules.chain.building_members import members_of
from doorstep.modules.chain.group_instances import Ground, Labels
from doorstep.modules.chain.models import GroupPlan
from doorstep.modules.chain.policies import KEEP, may_adjust
from doorstep.modules.chain.selectors import GROUP, rules_in_force

CAN_EDIT = ("move", "pin", "undo", "rename", "compute")


@dataclass(frozen=True)
class StudioHouse:
    """number: its group in the plan, today: that of today; None for none."""

    id: int
    name: str
    longitude: float
    latitude: float
    households: int
    members: int
    estimated: bool
    number: int | None
    today: int | None
    branch: int


@dataclass(frozen=True)
class StudioGroup:
    """below: fewer members than the minimum; torn: its buildings do not hang together; estimated: of some of its buildings."""

    number: int
    name: str
    branch: int
    members: int
    households: int
    buildings: int
    estimated: int
    below: bool
    torn: bool
    new: bool


@dataclass(frozen=True)
class GroupStudio:
    """All a page of the studio shows besides the plan itself; every value goes into JSON as it is (`data`). pins: id, name, what of,
    words."""

    version: int
    version_kind: str
    versions: int
    branches: dict[int, str]
    houses: list[StudioHouse]
    groups: list[StudioGroup]
    figures: dict[str, Any]
    today: dict[str, Any]
    estimated: int
    pins: list[dict[str, Any]]
    can: dict[str, bool] = field(default_factory=dict)

    @property
    def data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class SiteToPlan:
    """What a new plan begins from. branches: (unit, name, groups today, buildings, members). left_out: buildings without branch."""

    name: str
    branches: list[tuple[int, str, int, int, int]]
    buildings: int
    members: int
    estimated: int
    left_out: list[str]
    minimum: int
    size: int


@dataclass(frozen=True)
class GroupPlanLine:
    plan: GroupPlan
    place: str
    branch: str

    @property
    def figures(self) -> dict[str, Any]:
        return present(self.plan).figures


def communities_to_plan(actor: Actor) -> list[tuple[str, list[tuple[str, str]]]]:
    """The communities in which the actor may adjust groups, by street. One statement."""
    mine = within("code", [place for place in actor.places_for(KEEP) if len(place) <= 12])
    rows = list(
        Area.objects.filter(standing(), mine, level="community")
        .order_by("code")
        .values_list("code", "name", "parent__name")
    )
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, name, street in rows:
        if may_adjust(actor, GROUP, code):
            groups.setdefault(street or "", []).append((code, name))
    return list(groups.items())


def site_to_plan(code: str) -> SiteToPlan:
    """Raises RuleViolation, saying what is missing. Eleven statements."""
    day = clock.today()
    site = instances.site_of(code, None, day)
    counted = members_of(site.houses, day)
    in_force = rules_in_force(day)
    held: dict[int, list[int]] = {branch: [0, 0] for branch in site.branch_names}
    groups: dict[int, set[int]] = {}
    for house, one in zip(site.houses, counted, strict=True):
        held[house.branch][0] += 1
        held[house.branch][1] += one.full
        if house.group is not None:
            groups.setdefault(house.branch, set()).add(house.group)
    least = in_force.number("group.members_min")
    area = Area.objects.get(code=code)
    return SiteToPlan(
        area.name,
        [
            (unit, name, len(groups.get(unit, ())), held[unit][0], held[unit][1])
            for unit, name in site.branch_names.items()
            if held[unit][0]
        ],
        len(site.houses), sum(one.full for one in counted), sum(one.estimated for one in counted), site.left_out, least,
        max(least, in_force.number("group.members_usual")),
    )  # fmt: skip


def plans_seen(actor: Actor) -> QuerySet[GroupPlan]:
    """The plans that exist for the actor, the newest first."""
    return proposals.plans_seen(GroupPlan, actor)


def plan_seen(actor: Actor, pk: int) -> GroupPlan:
    """Raises NotVisible."""
    return proposals.plan_seen(GroupPlan, actor, pk)


def listed(actor: Actor, place: str, before: int, most: int) -> list[GroupPlanLine]:
    """The plans seen inside a place ("" for all), those older than `before`. Three statements."""
    rows = (
        plans_seen(actor)
        .select_related("current")
        .defer("buildings", "members", "outcome", "current__labels")
    )
    if place and is_code(place):
        rows = rows.filter(within("place_code", [place]))
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[:most])
    names = dict(Area.objects.filter(code__in={row.place_code for row in found}).values_list("code", "name"))
    of_branches = {row.branch_id for row in found if row.branch_id}
    branches = dict(
        UnitVersion.objects.filter(unit__in=of_branches).order_by("valid_from").values_list("unit_id", "name")
    ) if of_branches else {}  # fmt: skip
    return [
        GroupPlanLine(row, names.get(row.place_code, ""), branches.get(row.branch_id or 0, ""))
        for row in found
    ]


def studio(actor: Actor, plan: GroupPlan) -> tuple[GroupStudio, Ground]:
    """Everything of a plan at once. Eight statements, however many buildings."""
    ground = instances.ground_of(plan)
    current = present(plan)
    first = current if current.number == 1 else plan.versions.order_by("number").first()
    view = GroupStudio(
        version=current.number, version_kind=current.kind, versions=plan.versions.count(), branches=ground.branch_names,
        houses=_houses(ground, current.labels), groups=_groups(ground, current.labels), figures=current.figures,
        today=first.figures if first else current.figures, estimated=sum(one.estimated for one in ground.counted),
        pins=_pins(ground, current.labels), can=allowed(actor, plan),
    )  # fmt: skip
    return view, ground


def _pins(ground: Ground, labels: Labels) -> list[dict[str, Any]]:
    houses, names = {house.id: house.called for house in ground.houses}, ground.called(labels)
    return [
        {
            "id": pin.pk, "what": "、".join(houses.get(one, "") for one in pin.buildings), "words": pin.words,
            "name": str(pin.get_kind_display()) + ("" if pin.number is None else f"：{names.get(pin.number, '')}"),
        }
        for pin in ground.pins
    ]  # fmt: skip


def _houses(ground: Ground, labels: Labels) -> list[StudioHouse]:
    today = ground.today
    return [
        StudioHouse(
            house.id, house.called, house.longitude, house.latitude, house.households, ground.counted[at].full,
            ground.counted[at].estimated, labels[at], today[at], house.branch,
        )
        for at, house in enumerate(ground.houses)
    ]  # fmt: skip


def _groups(ground: Ground, labels: Labels) -> list[StudioGroup]:
    from doorstep.planning.grids.connection import broken_groups

    names = ground.called(labels)
    torn = set(broken_groups(instances.as_array(labels), ground.instance.edges).tolist())
    held: dict[int, list[int]] = {}
    for at, number in enumerate(labels):
        if number is not None:
            held.setdefault(number, []).append(at)
    found = []
    for number, places in sorted(held.items()):
        members = sum(ground.counted[at].full for at in places)
        found.append(
            StudioGroup(
                number, names[number], ground.houses[places[0]].branch, members,
                sum(ground.houses[at].households for at in places), len(places),
                sum(ground.counted[at].estimated for at in places), members < ground.instance.minimum, number in torn,
                number >= len(ground.groups),
            )
        )  # fmt: skip
    return found


def allowed(actor: Actor, plan: GroupPlan) -> dict[str, bool]:
    """What the actor may do with the plan as it stands."""
    return proposals.allowed(actor, plan, CAN_EDIT)


def explanation(ground: Ground, plan: GroupPlan, number: int) -> list[str]:
    """Why a group of the plan is as it is, in sentences. Raises RuleViolation for a group the plan does not have."""
    labels = present(plan).labels
    if number not in labels:
        raise RuleViolation(_("方案里没有这个小组。"), field="number")
    return group_plan_words.explanation(ground, labels, number)
