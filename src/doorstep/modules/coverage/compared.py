"""Figures that a page or an assistance compares: which there are, and what they were on a day, from the rows alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from doorstep.kernel.declarations.indicators import Indicator, all_indicators
from doorstep.kernel.indicators.selectors import figures

MOST_COMPARED = 6
YEAR = dt.timedelta(days=365)


@dataclass(frozen=True)
class Compared:
    """One figure, before and now; None where nothing was known."""

    indicator: Indicator
    before: Any
    now: Any


def comparable() -> dict[str, Indicator]:
    """Figures that a community has: those of chapters, without cells of cross tables and lists of breaks."""
    return {
        row.key: row for row in all_indicators() if not row.cell and row.chapter[:1] in "1234" and row.chapter
    }


def measured(place_code: str, keys: Sequence[str], day: dt.date) -> dict[str, Any]:
    """By key, what each was on the day: a stock as of the day, a flow over the year before it. Two statements or three."""
    known = [key for key in keys if key in comparable()]
    if not known:
        return {}
    found = figures(place_code, on=day, since=day - YEAR, keys=known)
    return {figure.key: figure.value for figure in found}


def compared(place_code: str, keys: Sequence[str], before: dt.date, now: dt.date) -> list[Compared]:
    """In the order of the keys."""
    known = comparable()
    first, last = measured(place_code, keys, before), measured(place_code, keys, now)
    return [Compared(known[key], first.get(key), last.get(key)) for key in keys if key in known]
