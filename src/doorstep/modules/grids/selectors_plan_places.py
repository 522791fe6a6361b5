"""Where somebody may plan, what a new plan begins from, and the list of plans with their figures in short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.places.models import Area, standing
from doorstep.kernel.places.policies import ADJUST_GRIDS
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import ancestors_of, within
from doorstep.modules.grids import instances
from doorstep.modules.grids.models import GridPlan, RuleValue
from doorstep.modules.grids.selectors_plans import plans_seen

LEVELS = ("county", "street", "community")


@dataclass(frozen=True)
class PlacesToPlan:
    """choices: grouped by street, for a select."""

    codes: list[str]
    choices: list[tuple[str, Any]]


@dataclass(frozen=True)
class GroundToPlan:
    """What a new plan begins from: communities with buildings, (code, name, grids today)."""

    name: str
    communities: list[tuple[str, str, int]]
    buildings: int
    households: int
    weights: dict[str, float]


@dataclass(frozen=True)
class PlanLine:
    """place: its name, of a community with its street's."""

    plan: GridPlan
    place: str
    grids: int

    @property
    def figures(self) -> dict[str, Any]:
        return self.plan.current.figures if self.plan.current else {}

    @property
    def share(self) -> str:
        """The heaviest grid ÷ the mean."""
        return f"{self.figures['part_max']:.0%}" if "part_max" in self.figures else ""


def places_to_plan(actor: Actor) -> PlacesToPlan:
    """The district, streets and communities over which the actor adjusts grids. One statement."""
    return places_of(actor, ADJUST_GRIDS)


def places_of(actor: Actor, capability: str) -> PlacesToPlan:
    """The district, streets and communities over which the actor holds it. One statement."""
    mine = within("code", [place for place in actor.places_for(capability) if len(place) <= 12])
    rows = list(
        Area.objects.filter(standing(), mine, level__in=LEVELS)
        .order_by("code")
        .values_list("code", "name", "level")
    )
    names = {code: name for code, name, _level in rows}
    whole: list[tuple[str, str]] = []
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, name, level in rows:
        if level == "county":
            whole.append((code, _("%(place)s（全区）") % {"place": name}))
        elif level == "street":
            groups.setdefault(code, []).append((code, _("%(place)s（整个街道）") % {"place": name}))
        else:
            groups.setdefault(code[:9], []).append((code, name))
    grouped = [(names.get(street, _("社区")), choices) for street, choices in groups.items()]
    return PlacesToPlan([code for code, _name, _level in rows], [*whole, *grouped])


def grounds_to_plan(code: str) -> GroundToPlan:
    """Six statements."""
    day = clock.today()
    houses = instances.houses_of(code, day)
    today = instances.grids_today(houses)
    names = dict(Area.objects.filter(code__in=[code, *today]).values_list("code", "name"))
    numbers = dict(
        RuleValue.objects.in_force(day).filter(key__startswith="plan.").values_list("key", "value")
    )
    return GroundToPlan(
        names.get(code, code),
        [(one, names.get(one, one), count) for one, count in today.items()],
        len(houses),
        sum(house.households for house in houses),
        {
            "household": numbers["plan.household"] / 100,
            "difficulty": numbers["plan.difficulty"] / 100,
            "building": float(numbers["plan.building"]),
        },
    )


@dataclass(frozen=True)
class PlanPage:
    """newer, older: the key of the row at that end, where there are more beyond it; else 0."""

    lines: list[PlanLine]
    newer: int
    older: int


def listed(
    actor: Actor,
    place: str = "",
    states: Sequence[str] = (),
    *,
    before: int = 0,
    after: int = 0,
    most: int = 30,
) -> PlanPage:
    """The plans seen that concern a place ("" for any) and are in one of these states, the newest first; a page of them older
    than the plan `before`, or newer than `after`. Two statements."""
    rows = plans_seen(actor).select_related("current").defer("buildings", "outcome", "current__labels")
    if place:
        rows = rows.filter(within("place_code", [place]) | Q(place_code__in=ancestors_of(place)))
    if states:
        rows = rows.filter(state__in=states)
    if after:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: most + 1])
        page = found[:most][::-1]
    else:
        found = list((rows.filter(pk__lt=before) if before else rows)[: most + 1])
        page = found[:most]
    beyond = len(found) > most
    newer = page[0].pk if page and (beyond if after else before) else 0
    older = page[-1].pk if page and (after or beyond) else 0
    return PlanPage(_lines(page), newer, older)


def _lines(rows: Sequence[GridPlan]) -> list[PlanLine]:
    codes = {row.place_code[:length] for row in rows for length in (9, 12)} | {row.place_code for row in rows}
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    return [
        PlanLine(
            row,
            " ".join(names.get(code, code) for code in dict.fromkeys((row.place_code[:9], row.place_code))),
            sum(row.asked.values()),
        )
        for row in rows
    ]
