"""A plan of workers as the planning package takes it: for each community its grids, how much work each is, which lie beside each
other, and who works there. Work is counted by the formula of the plans of grids, building by building."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids import instances
from doorstep.modules.grids.models import StaffPin, StaffPlan

if TYPE_CHECKING:
    from doorstep.planning.staff import Instance

COMMUNITY = 12
WORKER = "grid_worker"
Holders = list[int | None]  # an appointment for each grid of the plan


@dataclass(frozen=True)
class Share:
    """One community of the plan. grids, workers: places in the plan's lists."""

    code: str
    grids: tuple[int, ...]
    workers: tuple[int, ...]
    instance: Instance


@dataclass(frozen=True)
class StaffGround:
    """All that a plan of workers is made of. beside: pairs of places of adjacent grids."""

    plan: StaffPlan
    houses: tuple[instances.House, ...]
    names: dict[str, str]  # of communities and grids
    people: dict[int, str]  # by appointment, for messages to who may arrange
    load: list[float]
    beside: frozenset[tuple[int, int]]
    shares: tuple[Share, ...]
    pins: tuple[StaffPin, ...] = ()
    part_time: frozenset[int] = field(default_factory=frozenset)

    def share_of(self, community: str) -> Share:
        """Raises RuleViolation where the plan does not have the community."""
        for share in self.shares:
            if share.code == community:
                return share
        raise RuleViolation(_("方案里没有这个网格。"), field="grid")

    def adjacent(self, one: int, other: int) -> bool:
        return (min(one, other), max(one, other)) in self.beside


def grids_there(place_code: str, on: dt.date) -> list[str]:
    """Codes of the basic grids in force, in their order."""
    rows = Grid.objects.in_force(on).filter(within("code", [place_code]), kind="basic")
    return list(rows.order_by("code").values_list("code", flat=True))


def workers_there(place_code: str, on: dt.date) -> list[Appointment]:
    """The grid workers in office on the day; who stands in is left out, and who has dedicated grids alone. Three statements."""
    rows = Appointment.objects.in_force(on).filter(
        within("place_code", [place_code]), post=WORKER, substitute_for=None
    )
    others = Grid.objects.in_force(on).filter(within("code", [place_code])).exclude(kind="basic")
    dedicated = set(others.values_list("code", flat=True))
    return [
        row
        for row in rows.select_related("person").prefetch_related("places").order_by("pk")
        if {place.code for place in row.places.all()} - dedicated
    ]


def holders_of(grids: Sequence[str], today: Mapping[str, Sequence[str]]) -> Holders:
    """Who has each grid; of several the one that was appointed first."""
    found: dict[str, int] = {}
    for appointment in sorted(today, key=int):
        for code in today[appointment]:
            found.setdefault(code, int(appointment))
    return [found.get(code) for code in grids]


def ground_of(plan: StaffPlan) -> StaffGround:
    """Nine statements, however many grids."""
    import numpy as np

    from doorstep.planning.grids import Weights

    houses = instances.houses_of(plan.place_code, plan.on)
    place = {code: at for at, code in enumerate(plan.grids)}
    at_grid = np.array([place.get(house.today, -1) for house in houses], dtype=np.int64)
    weights = Weights(**{**plan.weights, "since": dt.date.fromisoformat(plan.weights["since"])})
    households = np.array([house.households for house in houses], dtype=np.int64)
    load = weights.loads(households, np.array([house.difficulty for house in houses], dtype=np.float64))
    x, y, pairs = instances.laid_out(houses)
    has = at_grid >= 0
    size = len(plan.grids)
    of_grid = np.bincount(at_grid[has], weights=load[has], minlength=size)
    count = np.maximum(1, np.bincount(at_grid[has], minlength=size))
    middles = np.stack(
        [np.bincount(at_grid[has], weights=axis[has], minlength=size) / count for axis in (x, y)], axis=1
    )
    across = at_grid[pairs].reshape(-1, 2)
    across = across[(across >= 0).all(axis=1) & (across[:, 0] != across[:, 1])]
    beside = np.unique(np.sort(across, axis=1), axis=0).reshape(-1, 2)
    names, rows = _names(plan), _rows(plan)
    people = {row.pk: row.person.name for row in rows}
    return StaffGround(
        plan, tuple(houses), names, people, [float(one) for one in of_grid],
        frozenset((int(one), int(other)) for one, other in beside),
        tuple(_shares(plan, names, people, of_grid, middles, beside)),
        tuple(StaffPin.objects.filter(plan=plan).order_by("pk")), frozenset(row.pk for row in rows if not row.full_time),
    )  # fmt: skip


def _names(plan: StaffPlan) -> dict[str, str]:
    areas = {code[:COMMUNITY] for code in plan.grids} | {plan.place_code}
    names = dict(Area.objects.filter(code__in=areas).values_list("code", "name"))
    return names | dict(Grid.objects.filter(code__in=plan.grids).values_list("code", "name"))


def _rows(plan: StaffPlan) -> list[Appointment]:
    return list(Appointment.objects.filter(pk__in=plan.workers).select_related("person"))


def _shares(
    plan: StaffPlan, names: Mapping[str, str], people: Mapping[int, str], load: Any, middles: Any, beside: Any
) -> list[Share]:
    """Communities with grids or workers, each a problem of its own."""
    import numpy as np

    from doorstep.planning.staff import Instance

    homes = communities_of(plan)
    codes = sorted({code[:COMMUNITY] for code in plan.grids} | set(homes.values()))
    found = []
    for community in codes:
        grids = [at for at, code in enumerate(plan.grids) if code.startswith(community)]
        workers = [at for at, one in enumerate(plan.workers) if homes[one] == community]
        index = np.full(len(plan.grids), -1, dtype=np.int64)
        index[grids] = np.arange(len(grids))
        edges = index[beside].reshape(-1, 2)
        edges = edges[(edges >= 0).all(axis=1)]
        instance = Instance(
            [f"“{names.get(plan.grids[at], plan.grids[at])}”" for at in grids], load[grids], middles[grids], edges,
            [f"“{people.get(plan.workers[at], '')}”" for at in workers], np.full((len(workers), 2), np.nan),
        )  # fmt: skip
        found.append(Share(community, tuple(grids), tuple(workers), instance))
    return found


def communities_of(plan: StaffPlan) -> dict[int, str]:
    """The community of each worker: where the grids of the day the plan was made lie."""
    return {int(one): codes[0][:COMMUNITY] for one, codes in plan.today.items()}
