"""Least-cost flow by shortest augmenting paths with prices, compiled.

Each need goes to one resource or stays unmet at its price. Kept at all times: price ≥ 0, and 0 where a resource has room; the
reduced cost cost + price − worth of an arc ≥ 0, and 0 where it is matched; worth ≤ the price of staying unmet. So what is matched
is optimal for the needs taken in so far (complementary slackness), and one more need is one more shortest path.
Row reduction before the paths as in Jonker and Volgenant, "A shortest augmenting path algorithm", Computing 38 (1987).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from doorstep.planning.forms import Ints

FAR = 1 << 61
REDUCTIONS = 3
BIDS = 40  # for each need, before row reduction gives way to the paths


class Net(NamedTuple):
    starts: Ints  # (n,) arcs of need i: starts[i] .. ends[i]−1
    ends: Ints
    heads: Ints
    costs: Ints
    unmet: Ints  # (n,) what it costs to leave the need unmet
    slots: Ints  # (m+1,) places of resource j: slots[j] .. slots[j+1]−1


class State(NamedTuple):
    price: Ints  # (m,)
    worth: Ints  # (n,)
    resource: Ints  # (n,) −1: unmet
    holder: Ints  # (places,) need in each place
    taken: Ints  # (m,) places in use, the first ones


class Scratch(NamedTuple):
    distance: Ints  # (m,) FAR before and after
    via: Ints  # (m,) the need a resource was reached from
    settled: Ints  # (m,) 0 before and after
    touched: Ints  # (m,)
    keys: Ints  # (arcs + 1,) heap
    values: Ints


def scratch_of(resources: int, arcs: int) -> Scratch:
    """Room for searches among so many resources and arcs."""
    return Scratch(
        np.full(resources, FAR, np.int64), np.full(resources, -1, np.int64), np.zeros(resources, np.int64),
        np.empty(resources, np.int64), np.empty(arcs + 1, np.int64), np.empty(arcs + 1, np.int64),
    )  # fmt: skip


@njit(cache=True)
def solve(net, state, scratch):
    """All needs of an empty state taken in."""
    size = len(net.starts)
    free = np.arange(size)
    count = size
    for _ in range(REDUCTIONS):
        count = _reduced(net, state, free, count)
    for at in range(count):
        augment(net, state, scratch, free[at])


@njit(cache=True)
def _reduced(net, state, free, count):
    """Each of free[:count] bids for the resource that is cheapest to it; how many are still free, now in front."""
    starts, ends, heads, costs, unmet, slots = (
        net.starts,
        net.ends,
        net.heads,
        net.costs,
        net.unmet,
        net.slots,
    )
    price, worth, resource, holder, taken = (
        state.price,
        state.worth,
        state.resource,
        state.holder,
        state.taken,
    )
    left, bids = 0, BIDS * len(starts)
    for at in range(count):
        need = free[at]
        while need >= 0:
            best, second, chosen = unmet[need], unmet[need], -1
            for arc in range(starts[need], ends[need]):
                head = heads[arc]
                cost = costs[arc] + price[head]
                if slots[head + 1] == slots[head]:
                    continue
                if cost < best:
                    second, best, chosen = best, cost, head
                elif cost < second:
                    second = cost
            worth[need] = best
            bids -= 1
            bidder = need
            need = -1
            if chosen < 0:
                continue
            room = slots[chosen + 1] - slots[chosen]
            if taken[chosen] < room:
                holder[slots[chosen] + taken[chosen]] = bidder
                taken[chosen] += 1
                resource[bidder] = chosen
            elif (
                room == 1 and second > best and bids > 0
            ):  # the price of several places cannot rise for one holder
                need = holder[slots[chosen]]
                price[chosen] += second - best
                worth[bidder] = second
                holder[slots[chosen]] = bidder
                resource[bidder], resource[need] = chosen, -1
            else:
                free[left] = bidder
                left += 1
    return left


@njit(cache=True)
def augment(net, state, scratch, need):
    """Take one more need in: along the shortest path to a resource with room, or to the need that then stays unmet."""
    unmet, slots = net.unmet, net.slots
    price, worth, holder, taken = state.price, state.worth, state.holder, state.taken
    distance, settled, touched = scratch.distance, scratch.settled, scratch.touched
    keys, values = scratch.keys, scratch.values
    worth[need] = _cheapest(net, price, need)
    end, dropped, found = unmet[need] - worth[need], need, -1
    waiting, seen = 0, 0
    end, found, waiting, seen = _reached(net, state, scratch, need, 0, end, found, waiting, seen)
    while waiting > 0 and keys[0] < end:
        here, head = keys[0], values[0]
        waiting = _pop(keys, values, waiting)
        if settled[head] == 1:
            continue
        settled[head] = 1
        for place in range(slots[head], slots[head] + taken[head]):
            other = holder[place]
            if here + unmet[other] - worth[other] < end:
                end, dropped, found = here + unmet[other] - worth[other], other, -1
            end, found, waiting, seen = _reached(net, state, scratch, other, here, end, found, waiting, seen)
    worth[need] += end
    for at in range(seen):
        head = touched[at]
        if settled[head] == 1:
            rise = end - distance[head]
            price[head] += rise
            for place in range(slots[head], slots[head] + taken[head]):
                worth[holder[place]] += rise
    _shift(net, state, scratch.via, need, found, dropped)
    for at in range(seen):
        distance[touched[at]] = FAR
        settled[touched[at]] = 0


@njit(cache=True)
def _cheapest(net, price, need):
    best = net.unmet[need]
    for arc in range(net.starts[need], net.ends[need]):
        head = net.heads[arc]
        if net.slots[head + 1] > net.slots[head]:
            best = min(best, net.costs[arc] + price[head])
    return best


@njit(cache=True)
def _reached(net, state, scratch, need, here, end, found, waiting, seen):
    """Resources reached from a need at distance `here`; the nearest end, the resource with room there (−1: none such)."""
    heads, costs, slots, price, taken = net.heads, net.costs, net.slots, state.price, state.taken
    distance, via, settled, touched = scratch.distance, scratch.via, scratch.settled, scratch.touched
    base = here - state.worth[need]
    for arc in range(net.starts[need], net.ends[need]):
        head = heads[arc]
        away = base + costs[arc] + price[head]
        if away >= end or away >= distance[head] or settled[head] == 1:
            continue
        room = slots[head + 1] - slots[head]
        if room == 0:
            continue
        if distance[head] == FAR:
            touched[seen] = head
            seen += 1
        distance[head], via[head] = away, need
        if taken[head] < room:
            end, found = away, head
        else:
            waiting = _push(scratch.keys, scratch.values, waiting, away, head)
    return end, found, waiting, seen


@njit(cache=True)
def _shift(net, state, via, need, found, dropped):
    """Everybody along the path moves on by one, from its end back to the new need."""
    slots, resource, holder, taken = net.slots, state.resource, state.holder, state.taken
    if found >= 0:
        head = found
        place = slots[head] + taken[head]
        taken[head] += 1
    elif dropped == need:
        return
    else:
        head = resource[dropped]
        resource[dropped] = -1
        place = _place(slots, holder, head, dropped)
    while True:
        mover = via[head]
        left = resource[mover]
        holder[place] = mover
        resource[mover] = head
        if mover == need:
            return
        place = _place(slots, holder, left, mover)
        head = left


@njit(cache=True)
def _place(slots, holder, head, need):
    place = slots[head]
    while holder[place] != need:
        place += 1
    return place


@njit(cache=True)
def _push(keys, values, waiting, key, value):
    at = waiting
    while at > 0 and keys[(at - 1) >> 1] > key:
        above = (at - 1) >> 1
        keys[at], values[at] = keys[above], values[above]
        at = above
    keys[at], values[at] = key, value
    return waiting + 1


@njit(cache=True)
def _pop(keys, values, waiting):
    waiting -= 1
    key, value = keys[waiting], values[waiting]
    at, below = 0, 1
    while below < waiting:
        if below + 1 < waiting and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at], values[at] = keys[below], values[below]
        at, below = below, 2 * below + 1
    keys[at], values[at] = key, value
    return waiting
