"""Figures for any place and date: their value, trend, breakdown one level down, and their rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.declarations.indicators import Indicator, Scope, all_indicators, indicator
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.kernel.indicators.periods import month_back, trend_days, trend_spans
from doorstep.kernel.indicators.statements import rows_of, statement_of
from doorstep.kernel.places.models import Area, Grid, standing
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import LENGTHS, level_below

Number = int | float | Decimal | None
FIRST_DAY = dt.date(1949, 10, 1)
LONGEST_AHEAD = dt.timedelta(days=3660)


@dataclass(frozen=True)
class Figure:
    """One indicator measured. `value` is None where nobody has recorded anything yet, never 0 for unknown.

    trend: (day, value) of twelve months, oldest first. previous: the value at `compared_on`.
    """

    indicator: Indicator
    scope: Scope
    value: Number
    trend: tuple[tuple[dt.date, Number], ...] = ()
    previous: Number = None
    compared_on: dt.date | None = None

    @property
    def key(self) -> str:
        return self.indicator.key

    @property
    def sentence(self) -> str:
        """What the figure is, in words: of what, as of when."""
        counted = self.indicator.counted or self.indicator.name
        if self.indicator.kind == "stock":
            return _("截至 {on}：{counted}").format(on=self.scope.on, counted=counted)
        return _("{since} 至 {on}：{counted}").format(
            since=self.scope.since, on=self.scope.on, counted=counted
        )

    @property
    def change(self) -> Number:
        if self.value is None or self.previous is None:
            return None
        return self.value - self.previous  # type: ignore[operator]  # both come from one aggregate


@dataclass(frozen=True)
class Part:
    """One place of a breakdown."""

    code: str
    name: str
    value: Number


@dataclass
class Measurement:
    """What to measure: an indicator in a scope."""

    indicator: Indicator
    scope: Scope
    value: Number = field(default=None)


def programme_start() -> dt.date:
    """The day from which flows count unless told otherwise (a setting)."""
    return dt.date.fromisoformat(settings.PROGRAMME_START)


def scope_for(place_code: str, on: dt.date | None = None, since: dt.date | None = None) -> Scope:
    """Scope on a day that can be counted: an impossible one becomes the nearest that is possible."""
    return Scope(place_code, countable(on or clock.today()), countable(since or programme_start()))


def countable(day: dt.date) -> dt.date:
    """`day` within the years that records and trends can have."""
    return min(max(day, FIRST_DAY), clock.today() + LONGEST_AHEAD)


def measure(measurements: Sequence[Measurement]) -> None:
    """Fill in every value with one statement, however many there are; shares and medians with one of their own, since
    a union gives all its rows one type."""
    for additive in (True, False):
        _measure_alike([item for item in measurements if item.indicator.additive is additive])


def _measure_alike(measurements: Sequence[Measurement]) -> None:
    statements = [statement_of(item.indicator, item.scope) for item in measurements]
    params: list[Any] = []
    for number, (item, statement) in enumerate(zip(measurements, statements, strict=True)):
        params += statement.filled(number, item.scope)
    found: dict[int, Any] = {}
    if parts := [f"({statement.sql})" for statement in statements if statement.sql]:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), params)
            found = dict(cursor.fetchall())
    for number, (item, statement) in enumerate(zip(measurements, statements, strict=True)):
        none = 0 if item.indicator.additive else None
        item.value = statement.convert(found[number]) if number in found else none


def measured_by_place(subjects: Sequence[Indicator], scope: Scope, digits: int) -> list[tuple[int, str, Any]]:
    """(place in `subjects`, code, value) for every place of so many digits in which there are rows. Two statements."""
    found: list[tuple[int, str, Any]] = []
    numbered = list(enumerate(subjects))
    for additive in (True, False):
        some = [(n, subject) for n, subject in numbered if subject.additive is additive]
        statements = {n: statement_of(subject, scope, digits) for n, subject in some}
        asked = {n: statement for n, statement in statements.items() if statement.sql}
        if not asked:
            continue
        params = [one for n, statement in asked.items() for one in statement.filled(n, scope)]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f"({statement.sql})" for statement in asked.values()), params)
            found += [(n, code, statements[n].convert(value)) for n, code, value in cursor.fetchall()]
    return found


def figures(
    place_code: str,
    *,
    on: dt.date | None = None,
    since: dt.date | None = None,
    keys: Iterable[str] | None = None,
    compared_on: dt.date | None = None,
    compared_since: dt.date | None = None,
    trend: bool = False,
) -> list[Figure]:
    """The figures of a place, in one statement (a second one for shares, a third only where a value is zero)."""
    scope = scope_for(place_code, on, since)
    subjects = all_indicators(keys)
    values = [Measurement(subject, scope) for subject in subjects]
    before = (
        [Measurement(subject, compared_scope(scope, compared_on, compared_since)) for subject in subjects]
        if compared_on
        else []
    )
    trends = (
        [Measurement(subject, point) for subject in subjects for point in _trend_scopes(subject, scope)]
        if trend
        else []
    )
    measure([*values, *before, *trends])
    unknown = _never_recorded(
        [
            item.indicator
            for item in values
            if not item.value and item.indicator.additive and not item.indicator.computed
        ],
        scope,
    )
    points: dict[str, list[tuple[dt.date, Number]]] = {}
    for item in trends:
        points.setdefault(item.indicator.key, []).append((item.scope.on, item.value))
    previous = {item.indicator.key: item.value for item in before if item.indicator.key not in unknown}
    return [
        Figure(
            item.indicator, scope, None if item.indicator.key in unknown else item.value,
            tuple(points.get(item.indicator.key, ())), previous.get(item.indicator.key), compared_on,
        )
        for item in values
    ]  # fmt: skip


def compared_scope(scope: Scope, compared_on: dt.date, compared_since: dt.date | None = None) -> Scope:
    """The period to compare with: ending on `compared_on`, and as long as the period itself unless said otherwise."""
    end = countable(compared_on)
    begin = compared_since or end - (scope.on - scope.since)
    return Scope(scope.place_code, end, max(FIRST_DAY, begin))


def _trend_scopes(subject: Indicator, scope: Scope) -> list[Scope]:
    if subject.kind == "stock":
        return [Scope(scope.place_code, day, scope.since) for day in trend_days(scope.on)]
    return [Scope(scope.place_code, last, first) for first, last in trend_spans(scope.on)]


def _never_recorded(subjects: list[Indicator], scope: Scope) -> set[str]:
    """Keys of those for which this installation has no row at all: their value is unknown, not zero."""
    anywhere = Scope("", scope.on, min(scope.since, programme_start()))
    items = [Measurement(subject, anywhere) for subject in subjects]
    measure(items)
    return {item.indicator.key for item in items if not item.value}


def figure(key: str, place_code: str, **options: Any) -> Figure:
    return figures(place_code, keys=[key], **options)[0]


def breakdown(
    key: str, place_code: str, *, on: dt.date | None = None, since: dt.date | None = None
) -> list[Part]:
    """The figure of every place one level below, those without rows included; so are places ended by that day in which
    a flow has rows, so that the parts sum to the whole. Two queries."""
    subject, scope = indicator(key), scope_for(place_code, on, since)
    below = level_below(place_code)
    if below is None:
        return []
    values = {code: value for _n, code, value in measured_by_place([subject], scope, LENGTHS[below])}
    return [
        Part(code, name, values.get(code, 0 if subject.additive else None))
        for code, name in _places_below(place_code, below, scope.on, values)
    ]


def _places_below(code: str, level: str, on: dt.date, counted: Iterable[str]) -> list[tuple[str, str]]:
    rows: Any
    if level == "grid":
        rows = Grid.objects.filter(in_force(on) | Q(code__in=list(counted)), community_id=code)
    else:
        rows = Area.objects.filter(standing(on) | Q(code__in=list(counted)), parent_id=code)
    return list(rows.order_by("code").values_list("code", "name"))


def visible_figures(actor: Actor, place_code: str, **options: Any) -> list[Figure]:
    """The same, for somebody: raises NotVisible outside their places."""
    require_place(actor, VIEW, place_code)
    return figures(place_code, **options)


def visible_rows(actor: Actor, key: str, scope: Scope) -> QuerySet[Any]:
    """Rows of a figure, for somebody: raises NotVisible outside their places."""
    require_place(actor, VIEW, scope.place_code)
    return rows_of(indicator(key), scope)


def row_count(rows: QuerySet[Any]) -> int:
    return rows.aggregate(rows=Count("pk"))["rows"]


def default_comparison(on: dt.date) -> dt.date:
    """One month earlier."""
    return month_back(countable(on), 1)
