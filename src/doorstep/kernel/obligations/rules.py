"""Rules over values alone: rhythms and their days, periods of dated rules, hours and quorum of a meeting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from dateutil.rrule import rrulestr

Roll = Literal["stay", "after", "before"]
# INTERVAL counts from here; a quarter is better said by its months, which need no beginning.
ANCHOR = dt.datetime(2000, 1, 1)
LONGEST_MEETING = dt.timedelta(hours=12)
LONGEST_YEARS = 5  # between two days of a rhythm
EVEN = dt.timedelta(days=14)  # by so much a day of the week moves in its month
MOST_GRACE, MOST_WINDOW = 60, 366  # working days, days
_FREQUENCIES = ("WEEKLY", "MONTHLY", "YEARLY")
_PARTS = frozenset({"FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS"})
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a rhythm. code: "syntax", "part" (a part we do not read), "mixed" (days of the month and of the
    week at once), "never" (no such day), "gaps" (a day that some of the months have not), "weekly" (days of the month in a
    rhythm of weeks), "rare" (seldom or never), "uneven" (every so many months, and only some of them). `month`, `day`: which."""

    code: str
    part: str = ""
    month: int = 0
    day: int = 0


def rhythm_fault(text: str) -> Fault | None:
    """What is wrong with an iCalendar recurrence (RFC 5545, section 3.3.10) as a rhythm; None where nothing is.

    A rhythm names days on which something falls due, at most one a week, without end: the rule's own period ends it.
    """
    parts = _parts_of(text)
    if parts is None or parts.get("FREQ") not in _FREQUENCIES:
        return Fault("syntax")
    for name in parts:
        if name not in _PARTS:
            return Fault("part", part=name)
    if "BYMONTHDAY" in parts and "BYDAY" in parts:
        return Fault("mixed")
    if parts["FREQ"] == "WEEKLY" and "BYMONTHDAY" in parts:
        return Fault("weekly")
    if fault := _day_fault(parts):
        return fault
    if not _weekdays_fit(parts):
        return Fault("syntax")
    try:
        rrulestr(text, dtstart=ANCHOR)
    except (ValueError, TypeError):
        return Fault("syntax")
    return _spacing_fault(text, parts)


def _spacing_fault(text: str, parts: dict[str, str]) -> Fault | None:
    """A rhythm comes at least once in five years. Every so many weeks, months or years, it comes evenly: months that are named
    besides would come in some years and not in others."""
    days = due_days(text, ANCHOR.date(), _years_from(ANCHOR.date(), 3 * LONGEST_YEARS))
    gaps = [after - before for before, after in pairwise(days)]
    if not gaps or max(gaps) > dt.timedelta(days=LONGEST_YEARS * 366):
        return Fault("rare")
    every = parts.get("INTERVAL", "1") != "1"
    return Fault("uneven") if every and max(gaps) - min(gaps) > EVEN else None


def _parts_of(text: str) -> dict[str, str] | None:
    parts = dict(part.partition("=")[::2] for part in text.split(";"))
    whole = len(parts) == len(text.split(";")) and all(parts.values())
    return parts if whole and text.isascii() and text == text.upper() else None


def _numbers(text: str) -> list[int] | None:
    try:
        return [int(one) for one in text.split(",")]
    except ValueError:
        return None


def _day_fault(parts: dict[str, str]) -> Fault | None:
    """Every month asked for has every day asked for: 31 April never comes, and a rule that skips it would skip in silence."""
    days, months = _numbers(parts.get("BYMONTHDAY", "1")), _numbers(parts.get("BYMONTH", "1"))
    if days is None or months is None or not all(1 <= month <= 12 for month in months):
        return Fault("syntax")
    if len(days) > 1 or not all(1 <= abs(day) <= 31 for day in days):
        return Fault("syntax")
    if "BYMONTHDAY" not in parts:
        return None
    asked = months if "BYMONTH" in parts else range(1, 13)
    longest = max((_DAYS_IN_MONTH[month - 1], month) for month in asked)
    for month in asked:
        if abs(days[0]) > _DAYS_IN_MONTH[month - 1]:
            leap = month == 2 and abs(days[0]) == 29
            never = abs(days[0]) > longest[0] and not leap
            return Fault("never" if never else "gaps", month=month, day=days[0])
    return None


def _weekdays_fit(parts: dict[str, str]) -> bool:
    """One weekday, in a month the first to fourth or the last; or the last of several, as a month's last working day."""
    names = parts.get("BYDAY", "").split(",") if "BYDAY" in parts else []
    places, interval = _numbers(parts.get("BYSETPOS", "1")), _numbers(parts.get("INTERVAL", "1"))
    if places is None or interval is None or not 1 <= interval[0] <= 60 or len(places) > 1:
        return False
    if "BYSETPOS" in parts and not (names and parts["FREQ"] == "MONTHLY" and 1 <= abs(places[0]) <= 4):
        return False
    if "BYSETPOS" in parts and any(name not in _WEEKDAYS for name in names):
        return False  # of "the first Monday" there is no second
    for name in names:
        ordinal = name[:-2] or "0"
        number = _numbers(ordinal)
        if name[-2:] not in _WEEKDAYS or number is None or abs(number[0]) > 4:
            return False
        if not number[0] and parts["FREQ"] != "WEEKLY" and "BYSETPOS" not in parts:
            return False  # "every Monday of the month" is a week's rhythm
        if number[0] and parts["FREQ"] == "WEEKLY":
            return False
    return len(names) <= 1 or "BYSETPOS" in parts


