"""Which number each grid has: today's where it stays in its part, so that a grid keeps its name."""

from __future__ import annotations

import numpy as np

from doorstep.planning.grids.instance import Ints


def numbered(today: Ints | None, households: Ints, part: Ints, asked: Ints, first: Ints) -> tuple[Ints, Ints]:
    """(number of each slot, slot of each building today or −1).

    A grid of today belongs to the part where most of its households are; a part with more grids than it is to have keeps
    those of the most households. Other slots get the smallest free numbers.
    """
    total = int(first[-1])
    if today is None:
        return np.arange(total, dtype=np.int64), np.full(len(part), -1, dtype=np.int64)
    numbers = np.full(total, -1, dtype=np.int64)
    filled = np.zeros(len(asked), dtype=np.int64)
    for number, home in _homes(today, households, part):
        if filled[home] < asked[home]:
            numbers[first[home] + filled[home]] = number
            filled[home] += 1
    free = np.setdiff1d(np.arange(total + len(np.unique(today)), dtype=np.int64), today)
    empty = np.flatnonzero(numbers < 0)
    numbers[empty] = free[: len(empty)]
    slot_of = {int(number): slot for slot, number in enumerate(numbers)}
    slots = np.array([slot_of.get(int(number), -1) for number in today], dtype=np.int64)
    home_of = np.repeat(np.arange(len(asked)), asked)
    return numbers, np.where((slots >= 0) & (home_of[slots] == part), slots, -1)


def _homes(today: Ints, households: Ints, part: Ints) -> list[tuple[int, int]]:
    """(number, part) of each grid of today, those of the most households first."""
    has = today >= 0
    pairs, places = np.unique(np.stack([today[has], part[has]], axis=1), axis=0, return_inverse=True)
    weight = np.bincount(places.ravel(), weights=households[has] + 1e-6, minlength=len(pairs))
    best: dict[int, tuple[float, int]] = {}
    for (number, home), heavy in zip(pairs.tolist(), weight.tolist(), strict=True):
        if heavy > best.get(number, (0.0, 0))[0]:
            best[number] = (heavy, home)
    ordered = sorted(best.items(), key=lambda one: (-one[1][0], one[0]))
    return [(number, home) for number, (_, home) in ordered]
