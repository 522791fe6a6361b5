"""A building brought into a grid by force, and the grids around it made whole again."""

from __future__ import annotations

from collections import deque

import numpy as np

from doorstep.planning.grids.connection import components, neighbour_lists
from doorstep.planning.grids.division import Graph
from doorstep.planning.grids.instance import Ints
from doorstep.planning.grids.trees import cut_up

SWEEPS = 4


def with_pins(graph: Graph, label: Ints, grids: int) -> Ints:
    """These labels with pinned buildings brought where they belong, as far as that goes; every grid is connected and there.

    What is still broken afterwards is left to the search.
    """
    for _ in range(SWEEPS):
        wishes = _wishes(graph, label)
        if not wishes:
            break
        for node, target in wishes:
            if label[node] != target:
                label = forced(graph, label, grids, node, target)
    return label


def _wishes(graph: Graph, label: Ints) -> list[tuple[int, int]]:
    """(building, grid it should be in), for the pins that are broken."""
    wishes = [(int(node), int(graph.inside[node])) for node in np.flatnonzero(graph.inside >= 0)]
    wishes = [(node, target) for node, target in wishes if label[node] != target]
    for node in range(len(label)):
        for at in range(graph.bound_starts[node], graph.bound_starts[node + 1]):
            mate = int(graph.bound[at])
            if graph.bound_sign[at] == 1 and mate < node and label[mate] != label[node]:
                held = graph.inside[node] >= 0
                wishes.append((mate, int(label[node])) if held else (node, int(label[mate])))
    return wishes


def forced(graph: Graph, label: Ints, grids: int, node: int, target: int) -> Ints:
    """The labels with this building in grid `target`, over the fewest buildings between; as they were when pins bar the way."""
    path = _path(graph, label, node, target)
    if path is None:
        return label
    label = label.copy()
    label[path] = target
    label = _whole(graph, label, grids, node, target)
    for missing in np.setdiff1d(np.arange(grids), label).tolist():
        label = _split_heaviest(graph, label, grids, missing)
    return label


def _path(graph: Graph, label: Ints, node: int, target: int) -> list[int] | None:
    came = {node: -1}
    queue = deque([node])
    bound = np.diff(graph.bound_starts) > 0
    while queue:
        here = queue.popleft()
        if label[here] == target or not (label == target).any():
            path = []
            while here >= 0:
                path.append(here)
                here = came[here]
            return path
        for there in graph.neighbours[graph.starts[here] : graph.starts[here + 1]].tolist():
            barred = label[there] != target and (bound[there] or graph.inside[there] >= 0)
            if there not in came and not barred:
                came[there] = here
                queue.append(there)
    return None


def _whole(graph: Graph, label: Ints, grids: int, node: int, target: int) -> Ints:
    """Of each torn grid the piece with pins, or else the heaviest, stays; the others go to their lightest neighbour."""
    for _ in range(len(label)):
        pieces = _pieces(graph, label)
        count = int(pieces.max()) + 1
        weight = np.bincount(pieces, weights=graph.load) + np.arange(count) * 1e-9  # of two alike one goes
        np.add.at(weight, pieces[graph.inside == label], 1e6)
        weight[pieces[node]] += 1e7
        _, leads = np.unique(pieces, return_index=True)
        best = np.zeros(grids)
        np.maximum.at(best, label[leads], weight)
        loose = np.flatnonzero(weight < best[label[leads]])
        if not len(loose):
            return label
        members = np.flatnonzero(pieces == loose[0])
        around = np.concatenate(
            [graph.neighbours[graph.starts[one] : graph.starts[one + 1]] for one in members]
        )
        near = np.setdiff1d(label[around], label[members[:1]])
        loads = np.bincount(label, weights=graph.load, minlength=grids)
        label[members] = near[int(np.argmin(loads[near]))]
    return label


def _pieces(graph: Graph, label: Ints) -> Ints:
    here = np.repeat(np.arange(len(label)), np.diff(graph.starts))
    kept = (label[here] == label[graph.neighbours]) & (here < graph.neighbours)
    return components(*neighbour_lists(len(label), np.stack([here[kept], graph.neighbours[kept]], axis=1)))


def _split_heaviest(graph: Graph, label: Ints, grids: int, fresh: int) -> Ints:
    """The heaviest grid of two and more buildings is cut in two, one half taking the name `fresh`."""
    loads = np.bincount(label, weights=graph.load, minlength=grids)
    loads[np.bincount(label, minlength=grids) < 2] = -1
    nodes = np.flatnonzero(label == int(np.argmax(loads)))
    index = np.full(len(label), -1, dtype=np.int64)
    index[nodes] = np.arange(len(nodes))
    here = np.repeat(np.arange(len(label)), np.diff(graph.starts))
    kept = (index[here] >= 0) & (index[graph.neighbours] >= 0) & (here < graph.neighbours)
    edges = np.stack([index[here[kept]], index[graph.neighbours[kept]]], axis=1)
    half = cut_up(
        2, *neighbour_lists(len(nodes), edges), graph.x[nodes], graph.y[nodes], graph.load[nodes], 8, 0
    )
    label = label.copy()
    label[nodes[half == 1]] = fresh
    return label
