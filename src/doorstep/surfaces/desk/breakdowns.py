"""A place divided into the places inside it: their figures, and their outlines as GeoJSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet, Value
from django.urls import reverse

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.declarations.indicators import Indicator, Scope, all_indicators
from doorstep.kernel.indicators.addresses import rows_address
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.kernel.indicators.selectors import measured_by_place, rows_of, scope_for
from doorstep.kernel.places.models import Area, Grid, Outline, standing
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import LENGTHS, LEVEL_NAMES, LEVELS, level_of, within
from doorstep.kernel.web.figures import Number, number_text


@dataclass(frozen=True)
class Cell:
    """One figure of one place; None where nobody has recorded anything anywhere."""

    indicator: Indicator
    value: Number | None
    rows_url: str

    @property
    def text(self) -> str:
        return "" if self.value is None else f"{number_text(self.value)} {self.indicator.unit}"


@dataclass(frozen=True)
class PartOfPlace:
    """One place inside the place shown, with its figures in the order asked for."""

    code: str
    name: str
    parent_name: str
    href: str
    cells: tuple[Cell, ...]

    def cell(self, key: str) -> Cell:
        return next(cell for cell in self.cells if cell.indicator.key == key)


@dataclass(frozen=True)
class Breakdown:
    """Places of one level inside a place. `above` is, by indicator, what is recorded above that level."""

    level: str
    parts: tuple[PartOfPlace, ...]
    above: dict[str, Number]

    @property
    def level_name(self) -> str:
        return str(LEVEL_NAMES[self.level])

    def differs(self, key: str) -> bool:
        """Do the places differ in this figure? Only then does a colour say anything."""
        return len({part.cell(key).value for part in self.parts}) > 1


def levels_inside(place_code: str) -> tuple[tuple[str, str], ...]:
    """Levels a place can be divided into on a map: the next, and from a district or street down also the one after."""
    level = level_of(place_code)
    here = LEVELS.index(level)
    deep = 3 if level in ("county", "street") else 2
    return tuple((below, str(LEVEL_NAMES[below])) for below in LEVELS[here + 1 : here + deep])


def divide(subjects: Sequence[Indicator], scope: Scope, level: str) -> Breakdown:
    """The figures of every place of `level` inside the scope, places without rows included, and so are places ended by
    that day in which a flow has rows: the parts sum to the whole.

    One statement for all figures, one for names, and one more for figures that have no row there.
    """
    measured: dict[tuple[int, str], Number] = {}
    above: dict[str, Number] = {}
    length = LENGTHS[level]
    for number, code, value in measured_by_place(subjects, scope, length):
        if len(code) == length:
            measured[number, code] = value
        elif value and subjects[number].additive:
            above[subjects[number].key] = above.get(subjects[number].key, 0) + value
    absent = _absent(subjects, {number for number, _code in measured}, above, scope)
    found, parents = _places(scope, level, {code for _number, code in measured})
    parts = tuple(
        PartOfPlace(
            code=code,
            name=name,
            parent_name=parents.get(code[: LENGTHS[_above(level)]], ""),
            href=reverse("desk:cockpit", args=[code]),
            cells=tuple(
                Cell(
                    subject,
                    measured.get((number, code), absent[number]),
                    rows_address(subject.key, Scope(code, scope.on, scope.since)),
                )
                for number, subject in enumerate(subjects)
            ),
        )
        for code, name in found
    )
    return Breakdown(level, parts, above)


def feature_collection(
    actor: Actor, place_code: str, *, on: dt.date | None, key: str, by: str
) -> dict[str, Any]:
    """Outlines of the places inside a place with the chosen figure, as GeoJSON. Raises NotVisible."""
    require_place(actor, VIEW, place_code)
    scope = scope_for(place_code, on)
    levels = dict(levels_inside(place_code))
    subjects = [item for item in all_indicators() if item.key == key]
    level = by if by in levels else next(iter(levels), "")
    if not level or not subjects:
        return {"type": "FeatureCollection", "features": []}
    parts = {part.code: part for part in divide(subjects, scope, level).parts}
    outlines = Outline.objects.in_force(scope.on).filter(place_code__in=parts).order_by("place_code")
    words = urlencode({"indicator": key, "on": scope.on.isoformat()})
    return {
        "type": "FeatureCollection",
        "features": [_feature(parts[outline.place_code], outline, words) for outline in outlines],
    }


def _feature(part: PartOfPlace, outline: Outline, words: str) -> dict[str, Any]:
    cell = part.cells[0]
    return {
        "type": "Feature",
        "geometry": outline.geometry,
        "properties": {
            "code": part.code, "name": part.name, "value": cell.value, "value_text": cell.text,
            "href": f"{part.href}?{words}", "illustrative": outline.illustrative,
        },
    }  # fmt: skip


def _union(queries: list[QuerySet[Any]]) -> QuerySet[Any]:
    return queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]


def _absent(
    subjects: Sequence[Indicator], measured: set[int], above: dict[str, Number], scope: Scope
) -> list[Number | None]:
    """By figure, what a place without rows has: zero, but unknown where nobody has recorded anything anywhere."""
    empty = [
        number
        for number, subject in enumerate(subjects)
        if number not in measured and subject.key not in above
    ]
    anywhere = Scope("", scope.on, scope.since)
    recorded = set(range(len(subjects))) - set(empty)
    if empty:
        rows = [
            rows_of(subjects[number], anywhere)
            .order_by()
            .annotate(figure_number=Value(number))
            .values_list("figure_number")[:1]
            for number in empty
        ]
        recorded |= {number for (number,) in _union(rows)}
    return [0 if number in recorded and subject.additive else None for number, subject in enumerate(subjects)]


def _places(scope: Scope, level: str, counted: Iterable[str]) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """(code, name) of the places of `level` inside the scope in order of their codes; names one level above by code."""
    inside = within("code", [scope.place_code])
    there = Q(level=level) & (standing(scope.on) | Q(code__in=list(counted)))
    named = Area.objects.filter(inside, Q(level=_above(level)) | there).order_by()
    rows = named.values_list("code", "name")
    if level == "grid":
        grids = Grid.objects.filter(inside, in_force(scope.on) | Q(code__in=list(counted)))
        rows = rows.union(grids.values_list("code", "name"))
    found = sorted(rows)
    length = LENGTHS[level]
    above = {code: name for code, name in found if len(code) < length and code != scope.place_code}
    return [(code, name) for code, name in found if len(code) == length], above


def _above(level: str) -> str:
    return LEVELS[LEVELS.index(level) - 1]
