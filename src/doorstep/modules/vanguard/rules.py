"""Rules over values alone: what a name and a text may be, periods, the days of a call-up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

LONGEST_CALLUP = dt.timedelta(days=120)
FIRST_YEAR = 2020


def common_place(codes: Iterable[str]) -> str:
    """The smallest place of an official size that holds all of these: a community, a street, a district; "" for none."""
    found = list(codes)
    if not found:
        return ""
    for length in (12, 9, 6):
        begun = {code[:length] for code in found}
        if len(begun) == 1 and len(next(iter(begun))) == length:
            return begun.pop()
    return ""


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
