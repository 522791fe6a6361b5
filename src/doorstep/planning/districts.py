"""Made-up districts to measure and test plans on, in the shared form. Nobody lives there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import Delaunay, QhullError

SPACING = 62.0  # metres between buildings
A_COMMUNITY, A_PART, A_COMPOUND, A_GRID = 92, 53, 13, 8.4  # buildings of a usual one
KINDS = (
    (150, 0.9),
    (90, 0.95),
    (60, 1.05),
    (36, 1.15),
    (14, 1.3),
)  # households of a building, difficulty: towers to old courts


@dataclass(frozen=True)
class Plot:
    """A rectangle that is to hold so many buildings."""

    left: float
    low: float
    width: float
    height: float
    buildings: int

    def split(self, usual: int, chance: np.random.Generator) -> Iterator[Plot]:
        """Cut again and again across the longer side until about as many buildings as usual are in each."""
        if self.buildings <= usual * chance.lognormal(0.15, 0.45) or self.buildings < 4:
            yield self
            return
        first = int(np.clip(round(self.buildings * chance.uniform(0.35, 0.65)), 2, self.buildings - 2))
        share = first / self.buildings
        if self.width >= self.height:
            halves = (
                Plot(self.left, self.low, self.width * share, self.height, first),
                Plot(
                    self.left + self.width * share, self.low, self.width * (1 - share), self.height,
                    self.buildings - first,
                ),
            )  # fmt: skip
        else:
            halves = (
                Plot(self.left, self.low, self.width, self.height * share, first),
                Plot(
                    self.left, self.low + self.height * share, self.width, self.height * (1 - share),
                    self.buildings - first,
                ),
            )  # fmt: skip
        for half in halves:
            yield from half.split(usual, chance)

    def spots(self, chance: np.random.Generator) -> np.ndarray:
        """(buildings, 2): rows of buildings, none quite in line."""
        across = max(1, round((self.buildings * self.width / self.height) ** 0.5))
        rows = -(-self.buildings // across)
        at = np.arange(self.buildings)
        step = np.array([self.width / across, self.height / rows])
        middle = np.stack([at % across + 0.5, at // across + 0.5], axis=1) * step
        return np.array([self.left, self.low]) + middle + chance.normal(0, 0.12, middle.shape) * step


def district(buildings: int = 6000, seed: int = 0, grid: float = A_GRID) -> dict[str, Any]:
    """A district of so many buildings, `grid` of them to a grid: communities, main roads through some of them, compounds."""
    chance = np.random.default_rng(seed)
    side = SPACING * buildings**0.5
    rows: list[dict[str, Any]] = []
    adjacent: list[list[int]] = []
    part = compound = 0
    for community, home in enumerate(Plot(0, 0, side, side, buildings).split(A_COMMUNITY, chance)):
        for piece in home.split(A_PART, chance):
            begin = len(rows)
            for court in piece.split(A_COMPOUND, chance):
                rows += _court(court, len(rows), chance, community=community, part=part, compound=compound)
                compound += 1
            spots = np.array([[row["x"], row["y"]] for row in rows[begin:]])
            adjacent += (_gabriel(spots) + begin).tolist()
            part += 1
    return {"unit": "metre", "parts": _parts(rows, part, grid), "buildings": rows, "adjacent": adjacent}


def _court(court: Plot, begin: int, chance: np.random.Generator, **where: int) -> list[dict[str, Any]]:
    usual, hard = KINDS[chance.integers(len(KINDS))]
    rows = []
    for at, (x, y) in enumerate(court.spots(chance)):
        households = max(1, round(usual * chance.uniform(0.6, 1.4)))
        difficulty = round(float(hard * chance.uniform(0.88, 1.12)), 3)
        rows.append(
            {
                "id": begin + at, "x": round(float(x), 1), "y": round(float(y), 1),
                "load": float(max(1, round(households * difficulty))), "households": households,
                "difficulty": difficulty, **where,
            }
        )  # fmt: skip
    return rows


def _parts(rows: list[dict[str, Any]], count: int, grid: float) -> list[dict[str, int]]:
    load, size = np.zeros(count), np.zeros(count, dtype=int)
    for row in rows:
        load[row["part"]] += row["load"]
        size[row["part"]] += 1
    mean = load.sum() / (len(rows) / grid)
    asked = np.clip(np.round(load / mean).astype(int), 1, size)
    return [{"id": at, "grids": int(one)} for at, one in enumerate(asked)]


def _gabriel(spots: np.ndarray) -> np.ndarray:
    """Pairs with nobody else in the circle between them. They contain a shortest tree, so everything is connected."""
    if len(spots) < 4:
        return np.array([[at, at + 1] for at in range(len(spots) - 1)], dtype=int).reshape(-1, 2)
    try:
        corners = Delaunay(spots).simplices
    except QhullError:  # all in one line
        order = np.lexsort((spots[:, 1], spots[:, 0]))
        return np.stack([order[:-1], order[1:]], axis=1)
    sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    sides = np.unique(np.sort(sides, axis=1), axis=0)
    middle = (spots[sides[:, 0]] + spots[sides[:, 1]]) / 2
    reach = ((spots[sides[:, 0]] - middle) ** 2).sum(axis=1)
    nearest = ((middle[:, None, :] - spots[None, :, :]) ** 2).sum(axis=2).min(axis=1)
    return sides[nearest >= reach * (1 - 1e-9)]
