"""The cockpit of one place on one day, and the first figures of a place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.declarations.indicators import Indicator, Scope, all_indicators
from doorstep.kernel.indicators.addresses import rows_address
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.kernel.indicators.selectors import Figure, default_comparison, figures, scope_for
from doorstep.kernel.web.figures import FigureView, Number
from doorstep.surfaces.desk.breakdowns import Breakdown, divide, levels_inside
from doorstep.surfaces.desk.breaks import KindOfBreak, kinds_of_break
from doorstep.surfaces.desk.chapters import CHAPTERS, Chapter

HEADLINES = 8
KINDS_SHOWN = 6


@dataclass(frozen=True)
class Cockpit:
    """A place on a day. `breakdown` is None inside a grid, which is divided no further."""

    place_code: str
    scope: Scope
    chosen: Figure | None
    chapters: tuple[tuple[Chapter, tuple[FigureView, ...]], ...]
    choices: tuple[tuple[str | Promise, tuple[Indicator, ...]], ...]
    levels: tuple[tuple[str, str], ...]
    breakdown: Breakdown | None
    breaks: tuple[KindOfBreak, ...]

    @property
    def breaks_total(self) -> int:
        return sum(kind.count for kind in self.breaks)

    @property
    def first_breaks(self) -> tuple[KindOfBreak, ...]:
        return self.breaks[:KINDS_SHOWN]

    @property
    def other_breaks(self) -> tuple[KindOfBreak, ...]:
        return self.breaks[KINDS_SHOWN:]

    @property
    def above(self) -> Number | None:
        """What of the chosen figure is recorded above the level of the map, and so coloured nowhere."""
        return self.breakdown.above.get(self.chosen.key) if self.breakdown and self.chosen else None


def view_of(figure: Figure) -> FigureView:
    """A measured figure as the figure component shows it."""
    return FigureView(
        key=figure.key,
        label=figure.indicator.name,
        value=figure.value,
        unit=figure.indicator.unit,
        as_of=figure.scope.on,
        rows_url=rows_address(figure.key, figure.scope),
        trend=[value for _day, value in figure.trend],
        before=figure.previous,
        before_name=_("上月同日") if figure.compared_on else "",
        sentence=figure.sentence,
        recorded_by=figure.indicator.who_records,
    )


def cockpit(actor: Actor, place_code: str, *, on: dt.date | None, key: str, by: str) -> Cockpit:
    """Everything the cockpit shows but the place's name. Raises NotVisible outside the actor's places.

    Seven queries at most: figures two, breakdown four, breaks one.
    """
    require_place(actor, VIEW, place_code)
    scope = scope_for(place_code, on)
    declared = [item for item in all_indicators() if not item.cell]
    first = {item.key for item in headlines(declared)}
    subjects = [item for item in declared if item.key in first or item.key == key]
    levels = levels_inside(place_code)
    level = by if by in dict(levels) else (levels[0][0] if levels else "")
    breakdown = divide(subjects, scope, level) if subjects and level else None
    measured = _measured(scope, [item.key for item in subjects])
    chosen_key = _chosen(subjects, key, breakdown)
    return Cockpit(
        place_code=place_code,
        scope=scope,
        chosen=next((figure for figure in measured if figure.key == chosen_key), None),
        chapters=_by_chapter(measured),
        choices=_grouped(declared),
        levels=levels,
        breakdown=breakdown,
        breaks=tuple(kinds_of_break(place_code, scope.on)),
    )


def headlines(declared: Iterable[Indicator]) -> list[Indicator]:
    """Indicators that stand on first pages; all of them where none is marked."""
    known = list(declared)
    return [item for item in known if item.headline] or known


def headline_views(place_code: str, limit: int = HEADLINES) -> list[FigureView]:
    """The first figures of a place, with trends; headlines before others. One query, two where a value is zero."""
    numbers = {chapter.number for chapter in CHAPTERS}
    declared = [item for item in all_indicators() if item.chapter[:1] in numbers and not item.cell]
    first = sorted(declared, key=lambda item: not item.headline)[:limit]
    return [view_of(figure) for figure in _measured(scope_for(place_code), [item.key for item in first])]


def _chosen(subjects: list[Indicator], key: str, breakdown: Breakdown | None) -> str:
    """The figure asked for; else the first in which the places differ, because only that one colours a map."""
    known = [item.key for item in subjects]
    if key in known or not known:
        return key
    telling = [item for item in known if breakdown and breakdown.differs(item)]
    return (telling or known)[0]


def _measured(scope: Scope, keys: list[str]) -> list[Figure]:
    if not keys:
        return []
    return figures(
        scope.place_code, on=scope.on, since=scope.since, keys=keys, trend=True,
        compared_on=default_comparison(scope.on),
    )  # fmt: skip


def _grouped(choices: Iterable[Indicator]) -> tuple[tuple[str | Promise, tuple[Indicator, ...]], ...]:
    """Indicators to choose from: the chapters', then the breaks as figures."""
    declared = list(choices)
    numbers = {chapter.number for chapter in CHAPTERS}
    groups: list[tuple[str | Promise, tuple[Indicator, ...]]] = [
        (chapter.title, tuple(item for item in declared if item.chapter[:1] == chapter.number))
        for chapter in CHAPTERS
    ]
    groups.append((_("断点"), tuple(item for item in declared if item.chapter[:1] not in numbers)))
    return tuple((title, items) for title, items in groups if items)


def _by_chapter(measured: list[Figure]) -> tuple[tuple[Chapter, tuple[FigureView, ...]], ...]:
    return tuple(
        (chapter, tuple(view_of(item) for item in measured if item.indicator.chapter[:1] == chapter.number))
        for chapter in CHAPTERS
    )
