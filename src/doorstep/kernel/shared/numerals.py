"""Whole numbers in what browsers and files send.

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
