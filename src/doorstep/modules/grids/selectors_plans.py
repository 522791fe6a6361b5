"""Plans of grids as people look at them: the list, the studio, how far a run is, why a grid is as it is, plans side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.models import Grid
from doorstep.kernel.proposals import selectors as proposals
from doorstep.kernel.proposals.rows import present
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids import instances
from doorstep.modules.grids.models import GridPlan, PlannedGrid, PlanPin
from doorstep.modules.grids.plan_changes import changes
from doorstep.modules.grids.plan_words import formula

__all__ = [
    "StudioBuilding", "StudioGrid", "StudioPin", "StudioView", "allowed", "changes", "explanation", "plan_seen",
    "plans_seen", "progress", "studio", "worker_choices",
]  # fmt: skip

CAN_EDIT = ("move", "pin", "undo", "rename", "worker", "run")


@dataclass(frozen=True)
class StudioBuilding:
    """number: its grid in the plan, None where it has none. load: in ordinary households."""

    id: int
    name: str
    longitude: float
    latitude: float
    households: int
    load: float
    number: int | None
    today: int | None
    compound: str
    community: str
    pinned: bool

    @property
    def called(self) -> str:
        return instances.called(self.compound, self.name)


@dataclass(frozen=True)
class StudioGrid:
    """share_of_mean: its load ÷ the mean grid of its community. new: no grid of today."""

    number: int
    name: str
    code: str
    community: str
    load: float
    share_of_mean: float
    households: int
    buildings: int
    new: bool
    worker: int | None = None


@dataclass(frozen=True)
class StudioPin:
    id: int
    kind: str
    name: str
    buildings: list[int]
    number: int | None
    words: str


@dataclass(frozen=True)
class StudioView:
    """All a page of the studio shows; every value goes into JSON as it is (`data`)."""

    id: int
    title: str
    place_code: str
    on: str
    state: str
    state_name: str
    share: float
    stop_asked: bool
    error: str
    reason: str
    lock_version: int
    version: int
    version_kind: str
    versions: int
    seconds: int
    seed: int
    formula: str
    price: float
    asked: dict[str, int]
    communities: dict[str, str]
    buildings: list[StudioBuilding]
    grids: list[StudioGrid]
    pins: list[StudioPin]
    remarks: list[dict[str, str]]
    figures: dict[str, Any]
    bounds: dict[str, Any] | None
    today: dict[str, Any]
    effective_on: str
    document: str
    people: dict[str, str]
    can: dict[str, bool] = field(default_factory=dict)

    @property
    def data(self) -> dict[str, Any]:
        return asdict(self)


def plans_seen(actor: Actor) -> QuerySet[GridPlan]:
    """The plans that exist for the actor, the newest first."""
    return proposals.plans_seen(GridPlan, actor)


def plan_seen(actor: Actor, pk: int) -> GridPlan:
    """Raises NotVisible."""
    return proposals.plan_seen(GridPlan, actor, pk)


def studio(actor: Actor, plan: GridPlan) -> StudioView:
    """Everything of a plan at once. Sixteen statements, however many buildings."""
    ground = instances.ground_of(plan)
    current = present(plan)
    first = current if current.number == 1 else plan.versions.order_by("number").first()
    pins = list(PlanPin.objects.filter(plan=plan).order_by("pk"))
    rows = list(PlannedGrid.objects.filter(plan=plan).order_by("number"))
    people = _people(
        [plan.made_by, plan.sent_by, plan.approved_by, *plan.remarks.values_list("account_ref", flat=True)]
    )
    return StudioView(
        id=plan.pk, title=plan.title, place_code=plan.place_code, on=plan.on.isoformat(), state=plan.state,
        state_name=str(plan.get_state_display()), share=plan.share, stop_asked=plan.stop_asked, error=plan.error,
        reason=plan.reason, lock_version=plan.lock_version, version=current.number, version_kind=current.kind,
        versions=plan.versions.count(), seconds=plan.seconds, seed=plan.seed, formula=formula(plan.weights), price=plan.price,
        asked=plan.asked, communities={code: ground.names.get(code, code) for code in plan.asked},
        buildings=_buildings(ground, current.labels, pins), grids=_grids(ground, current.labels, rows, plan.workers),
        pins=[
            StudioPin(pin.pk, pin.kind, str(pin.get_kind_display()), pin.buildings, pin.number, pin.words) for pin in pins
        ],
        remarks=[
            {"text": one.text, "who": people.get(one.account_ref or 0, ""), "at": one.at.isoformat()}
            for one in plan.remarks.order_by("pk")
        ],
        figures=current.figures, bounds=current.bounds, today=first.figures if first else {},
        effective_on=plan.effective_on.isoformat() if plan.effective_on else "", document=plan.document,
        people={
            role: people.get(ref or 0, "")
            for role, ref in (("made", plan.made_by), ("sent", plan.sent_by), ("approved", plan.approved_by))
        },
        can=allowed(actor, plan),
    )  # fmt: skip


def _buildings(
    ground: instances.Ground, labels: instances.Labels, pins: Sequence[PlanPin]
) -> list[StudioBuilding]:
    pinned = {building for pin in pins for building in pin.buildings}
    loads, today = ground.instance.load.tolist(), ground.today
    return [
        StudioBuilding(
            house.id, house.name, house.longitude, house.latitude, house.households, round(loads[at], 2), labels[at],
            today[at], house.compound, house.community, house.id in pinned,
        )
        for at, house in enumerate(ground.houses)
    ]  # fmt: skip


def _grids(
    ground: instances.Ground, labels: instances.Labels, rows: Sequence[PlannedGrid], workers: dict[str, int]
) -> list[StudioGrid]:
    """The plan's grids; those of today that it does not keep stand among them while the version shows today."""
    load: dict[int, float] = {}
    households: dict[int, int] = {}
    count: dict[int, int] = {}
    total: dict[str, float] = {}
    for at, house in enumerate(ground.houses):
        weight, number = float(ground.instance.load[at]), labels[at]
        total[house.community] = total.get(house.community, 0.0) + weight
        if number is not None:
            load[number] = load.get(number, 0.0) + weight
            households[number] = households.get(number, 0) + house.households
            count[number] = count.get(number, 0) + 1
    asked = _asked(ground)
    named = {row.number: (ground.called.get(row.number, row.name), row.code, row.community) for row in rows}
    for number in sorted(set(count) - set(named)):
        code = ground.codes[number]
        named[number] = (ground.names[code], code, code[:12])
    return [
        StudioGrid(
            number, name, code, community, round(load.get(number, 0.0), 2),
            round(load.get(number, 0.0) / (total[community] / asked[community]), 4), households.get(number, 0),
            count.get(number, 0), not code, workers.get(str(number)),
        )
        for number, (name, code, community) in sorted(named.items())
    ]  # fmt: skip


