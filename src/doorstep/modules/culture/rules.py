"""Rules over values alone: money in words and figures, what a text may tell, weeks and months of a calendar."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal

from doorstep.kernel.people.masking import mask_numbers

MOST_FEN = 10**11  # a thousand million yuan: beyond it a number is a slip of the hand
GOOD = 4  # grades from here on are content
WEEK = dt.timedelta(days=7)
DAY = dt.timedelta(days=1)


def fen_fault(fen: object) -> str:
    """ "whole" for what is no whole number of fen, "least" below one, "most" beyond the bound, or ""."""
    if type(fen) is not int:  # neither a bool nor a fraction is an amount
        return "whole"
    if fen < 1:
        return "least"
    return "most" if fen > MOST_FEN else ""


def fen_of(yuan: Decimal) -> int:
    """Yuan in fen. Raises ValueError for parts of a fen, or what is no number."""
    if not yuan.is_finite() or yuan.adjusted() > 15:
        raise ValueError(yuan)
    fen = yuan * 100
    if fen != fen.to_integral_value():
        raise ValueError(yuan)
    return int(fen)


def yuan_of(fen: int) -> Decimal:
    return Decimal(fen) / 100


def yuan_words(fen: int) -> str:
    """123456 → "1,234.56"; whole yuan without decimals."""
    whole, rest = divmod(abs(fen), 100)
    text = f"{whole:,}.{rest:02}" if rest else f"{whole:,}"
    return f"-{text}" if fen < 0 else text


def tells_who(text: str) -> bool:
    """Does the text hold what may be a telephone or identity number?"""
    return mask_numbers(text) != text


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def month_of(day: dt.date) -> dt.date:
    """The month's first day."""
    return day.replace(day=1)


def next_month(first: dt.date) -> dt.date:
    return (first.replace(day=28) + 4 * DAY).replace(day=1)


def month_before(first: dt.date) -> dt.date:
    return (first - DAY).replace(day=1)


def weeks_of(first: dt.date) -> list[list[dt.date]]:
    """Whole weeks, Monday first, that hold a month."""
    return calendar.Calendar(firstweekday=0).monthdatescalendar(first.year, first.month)


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day of an earlier month, or that month's last."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))
