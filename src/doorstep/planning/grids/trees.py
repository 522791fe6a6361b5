"""Random spanning trees and cuts along their edges, compiled."""

from __future__ import annotations

import numpy as np

from doorstep.planning.grids.compiling import bare, compiled


@bare
def random_tree(nodes, count, inside, starts, neighbours, order, parent, frontier):
    """A random spanning tree of nodes[:count] (those whose `inside` is 1), grown edge by edge from a random node.

    Fills order[:count], parents before children, and parent[node] (−1 for the root). Takes `inside` back to 0. Returns how
    many were reached.
    """
    root = nodes[np.random.randint(count)]
    parent[root] = -1
    inside[root] = 0
    order[0] = root
    reached = 1
    waiting = 0
    for at in range(starts[root], starts[root + 1]):
        frontier[waiting, 0] = root
        frontier[waiting, 1] = neighbours[at]
        waiting += 1
    while waiting > 0:
        pick = np.random.randint(waiting)
        here, there = frontier[pick, 0], frontier[pick, 1]
        waiting -= 1
        frontier[pick, 0] = frontier[waiting, 0]
        frontier[pick, 1] = frontier[waiting, 1]
        if inside[there] == 0:
            continue
        inside[there] = 0
        parent[there] = here
        order[reached] = there
        reached += 1
        for at in range(starts[there], starts[there + 1]):
            if inside[neighbours[at]] == 1:
                frontier[waiting, 0] = there
                frontier[waiting, 1] = neighbours[at]
                waiting += 1
    return reached


@compiled
def cut_up(grids, starts, neighbours, x, y, load, trials, seed):
    """Labels 0..grids−1 of a connected graph, each label connected: cut in two along an edge of a random tree, again and again.

    Of all edges of `trials` trees the one is taken that leaves both sides the likeliest whole number of grids, and short.
    """
    np.random.seed(seed)
    size = len(x)
    label = np.zeros(size, np.int64)
    owed = np.zeros(grids, np.int64)  # grids that what carries this label is still to be cut into
    owed[0] = grids
    inside = np.zeros(size, np.int8)
    order = np.empty(size, np.int64)
    parent = np.empty(size, np.int64)
    frontier = np.empty((len(neighbours) + 1, 2), np.int64)
    sums = np.empty((size, 5))
    nodes = np.empty(size, np.int64)
    side = np.empty(size, np.int8)
    mean = load.sum() / grids
    for current in range(grids):
        while owed[current] > 1:
            count = 0
            for node in range(size):
                if label[node] == current:
                    nodes[count] = node
                    count += 1
            best, share = _best_cut(
                nodes, count, owed[current], trials, mean, inside, starts, neighbours, x, y, load,
                order, parent, frontier, sums, side,
            )  # fmt: skip
            fresh = current + owed[current] - share
            for at in range(count):
                if best[at] == 1:
                    label[nodes[at]] = fresh
            owed[fresh] = share
            owed[current] -= share
    return label


@compiled
def _best_cut(
    nodes, count, owed, trials, mean, inside, starts, neighbours, x, y, load, order, parent, frontier, sums, side
):  # fmt: skip
    """(1 for each of nodes[:count] on the far side, the far side's grids)."""
    best = np.zeros(count, np.int8)
    best_cost, best_share = np.inf, 0
    for _ in range(trials):
        for at in range(count):
            inside[nodes[at]] = 1
        random_tree(nodes, count, inside, starts, neighbours, order, parent, frontier)
        for at in range(count):
            node = order[at]
            sums[node, 0], sums[node, 1], sums[node, 2] = load[node], x[node], y[node]
            sums[node, 3], sums[node, 4] = x[node] ** 2 + y[node] ** 2, 1.0
        for at in range(count - 1, 0, -1):
            for column in range(5):
                sums[parent[order[at]], column] += sums[order[at], column]
        whole = sums[order[0]].copy()
        chosen, chosen_share = -1, 0
        for at in range(1, count):
            part = sums[order[at]]
            far = int(part[4])
            share = min(max(int(np.round(part[0] / mean)), 1, owed - (count - far)), owed - 1, far)
            rest = whole - part
            uneven = max(abs(part[0] / mean / share - 1), abs(rest[0] / mean / (owed - share) - 1))
            spread = _spread(part) + _spread(rest)
            cost = uneven + 0.5 * spread / (_spread(whole) + 1.0)
            if cost < best_cost:
                best_cost, chosen, chosen_share = cost, order[at], share
        if chosen >= 0:
            best_share = chosen_share
            for at in range(count):
                node = order[at]
                side[node] = 1 if node == chosen else (side[parent[node]] if at > 0 else 0)
            for at in range(count):
                best[at] = side[nodes[at]]
    return best, best_share


@compiled
def _spread(sums):
    return max(0.0, sums[3] - (sums[1] ** 2 + sums[2] ** 2) / sums[4])