def _asked(ground: instances.Ground) -> dict[str, int]:
    parts = zip(ground.instance.part_ids.tolist(), ground.instance.asked.tolist(), strict=True)
    return {str(part): count for part, count in parts}


def _people(refs: Sequence[int | None]) -> dict[int, str]:
    rows = Account.objects.filter(pk__in={ref for ref in refs if ref}).select_related("person")
    return {row.pk: row.person.name if row.person else row.username for row in rows}


def allowed(actor: Actor, plan: GridPlan) -> dict[str, bool]:
    """What the actor may do with the plan as it stands."""
    policy, computing = policy_for(GridPlan), plan.state in ("waiting", "running")
    makes = policy.can(actor, "make", plan)
    found = proposals.allowed(actor, plan, CAN_EDIT)
    return {
        **found,
        "stop": makes and computing and not plan.stop_asked,
        "drop": found["drop"] or (makes and computing),
        "remark": policy.can(actor, "remark", plan),
    }


def progress(actor: Actor, plan: GridPlan, since: int = 0) -> dict[str, Any]:
    """What changed while a plan is computed, for a page that asks every second.

    since: milliseconds of the version the page shows (`at` of the last answer); labels and figures come only with a newer one.
    One or two statements beyond the plan.
    """
    current = present(plan)
    at = int(current.at.timestamp() * 1000)
    answer: dict[str, Any] = {
        "state": plan.state, "state_name": str(plan.get_state_display()), "share": round(plan.share, 3), "error": plan.error,
        "lock_version": plan.lock_version, "version": current.number, "kind": current.kind, "at": at,
        "stop_asked": plan.stop_asked,
    }  # fmt: skip
    if at > since:
        answer |= {"labels": current.labels, "figures": current.figures, "bounds": current.bounds}
    return answer


def explanation(actor: Actor, plan: GridPlan, number: int) -> list[str]:
    """Why a grid of the plan is as it is, in sentences. Raises RuleViolation for a grid the plan does not have."""
    from doorstep.planning.errors import Refused
    from doorstep.planning.grids import explain

    ground = instances.ground_of(plan)
    try:
        told = explain(ground.instance, ground.plan(present(plan).labels), number)
    except Refused as refused:
        raise RuleViolation(ground.in_words(refused), field="number") from refused
    houses = {house.id: house for house in ground.houses}
    sentences = [
        _("%(buildings)d 栋楼，%(households)d 户；离中心楼栋“%(middle)s”平均约 %(metres)d 米。")
        % {
            "buildings": len(told.buildings), "households": told.households,
            "middle": houses[told.middle].called, "metres": round(told.compact),
        },
        *(ground.in_words(one) for one in told.why),
    ]  # fmt: skip
    if told.neighbours:
        names = "、".join(ground.called.get(one, str(one)) for one, _pairs in told.neighbours)
        sentences.append(_("相邻的网格：%s。") % names)
    compounds = {house.compound_id: house.compound for house in ground.houses}
    for split in told.split:
        others = "、".join(ground.called.get(one, str(one)) for one in split.others)
        sentences.append(
            _("小区“%(name)s”有 %(count)d 栋在这里，其余在%(others)s。")
            % {"name": compounds.get(split.compound, ""), "count": split.buildings, "others": others}
        )
    return [*sentences, *(ground.in_words(one) for one in told.pins)]


def worker_choices(actor: Actor, plan: GridPlan) -> list[tuple[int, str, list[str], str]]:
    """Whom a new grid may be given to: appointment, name, names of the grids worked now, community. For who may make the plan;
    else empty. Three statements."""
    if not policy_for(GridPlan).can(actor, "make", plan):
        return []
    rows = (
        policy_for(Appointment)
        .visible_to(actor)
        .filter(in_force(), within("place_code", list(plan.asked)), post="grid_worker", substitute_for=None)
        .select_related("person")
        .prefetch_related("places")
    )
    held = list(rows.order_by("place_code", "pk"))
    codes = {place.code for row in held for place in row.places.all()}
    names = dict(Grid.objects.filter(code__in=codes).values_list("code", "name"))
    return [
        (
            row.pk, row.person.name, [names.get(place.code, place.code) for place in row.places.all()], row.place_code[:12]
        )
        for row in held
    ]  # fmt: skip
