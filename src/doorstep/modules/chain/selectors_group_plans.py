"""Plans of building groups as people look at them: where one may plan, the list, the studio, why a group is as it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.places.models import Area, standing
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import is_code, within
from doorstep.modules.chain import group_instances as instances
from doorstep.modules.chain import group_plan_words
from doorstep.modules.chain.building_members import members_of
from doorstep.modules.chain.group_instances import Ground, Labels
from doorstep.modules.chain.group_plan_rows import present
from doorstep.modules.chain.models import GroupPlan
from doorstep.modules.chain.policies import KEEP, may_adjust
from doorstep.modules.chain.selectors import GROUP, rules_in_force

CAN_EDIT = ("move", "undo", "rename", "compute", "send", "drop")


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
    """All a page of the studio shows; every value goes into JSON as it is (`data`)."""

    id: int
    title: str
    place_code: str
    on: str
    state: str
    state_name: str
    error: str
    reason: str
    lock_version: int
    version: int
    version_kind: str
    versions: int
    minimum: int
    size: int
    short: bool
    asked: dict[str, int]
    branches: dict[int, str]
    houses: list[StudioHouse]
    groups: list[StudioGroup]
    figures: dict[str, Any]
    today: dict[str, Any]
    estimated: int
    effective_on: str
    document: str
    people: dict[str, str]
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

    @property
    def mark(self) -> str:
        """The state's shape and colour."""
        return {"applied": "done", "approved": "done", "refused": "late", "sent": "soon"}.get(
            self.plan.state, ""
        )


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
    return policy_for(GroupPlan).visible_to(actor).exclude(state="dropped").order_by("-id")


def plan_seen(actor: Actor, pk: int) -> GroupPlan:
    """Raises NotVisible."""
    plan: GroupPlan | None = (
        policy_for(GroupPlan).visible_to(actor).select_related("current").filter(pk=pk).first()
    )
    if plan is None:
        raise NotVisible(_("没有找到这个方案。"))
    return plan


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
        id=plan.pk, title=plan.title, place_code=plan.place_code, on=plan.on.isoformat(), state=plan.state,
        state_name=str(plan.get_state_display()), error=plan.error, reason=plan.reason, lock_version=plan.lock_version,
        version=current.number, version_kind=current.kind, versions=plan.versions.count(), minimum=plan.minimum,
        size=plan.size, short=plan.short, asked=plan.asked, branches=ground.branch_names,
        houses=_houses(ground, current.labels), groups=_groups(ground, current.labels), figures=current.figures,
        today=first.figures if first else current.figures, estimated=sum(one.estimated for one in ground.counted),
        effective_on=plan.effective_on.isoformat() if plan.effective_on else "", document=plan.document,
        people=people_of(plan), can=allowed(actor, plan),
    )  # fmt: skip
    return view, ground


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


def people_of(plan: GroupPlan) -> dict[str, str]:
    """Who made, sent and approved the plan, by name. One statement."""
    roles = (("made", plan.made_by), ("sent", plan.sent_by), ("approved", plan.approved_by))
    rows = Account.objects.filter(pk__in={ref for _role, ref in roles if ref}).select_related("person")
    names = {row.pk: row.person.name if row.person else row.username for row in rows}
    return {role: names.get(ref or 0, "") for role, ref in roles}


def allowed(actor: Actor, plan: GroupPlan) -> dict[str, bool]:
    """What the actor may do with the plan as it stands."""
    policy = policy_for(GroupPlan)
    makes, open_ = policy.can(actor, "make", plan), plan.state in ("ready", "refused")
    second = policy.can(actor, "approve", plan) and actor.account_id not in (None, plan.sent_by)
    return {
        **{name: makes and open_ for name in CAN_EDIT},
        "take_back": makes and plan.state in ("sent", "approved"),
        "approve": second and plan.state == "sent",
        "send_back": second and plan.state == "sent",
    }


def explanation(ground: Ground, plan: GroupPlan, number: int) -> list[str]:
    """Why a group of the plan is as it is, in sentences. Raises RuleViolation for a group the plan does not have."""
    labels = present(plan).labels
    if number not in labels:
        raise RuleViolation(_("方案里没有这个小组。"), field="number")
    return group_plan_words.explanation(ground, labels, number)
