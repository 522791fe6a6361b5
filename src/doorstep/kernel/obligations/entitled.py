"""How many are entitled to take part in a meeting of a unit, where a package knows it: what a form starts from.

What is written in the minutes counts: whoever keeps them knows who has no vote for the time being.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

Counter = Callable[[int, dt.date], int | None]
_counters: dict[str, Counter] = {}


def declare(meetings: Iterable[str], counter: Counter) -> None:
    """`counter`: (unit, day) → how many, None where nothing is known. Declared once for each kind of meeting."""
    for kind in meetings:
        if kind in _counters:
            raise RuntimeError(f"those entitled in {kind} are counted twice")
        _counters[kind] = counter


def entitled_to(kind: str, unit_id: int, day: dt.date) -> int | None:
    """None where no package knows."""
    counter = _counters.get(kind)
    return counter(unit_id, day) if counter else None
