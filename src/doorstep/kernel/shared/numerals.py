"""Whole numbers in what browsers and files send, and Chinese numerals as they stand in names.

`str.isdigit` is true of "²" and "①", which `int` refuses, and `str.isdecimal` of the digits of other scripts: neither is
asked about input anywhere else.
"""

from __future__ import annotations

LONGEST = 18  # digits; what a bigint of the database always holds


def is_digits(text: str) -> bool:
    """Whether the text is one or more of the digits 0 to 9 and nothing else."""
    return text.isascii() and text.isdecimal()


def whole_number(text: str | None, longest: int = LONGEST) -> int | None:
    """The number written in at most `longest` digits; None for any other text."""
    return int(text) if text and len(text) <= longest and is_digits(text) else None


_DIGITS = "零一二三四五六七八九"


def numeral(number: int) -> str:
    """1 → 一, 10 → 十, 23 → 二十三, 105 → 一百零五; for 1 to 999, ValueError beyond."""
    if not 0 < number < 1000:
        raise ValueError(f"no numeral for {number}")
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    if hundreds:
        tail = "" if not rest else f"零{_DIGITS[ones]}" if not tens else _DIGITS[tens] + "十" + _ones(ones)
        return f"{_DIGITS[hundreds]}百{tail}"
    if tens:
        return ("" if tens == 1 else _DIGITS[tens]) + "十" + _ones(ones)
    return _DIGITS[ones]


def _ones(digit: int) -> str:
    return _DIGITS[digit] if digit else ""
