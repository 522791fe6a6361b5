"""A plan as the planning package takes it: buildings in local metres, neighbours, work, today's grids, what is pinned.

Numbers of grids in a plan: today's basic grids of the place that have buildings, in the order of their codes, from 0 on; new
grids get free numbers. Dedicated grids and their buildings stay out. Parts are communities.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from doorstep.kernel.places import geometry
from doorstep.kernel.places.models import Area, Building, BuildingPlacement, Grid
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.kernel.shared.numerals import numeral
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids.models import CompoundDifficulty, GridPlan, PlannedGrid, PlanPin

if TYPE_CHECKING:
    from doorstep.planning.grids import Instance, Plan

COMMUNITY = 12
Labels = list[int | None]


@dataclass(frozen=True)
class House:
    """One building as a plan sees it. today: the code of its basic grid, "" for none."""

    id: int
    name: str
    longitude: float
    latitude: float
    households: int
    community: str
    compound_id: int | None
    compound: str
    today: str
    difficulty: float = 1.0

    @property
    def called(self) -> str:
        return called(self.compound, self.name)


@dataclass(frozen=True)
class Ground:
    """All that a plan is made of. instance: planning's own; houses in the order of its buildings."""

    houses: tuple[House, ...]
    names: dict[str, str]  # of communities and today's grids
    codes: tuple[str, ...]  # today's grids; a code's place is its number
    instance: Instance
    called: dict[int, str] = field(default_factory=dict)  # grids of the plan, by number

    @property
    def today(self) -> Labels:
        number = {code: at for at, code in enumerate(self.codes)}
        return [number.get(house.today) for house in self.houses]

    def plan(self, labels: Labels) -> Plan:
        import numpy as np

        from doorstep.planning.grids import Plan

        return Plan(np.array([-1 if one is None else one for one in labels], dtype=np.int64))

    def in_words(self, sentence: object) -> str:
        """A sentence of the planning package with names in the place of numbers."""
        return in_words(str(sentence), self.houses, self.names, self.called)


def called(compound: str, building: str) -> str:
    """A building with its compound, which many have in their name already."""
    return building if building.startswith(compound) else f"{compound}{building}"


def houses_of(place_code: str, on: dt.date) -> list[House]:
    """The buildings of a place on a day, those of dedicated grids left out, by id. Three statements."""
    rows = (
        Building.objects.filter(within("place_code", [place_code]))
        .select_related("compound")
        .defer("outline")
        .order_by("pk")
    )
    placed = BuildingPlacement.objects.in_force(on).filter(within("grid__code", [place_code]))
    grids = {
        building: (code, kind)
        for building, code, kind in placed.values_list("building_id", "grid__code", "grid__kind")
    }
    today = {building: code for building, (code, kind) in grids.items() if kind == "basic"}
    return _houses([row for row in rows if row.pk in today or row.pk not in grids], on, today)


def houses_named(ids: Sequence[int], on: dt.date, today: Sequence[str]) -> list[House]:
    """These buildings, in this order, each with its grid of the day the plan was made. Raises Conflict where one is gone. Two
    statements."""
    rows = Building.objects.filter(pk__in=list(ids)).select_related("compound").defer("outline")
    found = {row.pk: row for row in rows}
    if len(found) < len(ids):
        raise Conflict(_("方案里有楼栋已不在登记中，请重新做一个方案。"))
    return _houses([found[pk] for pk in ids], on, dict(zip(ids, today, strict=True)))


def _houses(rows: list[Building], on: dt.date, today: Mapping[int, str]) -> list[House]:
    compounds = {row.compound_id for row in rows if row.compound_id is not None}
    hard = CompoundDifficulty.objects.in_force(on).filter(compound_id__in=compounds)
    factors: dict[int, float] = dict(hard.values_list("compound_id", "factor"))
    return [
        House(
            row.pk, _own_name(row), row.longitude, row.latitude, row.households, row.place_code[:COMMUNITY], row.compound_id,
            row.compound.name if row.compound else "", today.get(row.pk, ""), factors.get(row.compound_id or 0, 1.0),
        )
        for row in rows
    ]  # fmt: skip


def _own_name(row: Building) -> str:
    """Without its compound's name, which stands before it wherever it is shown."""
    return row.name.removeprefix(row.compound.name if row.compound else "") or row.name


def grids_today(houses: Iterable[House]) -> dict[str, int]:
    """How many grids with buildings each community has today, at least one."""
    codes: dict[str, set[str]] = {}
    for house in houses:
        codes.setdefault(house.community, set()).update(filter(None, [house.today]))
    return {community: max(1, len(found)) for community, found in sorted(codes.items())}


def ground(
    houses: Sequence[House], asked: Mapping[str, int], weights: Mapping[str, Any], price: float,
    codes: Sequence[str] | None = None, pins: Sequence[PlanPin] = (), called: Mapping[int, str] | None = None,
) -> Ground:  # fmt: skip
    """The ground of a plan. Raises RuleViolation, naming buildings and communities, for what cannot be planned."""
    from doorstep.planning.errors import Refused
    from doorstep.planning.grids import of

    codes = tuple(sorted({house.today for house in houses if house.today}) if codes is None else codes)
    names = dict(Area.objects.filter(code__in=list(asked)).values_list("code", "name"))
    names |= dict(Grid.objects.filter(code__in=codes).values_list("code", "name"))
    calling = {at: names.get(code, code) for at, code in enumerate(codes)} | dict(called or {})
    try:
        instance = of(_form(houses, codes, asked, weights, price, pins))
    except Refused as refused:
        raise RuleViolation(in_words(str(refused), houses, names, calling), field="asked") from refused
    return Ground(tuple(houses), names, codes, instance, calling)


