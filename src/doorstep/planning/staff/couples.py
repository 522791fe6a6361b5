"""Couples in a graph: disjoint pairs of adjacent ones, the most, the lightest heaviest, the most even.

The largest matching by augmenting paths and blossoms: J. Edmonds, "Paths, trees, and flowers", Canadian Journal of Mathematics 17 (1965).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from doorstep.planning.forms import Floats, Ints
from doorstep.planning.grids.connection import neighbour_lists

SECONDS = 10.0  # for evening out beyond the proven heaviest


def largest(size: int, edges: Ints) -> Ints:
    """(c, 2): as many disjoint edges as there can be."""
    starts, neighbours = neighbour_lists(size, edges)
    mate = _largest(starts, neighbours)
    ones = np.flatnonzero(mate > np.arange(size))
    return np.stack([ones, mate[ones]], axis=1)


def lightest(load: Floats, edges: Ints, count: int, seconds: float = SECONDS) -> Ints:
    """`count` disjoint edges of which the heaviest (sum of both loads) is as light as can be, and then the loads as even as found in
    so many seconds. There must be so many."""
    light = edges[_sums(load, edges) <= lightest_heaviest(load, edges, count)]
    found = largest(len(load), light)
    kept = found[np.argsort(load[found].sum(axis=1), kind="stable")[:count]]
    return _evened(load, light, kept, seconds)


def _sums(load: Floats, edges: Ints) -> Floats:
    sums: Floats = load[edges[:, 0]] + load[edges[:, 1]]
    return sums


def lightest_heaviest(load: Floats, edges: Ints, count: int) -> float:
    """The least load that the heaviest of `count` disjoint edges can have (exact); 0 for none. There must be so many."""
    if not count:
        return 0.0
    weight = _sums(load, edges)
    steps = np.unique(weight)
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        if len(largest(len(load), edges[weight <= steps[middle]])) >= count:
            high = middle
        else:
            low = middle + 1
    return float(steps[low])


def _evened(load: Floats, edges: Ints, couples: Ints, seconds: float) -> Ints:
    """As many of these edges with the least sum of products: the least sum of squares of all loads."""
    scale = max(1e-12, float(load.mean())) ** 2
    product = load[edges[:, 0]] * load[edges[:, 1]] / scale
    columns = np.tile(np.arange(len(edges)), 2)
    inside = csr_matrix((np.ones(len(columns)), (edges.T.ravel(), columns)), shape=(len(load), len(edges)))
    count = len(couples)
    found = milp(
        product,
        constraints=[
            LinearConstraint(inside, -np.inf, 1), LinearConstraint(np.ones((1, len(edges))), count, count)
        ],
        integrality=np.ones(len(edges)), bounds=Bounds(0, 1), options={"time_limit": seconds},
    )  # fmt: skip
    if found.x is None or found.fun > (load[couples[:, 0]] * load[couples[:, 1]]).sum() / scale:
        return couples
    return edges[found.x > 0.5]


@njit(cache=True)
def _largest(starts, neighbours):
    """The mate of each, −1 none."""
    size = len(starts) - 1
    mate = np.full(size, -1, np.int64)
    for one in range(size):
        if mate[one] < 0:
            for at in range(starts[one], starts[one + 1]):
                if mate[neighbours[at]] < 0:
                    mate[one], mate[neighbours[at]] = neighbours[at], one
                    break
    parent, base = np.empty(size, np.int64), np.empty(size, np.int64)
    outer, blossom, marked = np.empty(size, np.bool_), np.empty(size, np.bool_), np.empty(size, np.bool_)
    queue = np.empty(size, np.int64)
    for root in range(size):
        if mate[root] >= 0:
            continue
        end = _path(starts, neighbours, mate, parent, base, outer, blossom, marked, queue, root)
        while end >= 0:
            before = parent[end]
            following = mate[before]
            mate[end], mate[before] = before, end
            end = following
    return mate


@njit(cache=True)
def _path(starts, neighbours, mate, parent, base, outer, blossom, marked, queue, root):
    """The free end of an augmenting path from the root, with `parent` leading back; −1 where there is none."""
    outer[:] = False
    parent[:] = -1
    base[:] = np.arange(len(base))
    outer[root] = True
    queue[0] = root
    head, tail = 0, 1
    while head < tail:
        one = queue[head]
        head += 1
        for at in range(starts[one], starts[one + 1]):
            other = neighbours[at]
            if base[one] == base[other] or mate[one] == other:
                continue
            if other == root or (mate[other] >= 0 and parent[mate[other]] >= 0):
                stem = _meeting(mate, parent, base, marked, one, other)
                blossom[:] = False
                _mark(mate, parent, base, blossom, one, stem, other)
                _mark(mate, parent, base, blossom, other, stem, one)
                for node in range(len(base)):
                    if blossom[base[node]]:
                        base[node] = stem
                        if not outer[node]:
                            outer[node] = True
                            queue[tail] = node
                            tail += 1
            elif parent[other] < 0:
                parent[other] = one
                if mate[other] < 0:
                    return other
                outer[mate[other]] = True
                queue[tail] = mate[other]
                tail += 1
    return -1


@njit(cache=True)
def _meeting(mate, parent, base, marked, one, other):
    """The base at which the ways of both to the root meet."""
    marked[:] = False
    while True:
        one = base[one]
        marked[one] = True
        if mate[one] < 0:
            break
        one = parent[mate[one]]
    while True:
        other = base[other]
        if marked[other]:
            return other
        other = parent[mate[other]]


@njit(cache=True)
def _mark(mate, parent, base, blossom, node, stem, child):
    while base[node] != stem:
        blossom[base[node]] = True
        blossom[base[mate[node]]] = True
        parent[node] = child
        child = mate[node]
        node = parent[mate[node]]
