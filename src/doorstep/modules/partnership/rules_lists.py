"""Rules of the four lists over values alone: times of a week, prices in words, the free seat, small numbers, rating slips."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

ALL_WEEK = 0b1111111
DAY_MINUTES = 24 * 60
MOST_FEN = 10**10
DAY = dt.timedelta(days=1)


def covered(place_code: str, codes: Iterable[str]) -> bool:
    """Is the place one of these, or within one?"""
    return any(place_code.startswith(code) for code in codes)


def common(area: str, codes: Iterable[str]) -> set[str]:
    """What of a place lies in these places: itself, or those of them within it."""
    return {max(area, code, key=len) for code in codes if area.startswith(code) or code.startswith(area)}


def mask_of(weekdays: Iterable[int]) -> int:
    """Days of a week (0 Monday … 6 Sunday) as bits. Raises ValueError for another number."""
    mask = 0
    for day in weekdays:
        if not 0 <= day <= 6:
            raise ValueError(day)
        mask |= 1 << day
    return mask


def weekdays_of(mask: int) -> tuple[int, ...]:
    return tuple(day for day in range(7) if mask >> day & 1)


def minutes_of(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def days_between(since: dt.date, until: dt.date) -> int:
    """The days of the week that occur from one day to another, both among them, as bits."""
    span = (until - since).days
    return ALL_WEEK if span >= 6 else mask_of((since + n * DAY).weekday() for n in range(max(0, span + 1)))


def outside_times(starts_at: dt.datetime, ends_at: dt.datetime, mask: int, opens: int, closes: int) -> str:
    """What keeps a resource from being used then: "days", "hours", or "" for nothing. Both moments are of the district's
    zone; what lasts over midnight, a stay of days or goods, is asked for its days alone."""
    last = ends_at - dt.timedelta(minutes=1)
    if starts_at.date() == last.date():
        if not mask >> starts_at.weekday() & 1:
            return "days"
        ends = minutes_of(ends_at.time()) or DAY_MINUTES
        return "" if opens <= minutes_of(starts_at.time()) and ends <= closes else "hours"
    return "" if mask & days_between(starts_at.date(), last.date()) else "days"


def free_seat(taken: Collection[int], capacity: int) -> int | None:
    """The first of `capacity` seats that nobody has; None where all are taken."""
    return next((seat for seat in range(1, capacity + 1) if seat not in taken), None)


def price_fault(mode: str, fen: int | None) -> str:
    """ "free" for a price of what is free, "missing" for none where there must be one, "wrong" for what is no price, or ""."""
    if mode == "welfare":
        return "free" if fen else ""
    if fen is None:
        return "missing"
    return "" if type(fen) is int and 0 < fen <= MOST_FEN else "wrong"


def distribution(grades: Iterable[tuple[int, int]], least: int) -> dict[int, int] | None:
    """Grade → how many, of (grade, how many) pairs; None where there are fewer than `least` in all: who said what could be
    guessed."""
    counts = dict.fromkeys(range(1, 6), 0)
    for grade, number in grades:
        counts[grade] += number
    return counts if sum(counts.values()) >= least else None


def slip_numbers(issued: int, more: int, served: int, most: int) -> range:
    """Numbers of further rating slips: no more in all than people were served, nor than `most`."""
    return range(issued + 1, min(issued + more, served, most) + 1)


def year_bounds(year: int) -> tuple[dt.date, dt.date]:
    return dt.date(year, 1, 1), dt.date(year, 12, 31)
