"""What is to be planned, and a plan, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from doorstep.planning.forms import Floats, Ints
from doorstep.planning.grids.weights import Weights

__all__ = ["Floats", "Instance", "Ints", "Pins", "Plan"]


@dataclass(frozen=True, eq=False)
class Pins:
    """What a person decided beforehand, by places of buildings: pairs together, pairs apart, the slot a building is in (−1: any)."""

    together: Ints  # (t, 2)
    apart: Ints  # (a, 2)
    inside: Ints  # (n,)

    def any(self) -> bool:
        return bool(len(self.together) or len(self.apart) or (self.inside >= 0).any())


@dataclass(frozen=True, eq=False)
class Instance:
    """n buildings in P parts that are to have G grids. Made by `reading.of` or `reading.read`, which refuse what cannot be.

    Buildings are numbered 0..n−1 in the order of the file (their *places*), parts 0..P−1. The grids of part p have the *slots*
    first[p] .. first[p+1]−1; `numbers[slot]` is the grid's number in plans: today's where a grid of today lies in that
    part, else free ones.
    """

    ids: Ints  # (n,) as given
    x: Floats  # metres
    y: Floats
    load: Floats  # work, > 0
    households: Ints
    difficulty: Floats
    community: Ints
    compound: Ints  # −1: none
    part: Ints  # (n,) which part, 0..P−1
    part_ids: Ints  # (P,) as given
    asked: Ints  # (P,) grids of each part
    first: Ints  # (P+1,) first slot of each part
    numbers: Ints  # (G,)
    edges: Ints  # (m, 2) places, each pair once
    starts: Ints  # (n+1,) neighbours of i: neighbours[starts[i]:starts[i+1]]
    neighbours: Ints
    today: Ints  # (n,) slot of today, −1: none or not to be kept
    pins: Pins
    weights: Weights | None = None
    price: float = 1.0  # what a household that changes its grid costs; 0: today does not matter

    @property
    def size(self) -> int:
        return len(self.ids)

    def place(self, building: int) -> int:
        """Where the building of this id stands in the arrays. KeyError where there is none."""
        found = np.flatnonzero(self.ids == building)
        if not len(found):
            raise KeyError(building)
        return int(found[0])

    def slots_of(self, numbers: Ints) -> Ints:
        """Grid numbers as slots; −1 where no grid has that number."""
        order = np.argsort(self.numbers)
        spots = np.searchsorted(self.numbers[order], numbers)
        slots = order[np.minimum(spots, len(order) - 1)]
        return np.where(self.numbers[slots] == numbers, slots, -1)


@dataclass(frozen=True, eq=False)
class Plan:
    """The grid number of each building, in the order of the instance. `rounds`: complete rounds of the search behind it."""

    grids: Ints
    seed: int = 0
    rounds: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = field(default=())
