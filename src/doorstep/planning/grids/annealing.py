"""Annealing of one part by border moves and by merging two grids and cutting them again, compiled."""

from __future__ import annotations

import numpy as np

from doorstep.planning.grids.compiling import bare, compiled, inlined
from doorstep.planning.grids.division import (
    Division,
    Scratch,
    State,
    crowding,
    divided,
    label_cost,
    spread,
    stays_connected,
    top,
)
from doorstep.planning.grids.trees import random_tree

LOAD, X, Y, SQUARES, COUNT, NEAR, FAR = range(7)  # columns of sums over a subtree


@compiled
def anneal(graph, scales, label, grids, hot, cold, recuts, steps, seed):
    """(best labels, their cost, last labels) after so many steps from `label`, whose grids 0..grids−1 are connected.

    Heat falls geometrically from `hot` to `cold`, in units of the cost (division.Scales). `recuts`: share of steps that merge
    and cut again; the others move one building over a border. What is best is told by the heaviest grid itself; the search
    goes by its softened form.
    """
    np.random.seed(seed)
    state, scratch = _begun(graph, scales, label, grids)
    rest = _rest(graph, scales, state)
    best, best_cost = state.label.copy(), state.loads.max() + rest
    starts, neighbours, nodes, side, kept = (
        graph.starts,
        graph.neighbours,
        scratch.nodes,
        scratch.side,
        scratch.kept,
    )
    label, head, after, crowd, loads = state.label, state.head, state.after, state.crowd, state.loads
    whole = _sum(crowd)
    cooling = (cold / hot) ** (1.0 / max(1, steps - 1))
    heat = hot
    for _ in range(steps):
        heat *= cooling
        node, near, far = _border(starts, neighbours, label)
        if near == far:
            continue
        count = _merged(head, after, nodes, side, near, far)
        others = _others(crowd, whole, near, far)
        old = divided(graph, scales, state, scratch, count, near, far, others)
        limit = old.cost - heat * np.log(1.0 - np.random.random())
        if np.random.random() < recuts:
            found = _recut(graph, scales, state, scratch, count, near, far, others, limit)
        else:
            found = _shifted(graph, scales, state, scratch, count, near, far, others, node)
        if found.cost >= limit:
            continue
        rest += found.labels - old.labels + scales.even * (found.even - old.even)
        rest += scales.gamma * (found.near + found.far - old.near - old.far)
        _take(scales, state, nodes, kept, count, near, far, found)
        whole = _sum(crowd)
        if rest < best_cost - 1.0:  # the heaviest is never below 1
            cost = loads.max() + rest
            if cost < best_cost - 1e-9:
                best_cost = cost
                best[:] = label
    return best, best_cost, state.label


@compiled
def cost_of(graph, scales, label, grids):
    """The cost of these labels, by the heaviest grid itself."""
    state, _ = _begun(graph, scales, label, grids)
    return state.loads.max() + _rest(graph, scales, state)


@compiled
def _begun(graph, scales, label, grids):
    size = len(graph.x)
    state = State(
        label.copy(), np.full(grids, -1, np.int64), np.empty(size, np.int64), np.zeros(grids, np.int64),
        np.zeros(grids), np.zeros(grids), np.zeros(grids),
    )  # fmt: skip
    for node in range(size):
        _chain(state.head, state.after, state.held, label[node], node)
        state.loads[label[node]] += graph.load[node]
    scratch = Scratch(
        np.zeros(size, np.int8), np.empty(size, np.int64), np.empty(size, np.int64),
        np.empty((len(graph.neighbours) + 1, 2), np.int64), np.empty((size, 7)), np.empty(size, np.int64),
        np.zeros(size, np.int8), np.zeros(size, np.int8), np.zeros(size + 1, np.int8),
        np.empty(size, np.int64), np.empty(size, np.int64),
    )  # fmt: skip
    for grid in range(grids):
        count = _listed(state.head, state.after, scratch.nodes, grid, 0)
        state.shape[grid] = spread(graph.x, graph.y, scratch.nodes, count)
        state.crowd[grid] = crowding(scales, state.loads[grid])
    return state, scratch


@inlined
def _chain(head, after, held, grid, node):
    after[node] = head[grid]
    head[grid] = node
    held[grid] += 1


@inlined
def _listed(head, after, nodes, grid, count):
    """The grid's buildings into `nodes` from `count` on; the new count."""
    node = head[grid]
    while node >= 0:
        nodes[count] = node
        count += 1
        node = after[node]
    return count


@compiled
def _rest(graph, scales, state):
    """What the whole plan of the part costs beyond its heaviest grid."""
    label, grids = state.label, len(state.loads)
    rest = scales.gamma * state.shape.sum()
    lies = np.empty(len(label), np.int64)  # compound and grid of a building as one number
    names = 0
    for node in range(len(label)):
        rest += label_cost(graph.stay, graph.stay_price, graph.inside, scales.pin, node, label[node])
        lies[node] = graph.compound[node] * grids + label[node] if graph.compound[node] >= 0 else -1
        names = max(names, graph.compound[node] + 1)
        for at in range(graph.bound_starts[node], graph.bound_starts[node + 1]):
            mate = graph.bound[at]
            if mate < node and (label[mate] == label[node]) != (graph.bound_sign[at] == 1):
                rest += scales.pin
    lies.sort()
    pieces = 0
    for at in range(len(lies)):
        if lies[at] >= 0 and (at == 0 or lies[at] != lies[at - 1]):
            pieces += 1
    for grid in range(grids):
        rest += scales.even * (state.loads[grid] - 1.0) ** 2
    return rest + scales.omega * (pieces - names)


