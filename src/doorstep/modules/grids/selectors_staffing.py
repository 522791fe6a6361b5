"""Plans of who works which grid as people look at them. Workers stand in the order of their places; nothing here ranks them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.policies import APPOINT_COMMUNITY
from doorstep.kernel.places.models import Area, standing
from doorstep.kernel.proposals import selectors as proposals
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import is_code, within
from doorstep.modules.grids.models import StaffPlan, StandIn
from doorstep.modules.grids.plan_words import formula
from doorstep.modules.grids.selectors_plan_places import PlacesToPlan, places_of
from doorstep.modules.grids.staff_effect import changes_of, place_names
from doorstep.modules.grids.staff_figures import held_by, loads_of, means_of
from doorstep.modules.grids.staff_ground import (
    COMMUNITY,
    StaffGround,
    communities_of,
    grids_there,
    ground_of,
    holders_of,
    workers_there,
)

CAN_EDIT = ("move", "pin", "undo", "compute")


@dataclass(frozen=True)
class StaffWorker:
    """number: on the map. grids, today: names of grids. share_of_mean: what they are ÷ the mean worker of the community."""

    id: int
    number: int
    name: str
    community: str
    grids: list[str]
    today: list[str]
    load: float
    share_of_mean: float
    stand_in: str
    part_time: bool

    @property
    def changes(self) -> bool:
        return set(self.grids) != set(self.today)


@dataclass(frozen=True)
class StaffGrid:
    """worker, today: numbers of workers, None for nobody."""

    code: str
    name: str
    community: str
    load: float
    households: int
    buildings: int
    worker: int | None
    today: int | None
    held: bool

    @property
    def changes(self) -> bool:
        return self.worker != self.today


@dataclass(frozen=True)
class StaffWish:
    id: int
    kind: str
    name: str
    grid: str
    worker: str
    words: str


@dataclass(frozen=True)
class StaffView:
    """All that a page of a plan shows."""

    plan: StaffPlan
    place: str
    communities: dict[str, str]
    workers: list[StaffWorker]
    grids: list[StaffGrid]
    pins: list[StaffWish]
    buildings: list[list[Any]]
    figures: dict[str, Any]
    today: dict[str, Any]
    versions: int
    formula: str
    can: dict[str, bool] = field(default_factory=dict)

    def without(self, community: str) -> list[StaffGrid]:
        return [one for one in self.grids if one.community == community and one.worker is None]


def staffing_plans_seen(actor: Actor) -> QuerySet[StaffPlan]:
    """The plans that exist for the actor, the newest first."""
    return proposals.plans_seen(StaffPlan, actor)


def staffing_seen(actor: Actor, pk: int) -> StaffPlan:
    """Raises NotVisible."""
    return proposals.plan_seen(StaffPlan, actor, pk)


def places_to_staff(actor: Actor) -> PlacesToPlan:
    """The district, streets and communities over which the actor appoints grid workers. One statement."""
    return places_of(actor, APPOINT_COMMUNITY)


@dataclass(frozen=True)
class StaffLine:
    plan: StaffPlan
    place: str

    @property
    def figures(self) -> dict[str, Any]:
        return self.plan.current.figures if self.plan.current else {}


def staffing_listed(actor: Actor, place: str, before: int, most: int) -> list[StaffLine]:
    """The plans seen inside a place ("" for all), those older than `before`. Two statements."""
    rows = staffing_plans_seen(actor).select_related("current").defer("outcome", "today", "current__holders")
    if place and is_code(place):
        rows = rows.filter(within("place_code", [place]))
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[:most])
    names = dict(Area.objects.filter(code__in={row.place_code for row in found}).values_list("code", "name"))
    return [StaffLine(row, names.get(row.place_code, "")) for row in found]


def staff_to_plan(code: str) -> tuple[str, list[tuple[str, int, int]]]:
    """What a new plan begins from: the place's name, and by community its grids and workers. Four statements."""
    day = clock.today()
    grids = grids_there(code, day)
    workers = [row.place_code[:COMMUNITY] for row in workers_there(code, day)]
    codes = sorted({one[:COMMUNITY] for one in grids} | set(workers))
    rows = Area.objects.filter(standing() | Q(code=code), code__in=[code, *codes])
    names = dict(rows.values_list("code", "name"))
    lines = [
        (names.get(one, one), sum(grid.startswith(one) for grid in grids), workers.count(one))
        for one in codes
    ]
    return names.get(code, code), lines


def staffing(actor: Actor, plan: StaffPlan) -> StaffView:
    """Everything of a plan at once. A fixed number of statements, however many grids."""
    ground, current = ground_of(plan), plan.current
    if current is None:
        raise NotVisible(_("没有找到这个方案。"))
    today = holders_of(plan.grids, plan.today)
    called = names_shown(actor, plan)
    first = current if current.number == 1 else plan.versions.order_by("number").first()
    codes = sorted({code[:COMMUNITY] for code in plan.grids} | set(communities_of(plan).values()))
    return StaffView(
        plan=plan, place=ground.names.get(plan.place_code, plan.place_code),
        communities={code: ground.names.get(code, code) for code in codes},
        workers=_workers(ground, current.holders, current.figures, current.stand_ins, called),
        grids=_grids(ground, current.holders, today),
        pins=[
            StaffWish(
                pin.pk, pin.kind, str(pin.get_kind_display()), ground.names.get(pin.grid, pin.grid),
                called.get(pin.worker, ""), pin.words,
            )
            for pin in ground.pins
        ],
        buildings=_buildings(ground, current.holders, today), figures=current.figures, today=first.figures if first else {},
        versions=plan.versions.count(), formula=formula(plan.weights), can=allowed(actor, plan),
    )  # fmt: skip


