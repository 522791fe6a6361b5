"""Rules over values alone: hours of a session, ages, what a text may hold."""

from __future__ import annotations

import datetime as dt

LONGEST = dt.timedelta(hours=24)
EARLIEST_IN = dt.timedelta(minutes=60)  # before the beginning
LATEST_CODE = dt.timedelta(hours=2)  # after the end: who stayed to clean up can still check out
YEARS_AHEAD = 2
MAJORITY = 18  # Civil Code, article 17


def hours_fault(starts: dt.datetime, ends: dt.datetime) -> str:
    """ "order" for an end that is not after the beginning, "long" beyond a day, "" for hours that can be."""
    if ends <= starts:
        return "order"
    return "long" if ends - starts > LONGEST else ""


def least_age(born_in: int, day: dt.date) -> int:
    """Years somebody of that year has surely completed on a day: only the year is known, so the birthday is still to come."""
    return day.year - born_in - 1


def most_age(born_in: int, day: dt.date) -> int:
    """Years somebody of that year may have completed on a day at most."""
    return day.year - born_in


def is_minor(born_in: int | None, day: dt.date) -> bool:
    """Perhaps not of age on that day; nobody is taken for a minor whose year is not known."""
    return born_in is not None and least_age(born_in, day) < MAJORITY


def age_fault(born_in: int | None, day: dt.date, least: int | None, most: int | None) -> str:
    """ "unknown" where a condition of age stands and the year is not known, "young", "old", or ""."""
    if least is None and most is None:
        return ""
    if born_in is None:
        return "unknown"
    if least is not None and most_age(born_in, day) < least:
        return "young"
    return "old" if most is not None and least_age(born_in, day) > most else ""
