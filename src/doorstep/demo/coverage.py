"""Who covers what: grids shared out to branches and workers, neighbouring buildings to groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random

import numpy as np
import shapely

from .geography import BuildingPlace, GridPlace
from .mesh import Plane

MOST_GRIDS_OF_A_BRANCH = 3
NEAR = 80.0  # metres between outlines of buildings that one group covers together
BUILDINGS_OF_A_GROUP = (3, 6)


def shared_out(total: int, weights: Mapping[str, float], least: int = 0) -> dict[str, int]:
    """Whole numbers in proportion to weights, at least `least` each, adding up to `total` (largest remainders)."""
    free = total - least * len(weights)
    if free < 0:
        raise ValueError(f"{total} is too little for {len(weights)} with {least} each")
    whole = sum(weights.values())
    exact = {key: free * weight / whole for key, weight in weights.items()}
    found = {key: least + int(share) for key, share in exact.items()}
    by_remainder = sorted(exact, key=lambda key: (int(exact[key]) - exact[key], key))
    for key in by_remainder[: total - sum(found.values())]:
        found[key] += 1
    return found


def joined_grids(grids: Sequence[GridPlace], merges: int, random: Random, most: int) -> list[tuple[str, ...]]:
    """The grids of a community in connected clusters of at most `most`, after `merges` joinings of neighbours."""
    clusters: list[tuple[str, ...]] = [(grid.code,) for grid in grids]
    beside = {grid.code: grid.beside for grid in grids}
    for _ in range(merges):
        fitting = [
            (len(one) + len(other), random.random(), a, b)
            for a, one in enumerate(clusters)
            for b, other in enumerate(clusters[:a])
            if len(one) + len(other) <= most and any(beside[code] & set(other) for code in one)
        ]
        if not fitting:
            raise ValueError(f"no more neighbours to join near {grids[0].code}")
        _, _, a, b = min(fitting)
        clusters[b] = tuple(sorted(clusters[a] + clusters[b]))
        del clusters[a]
    return sorted(clusters)


class Nearness:
    """Which buildings stand near each other; one tree for the whole district."""

    def __init__(self, buildings: Sequence[BuildingPlace]) -> None:
        middle = shapely.centroid(shapely.multipoints([building.point for building in buildings]))
        plane = Plane(middle.x, middle.y)
        outlines = plane.flat(np.array([building.outline for building in buildings], dtype=object))
        here, there = shapely.STRtree(outlines).query(outlines, predicate="dwithin", distance=NEAR)
        self._near: dict[int, set[int]] = {building.number: set() for building in buildings}
        for a, b in zip(here.tolist(), there.tolist(), strict=True):
            if a != b:
                self._near[buildings[a].number].add(buildings[b].number)

    def bunches(self, numbers: Iterable[int], size: int) -> list[tuple[int, ...]]:
        """Disjoint connected bunches of up to `size` of these buildings, the fullest first."""
        left, found = set(numbers), []
        while left:
            bunch = self._grown(min(left), left, size)
            found.append(tuple(sorted(bunch)))
            left -= bunch
        return sorted(found, key=lambda bunch: (-len(bunch), bunch))

    def _grown(self, start: int, left: set[int], size: int) -> set[int]:
        bunch, edge = {start}, [start]
        while edge and len(bunch) < size:
            for number in sorted(self._near[edge.pop(0)] & left - bunch):
                if len(bunch) < size:
                    bunch.add(number)
                    edge.append(number)
        return bunch
