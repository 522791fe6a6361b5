"""A lower bound for the compactness of parts too large for a linear programme, compiled."""

from __future__ import annotations

import numpy as np

from doorstep.planning.grids.compiling import compiled


@compiled
def lagrangian(x, y, load, grids, limit, known, turns):
    """The best lower bound found in so many turns, in m².

    The Hess programme with "every building has one grid" taken into the cost at a price for each building. What is left falls
    apart by centre: each takes, within its limit of load, what is worth more than its distance; the `grids` best centres
    count. Prices go up where nobody takes a building, down where several do (Held, Wolfe and Crowder, Mathematical
    Programming 6, 1974), in steps by the distance to a known plan.
    """
    size = len(x)
    price = np.full(size, 2.0 * known / size)
    worth, near, value = np.empty(size), np.empty(size, np.int64), np.empty(size)
    best, pace, stuck = 0.0, 1.5, 0
    for _ in range(turns):
        for centre in range(size):
            count = _wanted(x, y, price, centre, worth, near)
            value[centre] = _taken(load, price, limit, centre, worth, near, count, value, False)
        chosen = np.argsort(value)[:grids]
        bound = price.sum() + value[chosen].sum()
        if bound > best:
            best, stuck = bound, 0
        else:
            stuck += 1
            if stuck == 8:
                pace, stuck = pace / 2, 0
        slope = np.full(size, -1.0)  # how often taken, less once
        for centre in chosen:
            count = _wanted(x, y, price, centre, worth, near)
            _taken(load, price, limit, centre, worth, near, count, slope, True)
        length = (slope * slope).sum()
        if length < 1e-12:
            break
        price -= pace * max(known - bound, 1e-6 * known) / length * slope
    return best


@compiled
def _wanted(x, y, price, centre, worth, near):
    """The buildings worth more than their distance to the centre, and how much more."""
    count = 0
    for one in range(len(x)):
        gain = price[one] - (x[one] - x[centre]) ** 2 - (y[one] - y[centre]) ** 2
        if gain > 0 and one != centre:
            worth[count], near[count] = gain, one
            count += 1
    return count


@compiled
def _taken(load, price, limit, centre, worth, near, count, into, marks):
    """What the centre gains (≤ 0), itself and then the best by load until it is full, the last one in part. With `marks`, what it
    takes is added to `into`."""
    room = limit - load[centre]
    total = -price[centre]
    if room < 0:
        return np.inf
    if marks:
        into[centre] += 1.0
    for at in np.argsort(-worth[:count] / load[near[:count]]):
        share = min(1.0, room / load[near[at]])
        total -= share * worth[at]
        room -= share * load[near[at]]
        if marks:
            into[near[at]] += share
        if room <= 0:
            break
    return total
