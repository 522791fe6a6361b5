"""Periods of a report and what each is compared with. Pure functions over dates."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

BEFORE, YEAR, NOTHING = "before", "year", "none"


@dataclass(frozen=True)
class Span:
    """From a first to a last day."""

    since: dt.date
    on: dt.date

    @property
    def days(self) -> int:
        return (self.on - self.since).days + 1


def month_of(day: dt.date) -> Span:
    first = day.replace(day=1)
    return Span(first, day.replace(day=calendar.monthrange(day.year, day.month)[1]))


def month_before(day: dt.date) -> Span:
    """The whole month before that of `day`."""
    return month_of(day.replace(day=1) - dt.timedelta(days=1))


def quarter_of(day: dt.date) -> Span:
    first = dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return Span(first, month_of(first.replace(month=first.month + 2)).on)


def compared(span: Span, how: str) -> Span | None:
    """What a period is compared with: the one just before it (whole months with whole months), or a year earlier."""
    if how == YEAR:
        return Span(_year_back(span.since), _year_back(span.on))
    if how == NOTHING:
        return None
    if _is_whole_months(span):
        on = span.since - dt.timedelta(days=1)
        months = (span.on.year - span.since.year) * 12 + span.on.month - span.since.month
        first = on.replace(day=1)
        for _month in range(months):
            first = (first - dt.timedelta(days=1)).replace(day=1)
        return Span(first, on)
    on = span.since - dt.timedelta(days=1)
    return Span(on - dt.timedelta(days=span.days - 1), on)


def _is_whole_months(span: Span) -> bool:
    return span.since.day == 1 and span.on == month_of(span.on).on


def _year_back(day: dt.date) -> dt.date:
    last = calendar.monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=last if day == month_of(day).on else min(day.day, last))
