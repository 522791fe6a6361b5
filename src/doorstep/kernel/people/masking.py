"""Personal values as they are shown everywhere: recognisable to who knows them, useless to who does not."""

from __future__ import annotations

import re

HIDDEN = "*"
_NUMBER = re.compile(r"(?P<day>\d{4}-\d\d-\d\d(?![\d-]))|\d(?:[ -]?\d){6,17}[Xx]?")
_DOOR = re.compile(r"单元\s*\d{2,4}|(?<!\d)\d{1,3}\s*[-—–]\s*\d{1,2}\s*[-—–]\s*\d{3,4}(?!\d)")


def tells_a_door(text: str) -> bool:
    """Whether somebody's own door may stand in a text: 3单元402, 12-3-402. A day (2026-06-15) is none."""
    return _DOOR.search(text) is not None


def mask_phone(number: str) -> str:
    """13812341234 → 138****1234; a fixed line keeps its area code's start and its last three digits."""
    if not number:
        return ""
    if len(number) == 11 and number.startswith("1"):
        return f"{number[:3]}{HIDDEN * 4}{number[-4:]}"
    return (
        f"{number[:3]}{HIDDEN * max(len(number) - 6, 1)}{number[-3:]}"
        if len(number) > 6
        else HIDDEN * len(number)
    )


def mask_identity(number: str) -> str:
    """21020219900101001X → 2102************1X."""
    if not number:
        return ""
    if len(number) < 8:
        return HIDDEN * len(number)
    return f"{number[:4]}{HIDDEN * (len(number) - 6)}{number[-2:]}"


def mask_name(name: str) -> str:
    """The first character alone stays: 演示甲一 → 演***. A name of one character keeps nothing."""
    return HIDDEN if len(name) < 2 else name[0] + HIDDEN * (len(name) - 1)


def mask_numbers(text: str) -> str:
    """A text with what may be a telephone or identity number in it hidden: seven digits or more in a row, no date."""
    return _NUMBER.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    if found["day"]:
        return found[0]
    number = found[0].replace(" ", "").replace("-", "")
    return mask_identity(number) if len(number) > 15 else mask_phone(number)


MASKS = {"phone": mask_phone, "identity": mask_identity, "name": mask_name}
