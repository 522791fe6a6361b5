"""Which organisations of a district could form joint branches, against the bare join of those near each other."""

from __future__ import annotations

import math
import random

import numpy as np
import shapely

from bench.measuring import Measured, Stage, bench, in_turn
from doorstep.modules.coverage.joining import METRES_PER_DEGREE, Candidate, Terms, suggestions

ORGANISATIONS, TRADES, STREETS = 2_000, ("software", "trade", "catering", "law", "health"), 6
TERMS = Terms(least=3, most=5, reach=600)
WEST, SOUTH, WIDE, HIGH = 121.58, 38.88, 0.1, 0.06  # degrees


def _district() -> list[Candidate]:
    lot = random.Random(ORGANISATIONS)
    return [
        Candidate(
            number, WEST + WIDE * lot.random(), SOUTH + HIGH * lot.random(), lot.choice(TRADES), 1 + lot.randrange(2),
            f"21020200{1 + number % STREETS}001",
        )
        for number in range(ORGANISATIONS)
    ]  # fmt: skip


def _bare(rows: list[Candidate]) -> np.ndarray:
    """Who is near whom, and how far: what any answer has to begin with."""
    middle = math.radians(SOUTH + HIGH / 2)
    flat = np.array([[row.longitude * math.cos(middle), row.latitude] for row in rows]) * METRES_PER_DEGREE
    points = np.asarray(shapely.points(flat))
    here, there = shapely.STRtree(points).query(points, predicate="dwithin", distance=float(TERMS.reach))
    metres: np.ndarray = np.hypot(*(flat[here] - flat[there]).T)
    return metres


@bench(
    "joint branches suggested for a district's organisations, against the bare join of those near each other",
    aim=3,
)
def suggesting_branches(_stage: Stage) -> Measured:
    rows = _district()
    found = suggestions(rows, TERMS)
    placed = [number for group in found for number in group.numbers]
    assert len(placed) == len(set(placed)) > ORGANISATIONS / 2
    ours, bare = in_turn(lambda: suggestions(rows, TERMS), lambda: _bare(rows), repeats=20)
    note = f"{ORGANISATIONS:,} organisations, {len(found)} groups, {len(_bare(rows)):,} pairs within {TERMS.reach} m by STRtree"
    return Measured(ours, bare, note=note)
