"""Pure rules: what may stand on a public page, when times clash."""

from __future__ import annotations

import datetime as dt
import re

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_TELEPHONE = re.compile(r"[0-9０-９+()（）\- 转至、/]{3,40}")

Slot = tuple[int | None, dt.date | None, dt.time, dt.time, dt.date, dt.date | None]


def phone_fault(text: str) -> str:
    """ "private" for a mobile number, "shape" for what is no telephone number, "" for an office's number or none."""
    if not text:
        return ""
    if _MOBILE.search(text):
        return "private"
    return "" if _TELEPHONE.fullmatch(text) else "shape"


def tells_who(text: str) -> bool:
    """Does the text hold a mobile or identity number?"""
    return bool(_MOBILE.search(text) or _IDENTITY.search(text))


def clash(one: Slot, other: Slot) -> bool:
    """Do two times of one person meet? (weekday, day, starts, ends, from, to), one of weekday and day given."""
    (weekday, day, starts, ends, since, until) = one
    (weekday2, day2, starts2, ends2, since2, until2) = other
    if starts >= ends2 or starts2 >= ends:
        return False
    if (until is not None and until <= since2) or (until2 is not None and until2 <= since):
        return False
    if day is not None and day2 is not None:
        return day == day2
    if day is not None:
        return day.weekday() == weekday2 and day >= since2 and (until2 is None or day < until2)
    if day2 is not None:
        return day2.weekday() == weekday and day2 >= since and (until is None or day2 < until)
    return weekday == weekday2
