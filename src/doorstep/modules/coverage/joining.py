"""Which organisations could form a joint branch together: near each other, of one trade first, enough members, few units.

Pure: values in, suggestions with their reasons out. Greedy and the same for the same input; a district's thousand take well
below a second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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


def suggestions(candidates: Sequence[Candidate], terms: Terms) -> list[Suggestion]:
    """Disjoint groups, the least far apart first. Those whom nobody is near enough are in none."""
    if not candidates:
        return []
    rows = sorted(candidates, key=lambda row: row.number)
    near = _near(rows, terms.reach)
    free = set(range(len(rows)))
    found: list[Suggestion] = []
    # who has the fewest near chooses first: the others have more to choose from
    for first in sorted(free, key=lambda index: (len(near[index]), rows[index].number)):
        if first in free:
            group = _group(first, rows, near, free, terms)
            if group:
                free -= set(group)
                found.append(_suggestion(group, rows, near))
    return sorted(found, key=lambda one: (one.metres, one.numbers))


def _near(rows: Sequence[Candidate], reach: int) -> list[dict[int, float]]:
    """For each, who is within reach in the same street, with the distance in metres."""
    middle = math.radians(sum(row.latitude for row in rows) / len(rows))
    flat = np.array([[row.longitude * math.cos(middle), row.latitude] for row in rows]) * METRES_PER_DEGREE
    points = np.atleast_1d(np.asarray(shapely.points(flat)))
    here, there = shapely.STRtree(points).query(points, predicate="dwithin", distance=float(reach))
    found: list[dict[int, float]] = [{} for _row in rows]
    for a, b in zip(here.tolist(), there.tolist(), strict=True):
        if a != b and rows[a].place[:9] == rows[b].place[:9]:
            found[a][b] = float(np.hypot(*(flat[a] - flat[b])))
    return found


def _group(
    first: int, rows: Sequence[Candidate], near: Sequence[dict[int, float]], free: set[int], terms: Terms
) -> list[int]:
    """The first with the nearest that are free, until they are enough; [] where they never are."""

    def weight(other: int) -> tuple[float, int]:
        same = rows[other].trade == rows[first].trade
        return near[first][other] * (SAME_TRADE_COUNTS_AS if same else 1.0), rows[other].number

    group, full = [first], rows[first].full
    for other in sorted((index for index in near[first] if index in free), key=weight):
        if full >= terms.least and len(group) > 1:
            break
        if len(group) == terms.most:
            break
        group.append(other)
        full += rows[other].full
    return group if len(group) > 1 and full >= terms.least else []


def _suggestion(
    group: Sequence[int], rows: Sequence[Candidate], near: Sequence[dict[int, float]]
) -> Suggestion:
    trades = {rows[index].trade for index in group}
    return Suggestion(
        tuple(rows[index].number for index in group), sum(rows[index].full for index in group),
        round(max(near[group[0]][index] for index in group[1:])), trades.pop() if len(trades) == 1 else "",
    )  # fmt: skip
