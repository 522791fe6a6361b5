"""Numbers of slips, quarters and months: pure functions over values."""

from __future__ import annotations

import datetime as dt
import re

from doorstep.kernel.shared.numerals import is_digits
from doorstep.modules.volunteering.rules import month_of, months_after, quarter_of

_PAPER_CODE = re.compile(r"[?&]c=([A-Z2-7]{8})(?:&|$)", re.ASCII)
DIGITS = 11  # of a slip's number, its check digit included
_SPREAD, _SPACE = 6_180_339_887, 10 ** (DIGITS - 1)  # the multiplier has no factor in common with the space
# Damm's table: a wrong digit, or two neighbours changed over, never give the same check digit
_TABLE = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


def check_digit(body: str) -> str:
    """The digit that closes a row of digits."""
    state = 0
    for digit in body:
        state = int(_TABLE[state][int(digit)])
    return str(state)


def number_of(serial: int) -> str:
    """The number of the slip with this serial: no two alike, and how many slips there are does not show in it."""
    body = f"{serial * _SPREAD % _SPACE:0{DIGITS - 1}}"
    return body + check_digit(body)


def read_number(text: str) -> str:
    """The number in what was typed or scanned (an address ends with it); "" where there is none, or a digit is wrong."""
    tail = text.strip().rpartition("=")[2]
    digits = "".join(sign for sign in tail if sign not in " -　\t")
    if len(digits) != DIGITS or not is_digits(digits):
        return ""
    return digits if check_digit(digits[:-1]) == digits[-1] else ""


def paper_code_in(text: str) -> str:
    """The code of a slip on paper in what was scanned; "" where it has none."""
    found = _PAPER_CODE.search(text)
    return found[1] if found else ""


def spaced(number: str) -> str:
    """As it is read aloud: 1234 567 8901."""
    return f"{number[:4]} {number[4:7]} {number[7:]}"


def quarter_bounds(day: dt.date) -> tuple[dt.date, dt.date]:
    """The first day of the quarter a day lies in, and of the next one."""
    first = quarter_of(day)
    return first, months_after(first, 3)


def month_after(month: dt.date) -> dt.date:
    """The first day of the next month."""
    return months_after(month_of(month), 1)


def in_yuan(fen: int) -> str:
    """123456 → 1,234.56"""
    return f"{fen // 100:,}.{fen % 100:02}"