@bare
def _border(starts, neighbours, label):
    """(a building, its grid, the grid of a neighbour), both at random."""
    node = np.random.randint(len(label))
    degree = starts[node + 1] - starts[node]
    if degree == 0:
        return node, label[node], label[node]
    other = neighbours[starts[node] + np.random.randint(degree)]
    return node, label[node], label[other]


@bare
def _merged(head, after, nodes, side, near, far):
    """Both grids' buildings into `nodes`, side 1 for those of `near`; how many they are."""
    middle = _listed(head, after, nodes, near, 0)
    count = _listed(head, after, nodes, far, middle)
    for at in range(count):
        side[nodes[at]] = 1 if at < middle else 0
    return count


@bare
def _sum(values):
    total = 0.0
    for at in range(len(values)):
        total += values[at]
    return total


@bare
def _others(crowd, whole, near, far):
    """Crowding of all other grids. Where the two are nearly all of it, the difference keeps nothing: then it is added up."""
    others = whole - crowd[near] - crowd[far]
    if others > 1e-6 * whole:
        return others
    others = 0.0
    for grid in range(len(crowd)):
        if grid != near and grid != far:
            others += crowd[grid]
    return others


@bare
def _recut(graph, scales, state, scratch, count, near, far, others, limit):
    """The best cut of both grids' buildings along an edge of a random spanning tree, if one costs less than the limit."""
    nodes, side, kept, inside = scratch.nodes, scratch.side, scratch.kept, scratch.inside
    order, parent, sums = scratch.order, scratch.parent, scratch.sums
    for at in range(count):
        inside[nodes[at]] = 1
    random_tree(nodes, count, inside, graph.starts, graph.neighbours, order, parent, scratch.frontier)
    _sum_up(graph, scales.pin, order, parent, sums, count, near, far)
    best = Division(np.inf, 0.0, 0.0, 0.0, 0.0, 0.0, False)
    for at in range(1, count):
        if _at_least(scales, sums, order[0], order[at], count, others, min(limit, best.cost)):
            continue
        for spot in range(count):
            node = order[spot]
            side[node] = 1 if spot == at or (spot > at and side[parent[node]] == 1) else 0
        division = divided(graph, scales, state, scratch, count, near, far, others)
        if division.cost < best.cost:
            best = division
            for spot in range(count):
                kept[nodes[spot]] = side[nodes[spot]]
    return best


@bare
def _sum_up(graph, pin, order, parent, sums, count, near, far):
    """Sums over the subtree below each building of the tree."""
    load, x, y, stay, price, inside = graph.load, graph.x, graph.y, graph.stay, graph.stay_price, graph.inside
    for at in range(count):
        node = order[at]
        sums[node, LOAD], sums[node, X], sums[node, Y] = load[node], x[node], y[node]
        sums[node, SQUARES] = x[node] ** 2 + y[node] ** 2
        sums[node, COUNT] = 1.0
        sums[node, NEAR] = label_cost(stay, price, inside, pin, node, near)
        sums[node, FAR] = label_cost(stay, price, inside, pin, node, far)
    for at in range(count - 1, 0, -1):
        for column in range(7):
            sums[parent[order[at]], column] += sums[order[at], column]


@bare
def _at_least(scales, sums, root, node, count, others, limit):
    """Whether the cut above this building of the tree surely costs so much: grids are no shorter than about their middles, and
    compounds and pins cost nothing less than nothing."""
    part = sums[node, COUNT]
    x, y = sums[node, X], sums[node, Y]
    squares = sums[root, SQUARES] - (x**2 + y**2) / part
    squares -= ((sums[root, X] - x) ** 2 + (sums[root, Y] - y) ** 2) / (count - part)
    straight = sums[node, NEAR] + sums[root, FAR] - sums[node, FAR]
    turned = sums[node, FAR] + sums[root, NEAR] - sums[node, NEAR]
    low = scales.gamma * squares + min(straight, turned)
    if low + scales.base >= limit:
        return True
    return low + top(scales, others, sums[node, LOAD], sums[root, LOAD] - sums[node, LOAD]) >= limit


@bare
def _shifted(graph, scales, state, scratch, count, near, far, others, node):
    """The building `node` goes from `near` to `far`; infinitely dear where that tears `near` apart or leaves it empty."""
    nodes, side, kept = scratch.nodes, scratch.side, scratch.kept
    if not stays_connected(
        graph.starts, graph.neighbours, state.label, scratch.order, scratch.seen, node, state.held[near]
    ):
        return Division(np.inf, 0.0, 0.0, 0.0, 0.0, 0.0, False)
    side[node] = 0
    for at in range(count):
        kept[nodes[at]] = side[nodes[at]]
    return divided(graph, scales, state, scratch, count, near, far, others)


@bare
def _take(scales, state, nodes, kept, count, near, far, found):
    """The division in `kept` becomes the state's."""
    label, head, after, held = state.label, state.head, state.after, state.held
    total = state.loads[near] + state.loads[far]
    if found.turned:
        near, far = far, near
    state.loads[near], state.loads[far] = found.load, total - found.load
    state.crowd[near], state.crowd[far] = crowding(scales, found.load), crowding(scales, total - found.load)
    head[near], head[far], held[near], held[far] = -1, -1, 0, 0
    for at in range(count):
        node = nodes[at]
        label[node] = near if kept[node] == 1 else far
        _chain(head, after, held, label[node], node)
