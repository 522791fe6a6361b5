"""Groups of larger pieces: cuts of random spanning trees, then pairs of groups merged and cut again, compiled.

On a tree, cutting off whatever has reached a threshold, leaves first, gives the most pieces that reach it, so bisection finds the
threshold at which the least piece is greatest (Y. Perl and S. R. Schach, "Max-min tree partitioning", Journal of the ACM 28 (1981)).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from doorstep.planning.grids.trees import random_tree
from doorstep.planning.groups.exact import SHORT, TOUCH, group_cost

TREES = 40
STEPS = 400  # for each group
WORK = 2_000_000_000  # buildings looked at: a few seconds, however large the piece
HOT, COLD = 0.05, 0.0005
PARTED = 4 * SHORT  # what a pair that should be apart costs in one group


@njit(cache=True)
def most_groups(members, starts, neighbours, minimum, seed):
    """The most groups with the minimum that the trees show; there may be a division into more."""
    np.random.seed(seed)
    size = len(members)
    order, parent, label = np.empty(size, np.int64), np.empty(size, np.int64), np.zeros(size, np.int64)
    frontier = np.empty((len(neighbours) + 1, 2), np.int64)
    inside, nodes = np.zeros(size, np.int8), np.arange(size)
    most = 0
    for _ in range(TREES):
        inside[:] = 1
        random_tree(nodes, size, inside, starts, neighbours, order, parent, frontier)
        most = max(most, _cut_off(order, parent, members, minimum, size, label))
    return most


@njit(cache=True)
def _cut_off(order, parent, members, threshold, most, label):
    """How many pieces of the tree reach the threshold, at most `most`; label 0 is the root's, with all the rest."""
    below = members.copy()
    pieces = 0
    label[:] = -1
    for at in range(len(order) - 1, 0, -1):
        node = order[at]
        if below[node] >= threshold and pieces < most - 1:
            pieces += 1
            label[node] = pieces
        else:
            below[parent[node]] += below[node]
    label[order[0]] = 0
    for at in range(1, len(order)):
        if label[order[at]] < 0:
            label[order[at]] = label[parent[order[at]]]
    return pieces + (1 if below[order[0]] >= threshold else 0)


@njit(cache=True)
def divided(members, starts, neighbours, apart, groups, minimum, seed):
    """Labels 0..groups−1 of a connected piece, each connected: pairs parted, the least missing members, then the most even found."""
    np.random.seed(seed)
    size = len(members)
    mean = max(1.0, members.sum() / groups)
    order, parent, label = np.empty(size, np.int64), np.empty(size, np.int64), np.zeros(size, np.int64)
    frontier = np.empty((len(neighbours) + 1, 2), np.int64)
    inside, nodes = np.zeros(size, np.int8), np.arange(size)
    best, best_cost = label.copy(), np.inf
    for _ in range(TREES):
        inside[:] = 1
        random_tree(nodes, size, inside, starts, neighbours, order, parent, frontier)
        low, high = 0, members.sum() // groups
        while low < high:
            middle = (low + high + 1) // 2
            if _cut_off(order, parent, members, middle, groups, label) >= groups:
                low = middle
            else:
                high = middle - 1
        if _cut_off(order, parent, members, low, groups, label) < groups:
            continue
        cost = _cost(members, starts, neighbours, apart, label, groups, minimum, mean)
        if cost < best_cost:
            best_cost = cost
            best[:] = label
    return _annealed(members, starts, neighbours, apart, best, best_cost, groups, minimum, mean)


@njit(cache=True)
def _cost(members, starts, neighbours, apart, label, groups, minimum, mean):
    total = 0.0
    for pair in range(len(apart)):
        if label[apart[pair, 0]] == label[apart[pair, 1]]:
            total += PARTED
    weight = np.zeros(groups, np.int64)
    for node in range(len(label)):
        weight[label[node]] += members[node]
        for at in range(starts[node], starts[node + 1]):
            if neighbours[at] < node and label[neighbours[at]] == label[node]:
                total -= TOUCH
    for group in range(groups):
        total += group_cost(weight[group], minimum, mean)
    return total


