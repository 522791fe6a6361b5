"""How light the heaviest worker can be at all, whatever the grids and whoever has which."""

from __future__ import annotations

import numpy as np
from numba import njit

from doorstep.planning.forms import Floats, Ints
from doorstep.planning.grids.connection import neighbour_lists
from doorstep.planning.grids.instance import Instance as District
from doorstep.planning.groups.exact import MOST, subsets

FINE = 1_000_000  # loads are whole millionths, rounded down: the bound stays one


def least_heaviest(district: District, workers: int) -> float:
    """No plan with the asked grids in each part, and so many workers with no more than two grids of a part each, has a lighter heaviest
    worker (÷ mean). Of each part: its mean, its heaviest building, and at most 14 buildings divided exactly; over all ways to
    share out the workers, by giving each further one where the bound is highest (bounds only fall with more workers)."""
    floors = [_floors(district, part) for part in range(len(district.asked))]
    given = np.zeros(len(floors), dtype=np.int64)  # beyond half the grids
    for _ in range(workers - int((-(-district.asked // 2)).sum())):
        open_ = [floor[at] if at + 1 < len(floor) else -1.0 for floor, at in zip(floors, given, strict=True)]
        given[int(np.argmax(open_))] += 1
    heaviest = max(float(floor[at]) for floor, at in zip(floors, given, strict=True))
    return heaviest / (float(district.load.sum()) / workers)


def _floors(district: District, part: int) -> Floats:
    """The bound of one part with half as many workers as grids, one more, … as many."""
    places = np.flatnonzero(district.part == part)
    load = district.load[places]
    counts = np.arange(-(-int(district.asked[part]) // 2), int(district.asked[part]) + 1)
    floors: Floats = np.maximum(load.sum() / counts, load.max())
    if len(places) > MOST:
        return floors
    index = np.full(district.size, -1, dtype=np.int64)
    index[places] = np.arange(len(places))
    edges = index[district.edges[district.part[district.edges[:, 0]] == part]]
    fine = np.floor(load * FINE).astype(np.int64)
    exact = _divided(fine, *neighbour_lists(len(places), edges), int(counts[-1])) / FINE
    return np.maximum(floors, exact[counts])


@njit(cache=True)
def _divided(load: Ints, starts: Ints, neighbours: Ints, most: int) -> Ints:
    """The lightest heaviest of 0, 1, … most connected pieces (0 where there can be none)."""
    weight, _, connected = subsets(load, starts, neighbours)
    none = np.iinfo(np.int64).max
    found = np.zeros(most + 1, np.int64)
    before = np.full(len(weight), none, np.int64)
    before[0] = 0
    for count in range(1, most + 1):
        now = np.full(len(weight), none, np.int64)
        for mask in range(1, len(weight)):
            low = mask & -mask
            rest = mask ^ low
            part = rest
            while True:
                if connected[part | low]:
                    now[mask] = min(now[mask], max(weight[part | low], before[rest ^ part]))
                if part == 0:
                    break
                part = (part - 1) & rest
        before = now
        found[count] = now[-1] if now[-1] < none else 0
    return found
