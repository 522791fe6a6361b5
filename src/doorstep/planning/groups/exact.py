"""Groups of at most 14 buildings' pieces, exactly: dynamic programming over subsets, compiled.

A subset is a bit mask. The group with the lowest building left is chosen first, so each division is looked at once: about 3ⁿ⁻¹ steps.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MOST = 14
SHORT = 1e6  # what a missing member costs beside squares of members ÷ mean
TOUCH = 1e-4  # and what a pair of neighbours in one group is worth: it only decides between equals


@njit(cache=True)
def group_cost(members, minimum, mean):
    """What a group of so many members costs; equal groups have the least sum."""
    return SHORT * max(0, minimum - members) + (members / mean) ** 2


@njit(cache=True)
def subsets(members, starts, neighbours):
    """(members, pairs of neighbours, whether connected) of each subset."""
    size = len(members)
    near = np.zeros(size, np.int64)
    for one in range(size):
        for at in range(starts[one], starts[one + 1]):
            near[one] |= 1 << neighbours[at]
    weight = np.zeros(1 << size, np.int64)
    touching = np.zeros(1 << size, np.int64)
    connected = np.zeros(1 << size, np.bool_)
    for mask in range(1, 1 << size):
        low = 0
        while mask >> low & 1 == 0:
            low += 1
        rest = mask & (mask - 1)
        weight[mask] = weight[rest] + members[low]
        common = near[low] & rest
        touching[mask] = touching[rest]
        while common:
            touching[mask] += 1
            common &= common - 1
        reached, fresh = 1 << low, 1 << low
        while fresh:
            around = 0
            for one in range(size):
                if fresh >> one & 1:
                    around |= near[one]
            fresh = around & mask & ~reached
            reached |= fresh
        connected[mask] = reached == mask
    return weight, touching, connected


@njit(cache=True)
def groupable(members, starts, neighbours, mates, apart):
    """(members, pairs of neighbours, whether it can be a group: connected, pins kept) of each subset."""
    size = len(members)
    weight, touching, can_be = subsets(members, starts, neighbours)
    bound, parted = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for one in range(size):
        for other in range(size):
            if mates[one] == mates[other]:
                bound[one] |= 1 << other
    for pair in range(len(apart)):
        parted[apart[pair, 0]] |= 1 << apart[pair, 1]
    for mask in range(1, len(weight)):
        for one in range(size):
            if mask >> one & 1 and (bound[one] & ~mask or parted[one] & mask):
                can_be[mask] = False
    return weight, touching, can_be


@njit(cache=True)
def most_groups(members, starts, neighbours, mates, apart, minimum):
    """As many connected groups with the minimum and the pins kept as there can be; 0 where there is no such division."""
    weight, _, can_be = groupable(members, starts, neighbours, mates, apart)
    most = np.full(len(weight), -1, np.int64)
    most[0] = 0
    for mask in range(1, len(weight)):
        low = mask & -mask
        rest = mask ^ low
        part = rest
        while True:
            group = part | low
            if can_be[group] and weight[group] >= minimum and most[mask ^ group] >= 0:
                most[mask] = max(most[mask], most[mask ^ group] + 1)
            if part == 0:
                break
            part = (part - 1) & rest
    return max(0, most[-1])


@njit(cache=True)
def divided(members, starts, neighbours, mates, apart, groups, minimum):
    """Labels 0..groups−1 of least cost: of all divisions into so many connected groups that keep the pins the least missing, then
    the most even. −1 where there is none."""
    size = len(members)
    weight, touching, can_be = groupable(members, starts, neighbours, mates, apart)
    mean = max(1.0, weight[-1] / groups)
    cost = np.full(len(weight), np.inf)
    for mask in range(1, len(weight)):
        if can_be[mask]:
            cost[mask] = group_cost(weight[mask], minimum, mean) - TOUCH * touching[mask]
    least = np.full((groups + 1, len(weight)), np.inf)
    chosen = np.zeros((groups + 1, len(weight)), np.int64)
    least[0, 0] = 0.0
    for count in range(1, groups + 1):
        for mask in range(1, len(weight)):
            low = mask & -mask
            rest = mask ^ low
            part = rest
            while True:
                group = part | low
                if cost[group] + least[count - 1, mask ^ group] < least[count, mask]:
                    least[count, mask] = cost[group] + least[count - 1, mask ^ group]
                    chosen[count, mask] = group
                if part == 0:
                    break
                part = (part - 1) & rest
    mask = len(weight) - 1
    if least[groups, mask] == np.inf:
        return np.full(size, -1)
    label = np.zeros(size, np.int64)
    for count in range(groups, 0, -1):
        for one in range(size):
            if chosen[count, mask] >> one & 1:
                label[one] = count - 1
        mask ^= chosen[count, mask]
    return label