@njit(cache=True)
def _annealed(members, starts, neighbours, apart, best, best_cost, groups, minimum, mean):
    size = len(members)
    label, cost = best.copy(), best_cost
    order, parent = np.empty(size, np.int64), np.empty(size, np.int64)
    frontier = np.empty((len(neighbours) + 1, 2), np.int64)
    inside, side, nodes = np.zeros(size, np.int8), np.zeros(size, np.int8), np.empty(size, np.int64)
    steps = min(STEPS * groups, WORK // size) if groups > 1 else 0
    for step in range(steps):
        node = np.random.randint(size)
        near = label[node]
        if starts[node] == starts[node + 1]:
            continue
        far = label[neighbours[starts[node] + np.random.randint(starts[node + 1] - starts[node])]]
        if near == far:
            continue
        count = 0
        for one in range(size):
            if label[one] == near or label[one] == far:
                nodes[count] = one
                inside[one] = 1
                count += 1
        random_tree(nodes, count, inside, starts, neighbours, order, parent, frontier)
        parted = _parted(apart, label, parent, near, far)
        gain = _recut(
            members, starts, neighbours, apart, label, order[:count], parent, parted, side, near, far, minimum, mean
        )  # fmt: skip
        heat = HOT * (COLD / HOT) ** (step / steps)
        if gain < -heat * np.log(1.0 - np.random.random()):
            for at in range(count):
                label[order[at]] = near if side[order[at]] == 1 else far
            cost += gain
            if cost < best_cost - 1e-9:
                best_cost = cost
                best[:] = label
    return best


@njit(cache=True)
def _parted(apart, label, parent, near, far):
    """By building of the two groups, how many pairs to be kept apart a cut of the tree above it would part."""
    parted, seen = np.zeros(len(label), np.int64), np.full(len(label), -1)
    for pair in range(len(apart)):
        one, other = apart[pair, 0], apart[pair, 1]
        if (label[one] != near and label[one] != far) or (label[other] != near and label[other] != far):
            continue
        while one >= 0:
            seen[one] = pair
            parted[one] += 1
            one = parent[one]
        while other >= 0:
            parted[other] += 1 if seen[other] != pair else -1
            other = parent[other]
    return parted


@njit(cache=True)
def _recut(
    members, starts, neighbours, apart, label, order, parent, parted, side, near, far, minimum, mean
):  # fmt: skip
    """The most even cut of the tree into `side` 1 and 0; what it costs more than the two groups now."""
    below = np.zeros(len(members), np.int64)
    now = np.zeros(2, np.int64)
    for node in order:
        below[node] = members[node]
        now[0 if label[node] == near else 1] += members[node]
    for at in range(len(order) - 1, 0, -1):
        below[parent[order[at]]] += below[order[at]]
    whole = below[order[0]]
    chosen, least = order[1], np.inf
    for at in range(1, len(order)):
        weight = below[order[at]]
        cost = group_cost(weight, minimum, mean) + group_cost(whole - weight, minimum, mean)
        cost -= PARTED * parted[order[at]]
        if cost < least:
            chosen, least = order[at], cost
    for at in range(len(order)):
        node = order[at]
        side[node] = 1 if node == chosen else (side[parent[node]] if at > 0 else 0)
    gain = least - group_cost(now[0], minimum, mean) - group_cost(now[1], minimum, mean)
    for pair in range(len(apart)):
        one, other = label[apart[pair, 0]], label[apart[pair, 1]]
        if one != other and min(one, other) == min(near, far) and max(one, other) == max(near, far):
            gain += PARTED
    for node in order:
        for at in range(starts[node], starts[node + 1]):
            other = neighbours[at]
            if other < node and (label[other] == near or label[other] == far):
                gain += TOUCH * (int(label[other] == label[node]) - int(side[other] == side[node]))
    return gain
