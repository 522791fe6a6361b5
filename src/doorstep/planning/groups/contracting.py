"""Buildings that somebody bound together, made one: with what lies on a shortest way between them, so that a group holds them all."""

from __future__ import annotations

from collections import deque

import numpy as np

from doorstep.planning.forms import Ints
from doorstep.planning.grids.connection import neighbour_lists
from doorstep.planning.groups.pinning import Pins


def contracted(starts: Ints, neighbours: Ints, pins: Pins) -> Ints | None:
    """Which knot (0..k−1) each building of a connected piece is in; None where the ways found would break another pin."""
    knot = pins.mates.copy()
    values, counts = np.unique(pins.mates, return_counts=True)
    bound = {int(value) for value in values[counts > 1]}
    for value in sorted(bound):
        if not _tied(knot, value, bound, starts, neighbours, pins.apart):
            return None
    if (knot[pins.apart[:, 0]] == knot[pins.apart[:, 1]]).any():
        return None
    return np.unique(knot, return_inverse=True)[1].ravel().astype(np.int64)


def _tied(knot: Ints, value: int, bound: set[int], starts: Ints, neighbours: Ints, apart: Ints) -> bool:
    """Take into the knot what lies between its buildings. Whether they hang together then."""
    wanted = set(np.flatnonzero(knot == value).tolist())
    reached = {min(wanted)}
    while wanted - reached:
        shunned = {one for a, b in apart.tolist() for one, other in ((a, b), (b, a)) if knot[other] == value}
        way = _way(reached, wanted - reached, knot, bound - {value}, shunned, starts, neighbours)
        if not way:
            return False
        knot[way] = value
        reached.update(way)
    return True


def _way(
    begin: set[int], ends: set[int], knot: Ints, bound: set[int], shunned: set[int], starts: Ints, neighbours: Ints
) -> list[int]:  # fmt: skip
    """The buildings of a shortest way from one set to the next of the other, which comes last; none where there is no way."""
    came = dict.fromkeys(sorted(begin), -1)
    waiting = deque(came)
    while waiting:
        here = waiting.popleft()
        if here in ends:
            way = []
            while came[here] >= 0:
                way.append(here)
                here = came[here]
            return way
        for there in neighbours[starts[here] : starts[here + 1]].tolist():
            if there not in came and int(knot[there]) not in bound and there not in shunned:
                came[there] = here
                waiting.append(there)
    return []


def graph_of(
    knot: Ints, members: Ints, starts: Ints, neighbours: Ints, apart: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """(members, starts, neighbours, pairs apart) of the knots."""
    count = int(knot.max()) + 1
    ends = np.stack([np.repeat(knot, np.diff(starts)), knot[neighbours]], axis=1)
    edges = np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0)
    weight = np.bincount(knot, weights=members, minlength=count).astype(np.int64)
    return weight, *neighbour_lists(count, edges), np.ascontiguousarray(knot[apart].reshape(-1, 2))
