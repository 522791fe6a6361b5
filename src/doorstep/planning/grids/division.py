"""What a division of two neighbouring grids costs, compiled.

State, scratch and scales travel as named tuples of arrays: compiled code can be kept on disk with these, not with classes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from doorstep.planning.grids.compiling import bare, inlined
from doorstep.planning.grids.instance import Floats, Ints

STEEPEST = 600.0  # exp of more is no number


class Graph(NamedTuple):
    """One part's buildings 0..s−1: neighbours of i are neighbours[starts[i]:starts[i+1]]."""

    starts: Ints
    neighbours: Ints
    x: Floats  # metres from the part's middle
    y: Floats
    load: Floats  # in mean grids of the part: they sum to its number of grids
    compound: Ints  # 0.. within the part, −1: none
    stay: Ints  # the grid it is to stay in, −1: any
    stay_price: Floats  # what it costs elsewhere
    inside: Ints  # the grid it is pinned in, −1: any
    bound_starts: Ints  # pins: partners of i are bound[bound_starts[i]:bound_starts[i+1]]
    bound: Ints
    bound_sign: Ints  # 1: together, −1: apart


class Scales(NamedTuple):
    """Cost of a part = heaviest grid (÷ mean) + gamma × squared metres + omega × (grids of each compound beyond the first)
    + even × squared deviations from the mean grid + stay_price of buildings elsewhere + pin × broken pins.

    While searching the heaviest is softened: base + log(sum of exp(alpha × (load − base))) / alpha.
    """

    gamma: float
    omega: float
    even: float
    pin: float
    alpha: float
    base: float  # no plan's heaviest grid is below


class State(NamedTuple):
    """A plan of the part: the grid of each building; each grid's buildings as a chain from `head` by `after` (−1 ends it), how
    many, their load, squared metres, crowding."""

    label: Ints
    head: Ints
    after: Ints
    held: Ints
    loads: Floats
    shape: Floats
    crowd: Floats


class Scratch(NamedTuple):
    inside: Ints
    order: Ints
    parent: Ints
    frontier: Ints
    sums: Floats
    nodes: Ints  # buildings of the two grids at work
    side: Ints  # 1: with `near`, 0: with `far`, of a division being looked at
    kept: Ints  # likewise of the best so far
    seen: Ints
    one: Ints
    two: Ints


class Division(NamedTuple):
    """Two grids as they are or could be. `cost` leaves out what other grids cost; `load`, `near`, `far`: the load of the near
    side, squared metres of both; `even`: squared deviations; `labels`: what labels, compounds and pins cost; `turned`: near
    and far change names."""

    cost: float
    load: float
    near: float
    far: float
    even: float
    labels: float
    turned: bool


@bare
def spread(x, y, nodes, count):
    """Sum of squared distances to the best of nodes[:count]: about the middle, plus the best one's distance from it."""
    middle_x = middle_y = 0.0
    for at in range(count):
        middle_x += x[nodes[at]]
        middle_y += y[nodes[at]]
    middle_x /= count
    middle_y /= count
    total, least = 0.0, np.inf
    for at in range(count):
        away = (x[nodes[at]] - middle_x) ** 2 + (y[nodes[at]] - middle_y) ** 2
        total += away
        least = min(least, away)
    return total + count * least


@inlined
def label_cost(stay, price, inside, pin, node, grid):
    """What it costs to have the building in this grid: a change of today's plan, a broken pin."""
    cost = 0.0
    if stay[node] >= 0 and stay[node] != grid:
        cost += price[node]
    if inside[node] >= 0 and inside[node] != grid:
        cost += pin
    return cost


@inlined
def crowding(scales, load):
    return np.exp(min(STEEPEST, scales.alpha * (load - scales.base)))


@inlined
def top(scales, others, first, second):
    """The softened heaviest grid of the part, when the two grids weigh so much."""
    return scales.base + np.log(others + crowding(scales, first) + crowding(scales, second)) / scales.alpha


@bare
def divided(graph, scales, state, scratch, count, near, far, others):
    """The division scratch.side makes of scratch.nodes[:count], named as is cheaper."""
    # arrays are taken out of their tuples once: every taking is counted, which costs more than what is done with them
    loads, stay, price, inside, pin = graph.load, graph.stay, graph.stay_price, graph.inside, scales.pin
    nodes, side, ones, twos = scratch.nodes, scratch.side, scratch.one, scratch.two
    one, two = 0, 0
    load = total = straight = turned = 0.0
    for at in range(count):
        node = nodes[at]
        total += loads[node]
        as_near = label_cost(stay, price, inside, pin, node, near)
        as_far = label_cost(stay, price, inside, pin, node, far)
        if side[node] == 1:
            ones[one] = node
            one += 1
            load += loads[node]
            straight += as_near
            turned += as_far
        else:
            twos[two] = node
            two += 1
            straight += as_far
            turned += as_near
    first = spread(graph.x, graph.y, ones, one)
    second = spread(graph.x, graph.y, twos, two)
    labels = min(straight, turned)
    if scales.omega > 0:
        labels += scales.omega * _on_both(graph.compound, nodes, side, scratch.seen, count)
    if len(graph.bound) > 0:
        labels += scales.pin * _torn(graph, state.label, scratch, count, near, far)
    even = (load - 1.0) ** 2 + (total - load - 1.0) ** 2
    cost = (
        top(scales, others, load, total - load)
        + scales.gamma * (first + second)
        + scales.even * even
        + labels
    )
    return Division(cost, load, first, second, even, labels, turned < straight)


@bare
def _on_both(compound, nodes, side, seen, count):
    """How many compounds have buildings on both sides. `seen` is 0 before and after."""
    both = 0
    for at in range(count):
        name = compound[nodes[at]]
        if name >= 0:
            mark = 1 if side[nodes[at]] == 1 else 2
            if seen[name] != 3 and seen[name] | mark == 3:
                both += 1
            seen[name] |= mark
    for at in range(count):
        if compound[nodes[at]] >= 0:
            seen[compound[nodes[at]]] = 0
    return both


@bare
def _torn(graph, label, scratch, count, near, far):
    """How many pins between buildings of the two grids the division breaks."""
    torn = 0
    for at in range(count):
        node = scratch.nodes[at]
        for spot in range(graph.bound_starts[node], graph.bound_starts[node + 1]):
            mate = graph.bound[spot]
            if mate < node and (label[mate] == near or label[mate] == far):
                same = scratch.side[mate] == scratch.side[node]
                if same != (graph.bound_sign[spot] == 1):
                    torn += 1
    return torn


@bare
def stays_connected(starts, neighbours, label, queue, seen, node, held):
    """Whether the node's grid, of `held` buildings, stays connected without it. `seen` is 0 before and after."""
    grid = label[node]
    reached, at = 0, 0
    for spot in range(starts[node], starts[node + 1]):
        if label[neighbours[spot]] == grid:
            queue[0] = neighbours[spot]
            seen[queue[0]] = 1
            reached = 1
            break
    while at < reached:
        here = queue[at]
        at += 1
        for spot in range(starts[here], starts[here + 1]):
            there = neighbours[spot]
            if label[there] == grid and there != node and seen[there] == 0:
                seen[there] = 1
                queue[reached] = there
                reached += 1
    for at in range(reached):
        seen[queue[at]] = 0
    return reached > 0 and reached == held - 1
