"""Rules over values alone: the days of a call-up, the year an employer is told of."""

from __future__ import annotations

import datetime as dt

LONGEST_CALLUP = dt.timedelta(days=120)
FIRST_YEAR = 2020


def callup_fault(starts_on: dt.date, ends_on: dt.date) -> str:
    """ "order" where it ends before it begins, "long" beyond 120 days, "" for days that can be."""
    if ends_on < starts_on:
        return "order"
    return "long" if ends_on - starts_on > LONGEST_CALLUP else ""


def year_fault(year: int, today: dt.date) -> str:
    """ "early" or "late" for a year nothing is told of, "" for one that can be: the running one and those before."""
    if year < FIRST_YEAR:
        return "early"
    return "late" if year > today.year else ""


def days_of(year: int) -> tuple[dt.date, dt.date]:
    """The first day of a year, and that of the next."""
    return dt.date(year, 1, 1), dt.date(year + 1, 1, 1)
