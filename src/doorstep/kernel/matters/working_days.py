"""The official working calendar and the counting of terms on it (Civil Code articles 201 to 203).

The day something begins is not counted; a term in days ends with its last day, at midnight in the district; natural
days that end on a day off end with the next working day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import chinese_calendar
from chinese_calendar import constants

from doorstep.kernel.shared.clock import DISTRICT_ZONE

Measure = Literal["hours", "working_days", "natural_days"]
PUBLISHED_BY_LIBRARY = max(day.year for day in constants.holidays)
FIRST_BY_LIBRARY = min(day.year for day in constants.holidays)


_by_library = lru_cache(maxsize=4000)(chinese_calendar.is_workday)


@dataclass(frozen=True)
class Calendar:
    """Working days as published: the library's years, and years imported by an officer, which go before them."""

    adjusted: Mapping[dt.date, bool] = field(default_factory=dict)
    imported_years: frozenset[int] = frozenset()

    def is_published(self, year: int) -> bool:
        return year in self.imported_years or FIRST_BY_LIBRARY <= year <= PUBLISHED_BY_LIBRARY

    def is_known(self, first: dt.date, last: dt.date) -> bool:
        """Whether every year from the one day to the other is published."""
        return all(self.is_published(year) for year in range(first.year, last.year + 1))

    def is_working(self, day: dt.date) -> bool:
        """By the published year; beyond it by weekends alone."""
        if day.year in self.imported_years:
            return self.adjusted.get(day, day.weekday() < 5)
        if self.is_published(day.year):
            return _by_library(day)
        return day.weekday() < 5


@dataclass(frozen=True)
class Due:
    """When a term ends, and whether it was counted beyond the published calendar."""

    at: dt.datetime
    provisional: bool


def due_after(start: dt.datetime, amount: int, measure: Measure, calendar: Calendar) -> Due:
    """The end of a term of `amount` that begins at `start` (with a zone)."""
    if measure == "hours":
        return Due(start + dt.timedelta(hours=amount), provisional=False)
    first = start.astimezone(DISTRICT_ZONE).date()
    if measure == "working_days":
        last, looked_from = working_day_after(first, amount, calendar), first + dt.timedelta(days=1)
    else:
        last = looked_from = first + dt.timedelta(days=amount)
        if not calendar.is_working(last):
            last = working_day_after(last, 1, calendar)
    return Due(end_of(last), provisional=not calendar.is_known(looked_from, last))


def resumed(
    due_at: dt.datetime, paused_at: dt.datetime, resumed_at: dt.datetime, measure: Measure, calendar: Calendar
) -> Due:
    """The end of a term after a pause: what was left when it stopped is left when it goes on."""
    if measure == "hours":
        return Due(due_at + (resumed_at - paused_at), provisional=False)
    stopped = paused_at.astimezone(DISTRICT_ZONE).date()
    last = last_day(due_at)
    if measure == "natural_days":
        left = max((last - stopped).days, 0)
    else:
        left = sum(
            calendar.is_working(stopped + dt.timedelta(days=number))
            for number in range(1, (last - stopped).days + 1)
        )
    if left == 0:  # it was stopped on its last day: that day is still owed
        day = resumed_at.astimezone(DISTRICT_ZONE).date()
        return Due(end_of(day), provisional=False)
    due = due_after(resumed_at, left, measure, calendar)
    guessed = measure == "working_days" and not calendar.is_known(stopped + dt.timedelta(days=1), last)
    return Due(due.at, provisional=due.provisional or guessed)


def recounted(
    start: dt.datetime, amount: int, measure: Measure, pauses: Iterable[tuple[dt.datetime, dt.datetime]],
    calendar: Calendar, fixed: dt.datetime | None = None,
) -> Due:  # fmt: skip
    """The end of a term counted anew from its beginning through its pauses (begun, ended; in their order).

    `fixed`: a day somebody gave it instead; then `pauses` are those after that. Counting twice gives the same.
    """
    due = Due(fixed, provisional=False) if fixed else due_after(start, amount, measure, calendar)
    for began, ended in pauses:
        due = resumed(due.at, began, ended, measure, calendar)
    return due


def working_day_after(day: dt.date, number: int, calendar: Calendar) -> dt.date:
    """The `number`th working day after `day`."""
    while number:
        day += dt.timedelta(days=1)
        number -= calendar.is_working(day)
    return day


def last_day(due_at: dt.datetime) -> dt.date:
    """The day by whose end something is due: midnight belongs to the day before."""
    return (due_at.astimezone(DISTRICT_ZONE) - dt.timedelta(microseconds=1)).date()


def end_of(day: dt.date) -> dt.datetime:
    """Midnight after a day in the district."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), DISTRICT_ZONE).astimezone(dt.UTC)
