"""Which organisations could form a joint branch together: near each other, of one trade first, enough members, few units.

Pure: values in, suggestions with their reasons out. Greedy and the same for the same input; a district's thousand take well
below a second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

METRES_PER_DEGREE = 111_320.0
SAME_TRADE_COUNTS_AS = 0.5  # of one trade, so much of the distance: trade weighs, nearness decides


@dataclass(frozen=True)
class Candidate:
    """An organisation with one or two full members that nobody covers. `place`: its community."""

    number: int
    longitude: float
    latitude: float
    trade: str
    full: int
    place: str


@dataclass(frozen=True)
class Terms:
    """least: full members in all; most: units of a branch; reach: metres between any of them and the first."""

    least: int
    most: int
    reach: int


@dataclass(frozen=True)
class Suggestion:
    """Organisations that could form a branch: `full` members in all, the farthest `metres` from the first, `trade` where they
    have it in common."""

    numbers: tuple[int, ...]
    full: int
    metres: int
    trade: str


@dataclass(frozen=True)
class _Near:
    """Who is within reach of each in the same street, the most fitting first: those of `index` stand from `starts[index]` on."""

    starts: list[int]
    others: list[int]
    metres: list[float]

    def of(self, index: int) -> range:
        return range(self.starts[index], self.starts[index + 1])


def suggestions(candidates: Sequence[Candidate], terms: Terms) -> list[Suggestion]:
    """Disjoint groups, the least far apart first. Those whom nobody is near enough are in none."""
    if not candidates:
        return []
    rows = sorted(candidates, key=lambda row: row.number)
    near = _near(rows, terms.reach)
    free = [True] * len(rows)
    found: list[Suggestion] = []
    # who has the fewest near chooses first: the others have more to choose from
    for first in sorted(range(len(rows)), key=lambda index: (len(near.of(index)), index)):
        places = _group(first, rows, near, free, terms) if free[first] else []
        if places:
            group = [first, *(near.others[place] for place in places)]
            for index in group:
                free[index] = False
            found.append(_suggestion(group, rows, max(near.metres[place] for place in places)))
    return sorted(found, key=lambda one: (one.metres, one.numbers))


def _near(rows: Sequence[Candidate], reach: int) -> _Near:
    middle = math.radians(sum(row.latitude for row in rows) / len(rows))
    flat = np.array([[row.longitude * math.cos(middle), row.latitude] for row in rows]) * METRES_PER_DEGREE
    points = np.atleast_1d(np.asarray(shapely.points(flat)))
    here, there = shapely.STRtree(points).query(points, predicate="dwithin", distance=float(reach))
    streets, trades = _numbered(row.place[:9] for row in rows), _numbered(row.trade for row in rows)
    kept = (here != there) & (streets[here] == streets[there])
    here, there = here[kept], there[kept]
    metres = np.hypot(*(flat[here] - flat[there]).T)
    weight = metres * np.where(trades[here] == trades[there], SAME_TRADE_COUNTS_AS, 1.0)
    order = np.lexsort((there, weight, here))
    starts = np.concatenate(([0], np.cumsum(np.bincount(here, minlength=len(rows)))))
    return _Near(starts.tolist(), there[order].tolist(), metres[order].tolist())


def _numbered(words: Iterable[str]) -> np.ndarray:
    known: dict[str, int] = {}
    return np.array([known.setdefault(word, len(known)) for word in words])


def _group(
    first: int, rows: Sequence[Candidate], near: _Near, free: Sequence[bool], terms: Terms
) -> list[int]:
    """Where in `near` those stand that join the first: the nearest that are free, until they are enough; [] where they never are."""
    full = rows[first].full
    chosen: list[int] = []
    for place in near.of(first):
        if (full >= terms.least and chosen) or len(chosen) + 1 == terms.most:
            break
        if free[near.others[place]]:
            chosen.append(place)
            full += rows[near.others[place]].full
    return chosen if full >= terms.least else []


def _suggestion(group: Sequence[int], rows: Sequence[Candidate], metres: float) -> Suggestion:
    trades = {rows[index].trade for index in group}
    return Suggestion(
        tuple(rows[index].number for index in group), sum(rows[index].full for index in group), round(metres),
        trades.pop() if len(trades) == 1 else "",
    )  # fmt: skip
