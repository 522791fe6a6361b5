"""What the search makes small, in one unit: hundredths of the heaviest grid in the mean over parts."""

from __future__ import annotations

import numpy as np

from doorstep.planning.grids.annealing import cost_of
from doorstep.planning.grids.division import Scales
from doorstep.planning.grids.instance import Instance, Ints
from doorstep.planning.grids.local import Local, locals_of
from doorstep.planning.grids.trees import cut_up

COMPACT = 0.5  # one per cent shorter is worth half a per cent of the heaviest grid
COMPOUND = 0.001  # a grid more that a compound lies in
EVEN = 0.05  # squared deviation from the mean of every grid, not of the heaviest alone
PIN = 100.0  # more than anything else can be worth
STEEPNESS = 80.0
TREES = 8


def scales_of(parts: list[Local]) -> list[Scales]:
    """The scales of each part. They depend on the instance alone, so that plans of any origin can be compared.

    How long distances are here is told by a plain plan cut along trees, nine tenths of which a good plan needs.
    """
    squares = sum(_squares(local) for local in parts) * 0.81
    gamma = COMPACT * len(parts) / (2 * max(1.0, squares))
    return [
        Scales(gamma, COMPOUND, EVEN, PIN, STEEPNESS, max(1.0, float(local.graph.load.max())))
        for local in parts
    ]


def plain(local: Local, seed: int) -> Ints:
    """Labels cut along random trees."""
    graph = local.graph
    return cut_up(local.grids, graph.starts, graph.neighbours, graph.x, graph.y, graph.load, TREES, seed)


def _squares(local: Local) -> float:
    label, graph = plain(local, 0), local.graph
    size = np.bincount(label)
    middle = [(np.bincount(label, weights=axis) / size)[label] for axis in (graph.x, graph.y)]
    return float(((graph.x - middle[0]) ** 2 + (graph.y - middle[1]) ** 2).sum())


def cost(instance: Instance, grids: Ints) -> float:
    """The whole cost of a plan whose grids have the instance's numbers: the mean over parts of what division.Scales says."""
    parts = locals_of(instance)
    slots = instance.slots_of(np.asarray(grids))
    return float(
        np.mean(
            [
                cost_of(local.graph, scales, slots[local.places] - local.first, local.grids)
                for local, scales in zip(parts, scales_of(parts), strict=True)
            ]
        )
    )
