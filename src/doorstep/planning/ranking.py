"""Resources ranked for one need, and what each that does not fit lacks: arrays alone, thousands at once.

A resource is there on some days of the week, between two minutes of the day, in a period, for some places. A need asks for a
kind, near a place, on some days of the week of a period, so many minutes between two minutes of the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doorstep.planning.forms import Floats, Ints

KIND, AREA, TIME, FAR = 1, 2, 4, 8
LACKING = {KIND: "kind", AREA: "area", TIME: "time", FAR: "far"}
_NUMBER_OF = np.array([bin(value).count("1") for value in range(16)], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Pool:
    """m resources. Periods in whole days (`until` the last day), areas as (which resource, code) pairs."""

    xy: Floats  # (m, 2) metres
    kind: Ints  # (m,)
    weekdays: Ints  # (m,) bits
    opens: Ints  # (m,) minutes of the day
    closes: Ints  # (m,)
    since: Ints  # (m,) days
    until: Ints  # (m,)
    area_of: Ints  # (a,) which resource
    area: Ints  # (a,) place code as a number


@dataclass(frozen=True)
class Wish:
    """What one need asks for. `areas`: the place and every place above it, as numbers; `weekdays`: those its period has, too."""

    xy: tuple[float, float]
    kind: int
    weekdays: int
    opens: int
    closes: int
    since: int
    until: int
    minutes: int
    areas: tuple[int, ...]
    farthest: float


@dataclass(frozen=True)
class Ranked:
    """A resource (its place in the pool), how far it is, and what it lacks: nothing, or some of kind, area, time, far."""

    resource: int
    metres: float
    lacks: tuple[str, ...]


def rank(pool: Pool, wish: Wish, most: int) -> list[Ranked]:
    """The nearest `most` of those that fit, the nearest first; where none fits, the one that lacks least, the nearest of
    those."""
    if not len(pool.kind) or most < 1:
        return []
    away = np.hypot(pool.xy[:, 0] - wish.xy[0], pool.xy[:, 1] - wish.xy[1])
    lacks = _lacks(pool, wish, away)
    fits = np.flatnonzero(lacks == 0)
    if len(fits):
        if len(fits) > most:
            fits = fits[np.argpartition(away[fits], most - 1)[:most]]
        order = fits[np.lexsort((fits, away[fits]))]
        return [Ranked(int(one), float(away[one]), ()) for one in order]
    return [nearest_miss(lacks, away)]


def nearest_miss(lacks: Ints, away: Floats) -> Ranked:
    """The one that lacks the fewest things, and of those the nearest."""
    number = _NUMBER_OF[lacks]
    among = np.flatnonzero(number == number.min())
    one = int(among[np.argmin(away[among])])
    return Ranked(one, float(away[one]), _names(int(lacks[one])))


def all_that_fit(pool: Pool, wish: Wish) -> tuple[Ints, Floats]:
    """(resources, metres) of every one that fits: the arcs of a need."""
    away = np.hypot(pool.xy[:, 0] - wish.xy[0], pool.xy[:, 1] - wish.xy[1])
    fits = np.flatnonzero(_lacks(pool, wish, away) == 0)
    return fits, away[fits]


def _lacks(pool: Pool, wish: Wish, away: Floats) -> Ints:
    """By resource, as bits, what it lacks."""
    served = np.zeros(len(pool.kind), dtype=bool)
    inside = pool.area == wish.areas[0] if wish.areas else np.zeros(len(pool.area), dtype=bool)
    for code in wish.areas[1:]:
        inside |= pool.area == code
    served[pool.area_of[inside]] = True
    together = np.minimum(pool.closes, wish.closes) - np.maximum(pool.opens, wish.opens)
    there = (pool.since <= wish.until) & (pool.until >= wish.since) & ((pool.weekdays & wish.weekdays) != 0)
    fits_in_time = there & (together >= max(wish.minutes, 1))
    return (
        np.where(pool.kind == wish.kind, 0, KIND)
        + np.where(served, 0, AREA)
        + np.where(fits_in_time, 0, TIME)
        + np.where(away <= wish.farthest, 0, FAR)
    )


def _names(lacking: int) -> tuple[str, ...]:
    return tuple(name for bit, name in LACKING.items() if lacking & bit)


def pool_of(
    rows: Sequence[tuple[int, float, float, int, int, int, int, int]], areas: Sequence[tuple[int, int]]
) -> Pool:
    """A pool of rows (kind, x, y, weekdays, opens, closes, since, until) and pairs (which row, code)."""
    table = np.array([(row[0], *row[3:]) for row in rows], dtype=np.int64).reshape(-1, 6)
    pairs = np.array(areas, dtype=np.int64).reshape(-1, 2)
    return Pool(
        xy=np.array([row[1:3] for row in rows], dtype=np.float64).reshape(-1, 2),
        kind=table[:, 0], weekdays=table[:, 1], opens=table[:, 2], closes=table[:, 3], since=table[:, 4],
        until=table[:, 5], area_of=pairs[:, 0], area=pairs[:, 1],
    )  # fmt: skip