def ground_of(plan: GridPlan) -> Ground:
    """The ground of a plan as it stands; grids are those of the day it was made. Seven statements, however many buildings."""
    pins = list(PlanPin.objects.filter(plan=plan).order_by("pk"))
    called = {row.number: row.name for row in PlannedGrid.objects.filter(plan=plan, code="")}
    houses = houses_named(plan.buildings, plan.on, codes_of(plan))
    return ground(houses, plan.asked, plan.weights, plan.price, plan.codes, pins, called)


def codes_of(plan: GridPlan) -> list[str]:
    """The grid of each building when the plan was made, "" for none: its first version is what was then."""
    labels: Labels = plan.versions.filter(number=1).values_list("labels", flat=True).get()
    return ["" if label is None else plan.codes[label] for label in labels]


def laid_out(houses: Sequence[House]) -> tuple[Any, Any, Any]:
    """Where the houses stand in metres, and which are neighbours inside one community, by their places in the list."""
    import numpy as np

    from doorstep.planning.grids import neighbours

    middle = float(np.mean([house.latitude for house in houses])) if houses else 0.0
    wide, high = geometry.metres_per_degree(middle)
    west = min((house.longitude for house in houses), default=0.0)
    x = np.array([(house.longitude - west) * wide for house in houses])
    y = np.array([(house.latitude - middle) * high for house in houses])
    part = np.array([int(house.community) for house in houses], dtype=np.int64)
    return x, y, neighbours(x, y, part)


def _form(
    houses: Sequence[House], codes: Sequence[str], asked: Mapping[str, int], weights: Mapping[str, Any], price: float,
    pins: Sequence[PlanPin],
) -> dict[str, Any]:  # fmt: skip
    """The planning package's form of it."""
    number = {code: at for at, code in enumerate(codes)}
    x, y, pairs = laid_out(houses)
    ids = [house.id for house in houses]
    return {
        "parts": [{"id": int(code), "grids": count} for code, count in sorted(asked.items())],
        "buildings": [
            {
                "id": house.id, "x": float(x[at]), "y": float(y[at]), "households": house.households,
                "difficulty": house.difficulty, "community": int(house.community), "compound": house.compound_id,
                "part": int(house.community),
            }
            for at, house in enumerate(houses)
        ],
        "adjacent": [[ids[one], ids[other]] for one, other in pairs.tolist()],
        "today": [number.get(house.today) for house in houses],
        "weights": dict(weights),
        "price": price,
        "pins": {
            "together": [pin.buildings for pin in pins if pin.kind == "together"],
            "apart": [pin.buildings for pin in pins if pin.kind == "apart"],
            "inside": [[one, pin.number] for pin in pins if pin.kind == "inside" for one in pin.buildings],
        },
    }  # fmt: skip


def planned_grids(plan: GridPlan, ground: Ground) -> list[PlannedGrid]:
    """The grids the plan is to have: today's by their code and name, new ones named by the community's next serials."""
    rows, serial = [], _last_serials(plan.asked)
    taken = {(code[:COMMUNITY], name) for code, name in ground.names.items()}
    instance = ground.instance
    for part, count in enumerate(instance.asked.tolist()):
        community = str(int(instance.part_ids[part]))
        for slot in range(int(instance.first[part]), int(instance.first[part]) + count):
            number = int(instance.numbers[slot])
            old = number < len(ground.codes)
            code = ground.codes[number] if old else ""
            name = ground.names[code] if old else _new_name(community, serial, taken)
            rows.append(PlannedGrid(plan=plan, number=number, community=community, code=code, name=name))
    return rows


def _last_serials(communities: Iterable[str]) -> dict[str, int]:
    last: dict[str, int] = {}
    rows = Grid.objects.filter(community_id__in=list(communities), kind="basic")
    for community, code in rows.values_list("community_id", "code"):
        last[community] = max(last.get(community, 0), int(code[COMMUNITY:]))
    return last


def _new_name(community: str, serial: dict[str, int], taken: set[tuple[str, str]]) -> str:
    while True:
        serial[community] = serial.get(community, 0) + 1
        name = _("第%(numeral)s网格") % {"numeral": numeral(serial[community])}
        if (community, name) not in taken:
            taken.add((community, name))
            return name


_NAMED = re.compile(r"(楼栋|片|网格)(\d+)")


def in_words(
    sentence: str, houses: Sequence[House], names: Mapping[str, str], called: Mapping[int, str]
) -> str:
    """A sentence of the planning package with names in the place of its numbers."""
    known = {house.id: house for house in houses}

    def name(found: re.Match[str]) -> str:
        kind, number = found[1], int(found[2])
        if kind == "片":
            return f"“{names.get(str(number), found[2])}”"
        if kind == "网格":
            return f"“{called.get(number, found[0])}”"
        house = known.get(number)
        return f"“{house.called}”" if house else found[0]

    return _NAMED.sub(name, sentence)


def figures_of(ground: Ground, labels: Labels) -> dict[str, Any]:
    """The figures of these labels, as JSON keeps them."""
    from doorstep.planning.grids import figures

    return asdict(figures(ground.instance, ground.plan(labels).grids))