def due_days(rhythm: str, first: dt.date, last: dt.date) -> list[dt.date]:
    """The rhythm's days from `first` to `last`, both included, before any is moved to a working day."""
    start, end = (dt.datetime.combine(day, dt.time()) for day in (first, last))
    return [moment.date() for moment in rrulestr(rhythm, dtstart=ANCHOR).between(start, end, inc=True)]


@dataclass(frozen=True)
class Terms:
    """One version of a rule, as its days are counted: it holds from `valid_from` to the day before `valid_to`.

    window: only a record of the last so many days counts, 0 for the whole period. grace: working days after the day due.
    """

    rule_id: int
    rhythm: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    roll: Roll = "stay"
    window: int = 0
    grace: int = 0


@dataclass(frozen=True)
class Period:
    """One time that something is owed. A record from `opens_on` to `closes_on` keeps it; one until `mends_until` makes it up.

    `starts_on` to `ends_on`: the period itself; `due_on`: its last day, moved to a working day where the rule says so.
    `provisional`: counted beyond the published calendar.
    """

    rule_id: int
    starts_on: dt.date
    ends_on: dt.date
    opens_on: dt.date
    due_on: dt.date
    closes_on: dt.date
    mends_until: dt.date
    provisional: bool


@dataclass(frozen=True)
class WorkingDays:
    """How days are moved and counted: the official calendar, seen by these rules."""

    is_working: Callable[[dt.date], bool]
    is_known: Callable[[dt.date, dt.date], bool]

    def rolled(self, day: dt.date, roll: Roll) -> dt.date:
        step = dt.timedelta(days={"stay": 0, "after": 1, "before": -1}[roll])
        while step and not self.is_working(day):
            day += step
        return day

    def after(self, day: dt.date, number: int) -> dt.date:
        """The `number`th working day after `day`."""
        while number:
            day += dt.timedelta(days=1)
            number -= self.is_working(day)
        return day


def periods_of(versions: Sequence[Terms], until: dt.date, days: WorkingDays) -> list[Period]:
    """What versions of one rule ask for, in their order, of periods that begin by `until`.

    A period is asked for by the version in force when it begins, to its end: what is running when a rule changes is finished by
    the rule it began under, and the new one begins with its first whole period after that. A rule that ends with nothing after
    it asks for no period that it does not hold to the end.
    """
    found: list[Period] = []
    ordered = sorted(versions, key=lambda row: row.valid_from)
    for version, following in zip(ordered, [*ordered[1:], None], strict=True):
        goes_on = following is not None and following.valid_from == version.valid_to
        free_from = found[-1].ends_on if found else dt.date.min
        for starts, ends in _spans(version, until):
            if starts < version.valid_from or starts <= free_from:
                continue
            if version.valid_to is not None and (starts if goes_on else ends) >= version.valid_to:
                break
            found.append(_period(version, starts, ends, days))
    return _with_mending(found)


def _spans(version: Terms, until: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    """From the day after one of the rhythm's days to the next: periods of the rhythm that begin by `until`."""
    first = version.valid_from - dt.timedelta(days=366)
    nominal = due_days(version.rhythm, _years_from(first, -5), _years_from(until, 6))
    for before, day in pairwise(nominal):
        starts = before + dt.timedelta(days=1)
        if first <= starts <= until:
            yield starts, day


def _years_from(day: dt.date, years: int) -> dt.date:
    return dt.date(day.year + years, 1, 1)


def _period(version: Terms, starts: dt.date, ends: dt.date, days: WorkingDays) -> Period:
    due = days.rolled(ends, version.roll)
    closes = days.after(due, version.grace)
    opens = starts if not version.window else max(starts, due - dt.timedelta(days=version.window - 1))
    moved = bool(version.grace) or version.roll != "stay"
    known = not moved or days.is_known(min(due, ends), closes)
    return Period(version.rule_id, starts, ends, min(opens, due), due, closes, closes, not known)


def _with_mending(found: list[Period]) -> list[Period]:
    """What was missed can be made up until the next one closes."""
    follows = [*(after.closes_on for after in found[1:]), None]
    return [
        Period(**{**vars(row), "mends_until": after or row.closes_on + (row.ends_on - row.starts_on)})
        for row, after in zip(found, follows, strict=True)
    ]


def quorum_met(present: int, entitled: int, share: float) -> bool:
    """More than this share of those entitled was there."""
    return entitled > 0 and present > share * entitled


def hours_fault(starts: dt.datetime, ends: dt.datetime, now: dt.datetime) -> str:
    """ "order", "long", "future" (minutes are of what took place), or ""."""
    if ends <= starts:
        return "order"
    if ends - starts > LONGEST_MEETING:
        return "long"
    return "future" if ends > now else ""