def names_shown(actor: Actor, plan: StaffPlan) -> dict[int, str]:
    """Names by appointment, for whom the appointments exist; a number for anybody else. One statement."""
    rows = policy_for(Appointment).visible_to(actor).filter(pk__in=plan.workers)
    seen = dict(rows.values_list("pk", "person__name"))
    return {
        pk: seen.get(pk) or _("网格员%d") % (at + 1) for at, pk in enumerate(plan.workers)
    }  # fmt: skip


def _workers(
    ground: StaffGround, holders: Any, figures: Mapping[str, Any], stand_ins: Mapping[str, int], called: Mapping[int, str]
) -> list[StaffWorker]:  # fmt: skip
    plan, homes = ground.plan, communities_of(ground.plan)
    held, carried, means = held_by(holders), loads_of(ground, holders), means_of(figures)
    found = []
    for at, pk in enumerate(plan.workers):
        mean = means.get(homes[pk], 0.0)
        other = stand_ins.get(str(pk))
        found.append(
            StaffWorker(
                pk, at, called[pk], homes[pk], _named(ground, [plan.grids[one] for one in held.get(pk, ())]),
                _named(ground, plan.today[str(pk)]), round(carried.get(pk, 0.0), 1),
                round(carried.get(pk, 0.0) / mean, 4) if mean else 0.0, called.get(other, "") if other else "",
                pk in ground.part_time,
            )
        )  # fmt: skip

    def by_place(one: StaffWorker) -> tuple[str, int, int]:
        return one.community, held[one.id][0] if one.id in held else len(plan.grids), one.number

    return sorted(found, key=by_place)


def _named(ground: StaffGround, codes: Iterable[str]) -> list[str]:
    return [ground.names.get(code, code) for code in sorted(codes)]


def _grids(ground: StaffGround, holders: Any, today: Any) -> list[StaffGrid]:
    plan = ground.plan
    number = {pk: at for at, pk in enumerate(plan.workers)}
    holds = {pin.grid for pin in ground.pins if pin.kind == "hold"}
    households: dict[str, int] = {}
    buildings: dict[str, int] = {}
    for house in ground.houses:
        households[house.today] = households.get(house.today, 0) + house.households
        buildings[house.today] = buildings.get(house.today, 0) + 1
    return [
        StaffGrid(
            code, ground.names.get(code, code), code[:COMMUNITY], round(ground.load[at], 1), households.get(code, 0),
            buildings.get(code, 0), number.get(holders[at]), number.get(today[at]), code in holds,
        )
        for at, code in enumerate(plan.grids)
    ]  # fmt: skip


def _buildings(ground: StaffGround, holders: Any, today: Any) -> list[list[Any]]:
    """For the map: each building with the number of who works its grid, in the plan and today."""
    plan = ground.plan
    number = {pk: at for at, pk in enumerate(plan.workers)}
    place = {code: at for at, code in enumerate(plan.grids)}
    holds = {pin.grid for pin in ground.pins if pin.kind == "hold"}
    rows = []
    for house in ground.houses:
        at = place.get(house.today)
        rows.append(
            [
                house.id, f"{ground.names.get(house.today, '')} {house.compound}{house.name}", house.longitude, house.latitude,
                house.households, None if at is None else number.get(holders[at]),
                None if at is None else number.get(today[at]), int(house.today in holds), house.community, house.today,
            ]
        )  # fmt: skip
    return rows


def allowed(actor: Actor, plan: StaffPlan) -> dict[str, bool]:
    """What the actor may do with the plan as it stands."""
    return proposals.allowed(actor, plan, CAN_EDIT)


@dataclass(frozen=True)
class StaffChange:
    """One worker whose grids change."""

    community: str
    name: str
    before: list[str]
    after: list[str]


def staffing_changes(actor: Actor, plan: StaffPlan) -> dict[str, Any]:
    """What the plan changes for whom, in words: `problem`, `changed` (StaffChange, by place), `matters`, `standing_in`."""
    found = changes_of(plan)
    names, called = place_names(plan), names_shown(actor, plan)
    changed = [
        StaffChange(
            names.get(one["community"], one["community"]), called.get(one["appointment"], ""),
            [names.get(code, code) for code in one["before"]], [names.get(code, code) for code in one["after"]],
        )
        for one in found["changed"]
    ]  # fmt: skip
    return {**found, "changed": changed}


def proposed_stand_in(appointment: Appointment) -> Appointment | None:
    """Who stands in for this worker by the newest plan in effect there, still in office. One statement."""
    rows = StandIn.objects.filter(
        worker__person_id=appointment.person_id, worker__unit_id=appointment.unit_id, plan__state="applied"
    )
    row = rows.select_related("other").order_by("-plan__applied_at", "-pk").first()
    if row is None:
        return None
    today = Appointment.objects.in_force().filter(
        person_id=row.other.person_id, unit_id=appointment.unit_id, post=appointment.post, substitute_for=None
    )
    return today.select_related("person").first()
