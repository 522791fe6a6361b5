"""Rules over values alone: what of somebody's minutes counts, what points that makes, months, quarters, milestones."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Caps:
    """The most minutes that count of one session, on one day, in one month."""

    activity: int
    day: int
    month: int


def served_minutes(
    in_at: dt.datetime, out_at: dt.datetime, starts_at: dt.datetime, ends_at: dt.datetime
) -> int:
    """Whole minutes there within the announced time: coming early and staying on afterwards make no hours."""
    return max(0, int((min(out_at, ends_at) - max(in_at, starts_at)).total_seconds() // 60))


def counted(attended: int, of_day: int, of_month: int, caps: Caps) -> tuple[int, str]:
    """Minutes that count, beside those of the day and month already credited, and which cap cut them ("" for none)."""
    limits = [
        (caps.activity, "activity"), (max(0, caps.day - of_day), "day"), (max(0, caps.month - of_month), "month"),
    ]  # fmt: skip
    least, cut = min(limits, key=lambda limit: limit[0])
    return (attended, "") if attended <= least else (least, cut)


def points_of(minutes: int, rate: int) -> int:
    """Whole points for minutes at a rate an hour; what is left of a point is dropped."""
    return minutes * rate // 60


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or that month's last."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


def month_of(day: dt.date) -> dt.date:
    return day.replace(day=1)


def quarter_of(day: dt.date) -> dt.date:
    """The first day of the quarter a day lies in."""
    return dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def last_of_quarter(first: dt.date) -> dt.date:
    return months_after(first, 3) - dt.timedelta(days=1)


def reached(minutes: int, milestones: Sequence[int]) -> tuple[int, int | None]:
    """Hours of the last milestone reached (0 before the first) and of the next (None after the last)."""
    hours = minutes // 60
    passed = [each for each in milestones if each <= hours]
    return passed[-1] if passed else 0, next((each for each in milestones if each > hours), None)


def hours_text(minutes: int, step: int) -> str:
    """Hours in steps of so many minutes, rounded down: 30 gives 1.5, 6 gives 1.6, 60 whole hours."""
    kept = minutes // step * step
    return f"{kept / 60:.1f}" if step < 60 else str(kept // 60)
