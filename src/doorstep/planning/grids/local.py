"""One part by itself, its buildings numbered from 0, loads in mean grids: what the compiled moves work on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from doorstep.planning.grids.connection import neighbour_lists
from doorstep.planning.grids.division import Graph
from doorstep.planning.grids.instance import Floats, Instance, Ints


@dataclass(frozen=True, eq=False)
class Local:
    """Part `part` of an instance: building i of the graph stands at places[i] of the instance; its grids are 0..grids−1, the
    slots from `first` on."""

    part: int
    first: int
    grids: int
    places: Ints
    household_price: Floats  # what the moving of a building costs at price 1
    graph: Graph


def locals_of(instance: Instance) -> list[Local]:
    """Every part by itself."""
    count = len(instance.asked)
    order = np.argsort(instance.part, kind="stable")
    ends = np.searchsorted(instance.part[order], np.arange(count + 1))
    index = np.empty(instance.size, dtype=np.int64)
    for part in range(count):
        index[order[ends[part] : ends[part + 1]]] = np.arange(ends[part + 1] - ends[part])
    edges = instance.edges[np.argsort(instance.part[instance.edges[:, 0]], kind="stable")]
    edge_ends = np.searchsorted(instance.part[edges[:, 0]], np.arange(count + 1))
    pins = _pairs_by_part(instance)
    return [
        _local(
            instance,
            part,
            order[ends[part] : ends[part + 1]],
            index[edges[edge_ends[part] : edge_ends[part + 1]]],
            [(int(index[one]), int(index[other]), sign) for one, other, sign in pins.get(part, [])],
        )
        for part in range(count)
    ]


def assembled(instance: Instance, parts: list[Local], labels: list[Ints]) -> Ints:
    """The grid number of each building, from the labels of each part."""
    slots = np.empty(instance.size, dtype=np.int64)
    for local, label in zip(parts, labels, strict=True):
        slots[local.places] = local.first + label
    return instance.numbers[slots]


def _local(
    instance: Instance, part: int, places: Ints, edges: Ints, pins: list[tuple[int, int, int]]
) -> Local:
    size, first = len(places), int(instance.first[part])
    starts, neighbours = neighbour_lists(size, edges)
    load, x, y = instance.load[places], instance.x[places], instance.y[places]
    names = np.unique(instance.compound[places][instance.compound[places] >= 0])
    today, inside = instance.today[places], instance.pins.inside[places]
    bound_starts, bound, sign = _bound(pins, size)
    household_price = _household_price(instance, places)
    graph = Graph(
        starts=starts,
        neighbours=neighbours,
        x=x - x.mean(),
        y=y - y.mean(),
        load=load / load.sum() * instance.asked[part],
        compound=np.where(
            instance.compound[places] >= 0, np.searchsorted(names, instance.compound[places]), -1
        ),
        stay=np.where(today >= 0, today - first, -1),
        stay_price=instance.price * household_price,
        inside=np.where(inside >= 0, inside - first, -1),
        bound_starts=bound_starts,
        bound=bound,
        bound_sign=sign,
    )
    return Local(part, first, int(instance.asked[part]), places, household_price, graph)


def _household_price(instance: Instance, places: Ints) -> Floats:
    """So that one per cent of the district's households weighs as much as one per cent of the heaviest grid, in the mean
    over parts."""
    share = len(instance.asked) / max(1, int(instance.households.sum()))
    return instance.households[places].astype(np.float64) * share


def _pairs_by_part(instance: Instance) -> dict[int, list[tuple[int, int, int]]]:
    """Pins between two buildings by part: (one, other, 1 together or −1 apart). Buildings pinned in one grid are together,
    and the first of those in different grids apart."""
    pins: dict[int, list[tuple[int, int, int]]] = {}
    for pairs, sign in ((instance.pins.together, 1), (instance.pins.apart, -1)):
        for one, other in pairs.tolist():
            if instance.part[one] == instance.part[other]:
                pins.setdefault(int(instance.part[one]), []).append((one, other, sign))
    heads: dict[int, dict[int, int]] = {}
    for place in np.flatnonzero(instance.pins.inside >= 0).tolist():
        mine = heads.setdefault(int(instance.part[place]), {})
        slot = int(instance.pins.inside[place])
        here = pins.setdefault(int(instance.part[place]), [])
        if slot in mine:
            here.append((mine[slot], place, 1))
        else:
            here.extend((place, other, -1) for other in mine.values())
            mine[slot] = place
    return pins


def _bound(pins: list[tuple[int, int, int]], size: int) -> tuple[Ints, Ints, Ints]:
    both = sorted(pins + [(other, one, sign) for one, other, sign in pins])
    table = np.array(both, dtype=np.int64).reshape(-1, 3)
    starts = np.concatenate([[0], np.cumsum(np.bincount(table[:, 0], minlength=size))]).astype(np.int64)
    return starts, np.ascontiguousarray(table[:, 1]), np.ascontiguousarray(table[:, 2])
