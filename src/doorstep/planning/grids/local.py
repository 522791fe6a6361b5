"""One part by itself, its buildings numbered from 0, loads in mean grids: what the compiled moves work on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorstep.planning.grids.connection import neighbour_lists
from doorstep.planning.grids.instance import Floats, Instance, Ints


@dataclass(frozen=True, eq=False)
class Local:
    """Part `part` of an instance. Its grids are 0..grids−1."""

    part: int
    places: Ints  # (s,) in the instance
    grids: int
    x: Floats  # metres from the part's middle
    y: Floats
    load: Floats  # in mean grids of the part: they sum to `grids`
    starts: Ints
    neighbours: Ints
    compound: Ints  # 0.. within the part, −1: none
    today: Ints  # grid of today, −1: none
    moved: Floats  # price of the building's changing its grid
    inside: Ints  # grid it is pinned in, −1: any
    bound_starts: Ints  # pins: partners of i are bound[bound_starts[i]:bound_starts[i+1]]
    bound: Ints
    bound_sign: NDArray[np.int64]  # 1: together, −1: apart


def locals_of(instance: Instance) -> list[Local]:
    """Every part by itself."""
    order = np.argsort(instance.part, kind="stable")
    ends = np.concatenate([[0], np.cumsum(np.bincount(instance.part, minlength=len(instance.asked)))])
    index = np.empty(instance.size, dtype=np.int64)
    for part in range(len(instance.asked)):
        index[order[ends[part] : ends[part + 1]]] = np.arange(ends[part + 1] - ends[part])
    edge_order = np.argsort(instance.part[instance.edges[:, 0]], kind="stable")
    edges = instance.edges[edge_order]
    edge_ends = np.searchsorted(instance.part[edges[:, 0]], np.arange(len(instance.asked) + 1))
    return [
        _local(
            instance, part, order[ends[part] : ends[part + 1]],
            index[edges[edge_ends[part] : edge_ends[part + 1]]], index,
        )
        for part in range(len(instance.asked))
    ]  # fmt: skip


def _local(instance: Instance, part: int, places: Ints, edges: Ints, index: Ints) -> Local:
    size = len(places)
    starts, neighbours = neighbour_lists(size, edges)
    load, x, y = instance.load[places], instance.x[places], instance.y[places]
    compound = instance.compound[places]
    names = np.unique(compound[compound >= 0])
    first = instance.first[part]
    bound_starts, bound, sign = _bound(instance, part, index, size)
    today, inside = instance.today[places], instance.pins.inside[places]
    return Local(
        part=part,
        places=places,
        grids=int(instance.asked[part]),
        x=x - x.mean(),
        y=y - y.mean(),
        load=load / load.sum() * instance.asked[part],
        starts=starts,
        neighbours=neighbours,
        compound=np.where(compound >= 0, np.searchsorted(names, compound), -1),
        today=np.where(today >= 0, today - first, -1),
        moved=instance.price * instance.households[places].astype(np.float64),
        inside=np.where(inside >= 0, inside - first, -1),
        bound_starts=bound_starts,
        bound=bound,
        bound_sign=sign,
    )


def _bound(instance: Instance, part: int, index: Ints, size: int) -> tuple[Ints, Ints, Ints]:
    rows = []
    for pairs, sign in ((instance.pins.together, 1), (instance.pins.apart, -1)):
        if not len(pairs):
            continue
        here = pairs[(instance.part[pairs[:, 0]] == part) & (instance.part[pairs[:, 1]] == part)]
        for one, other in index[here].tolist():
            rows += [(one, other, sign), (other, one, sign)]
    rows.sort()
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    starts = np.concatenate([[0], np.cumsum(np.bincount(table[:, 0], minlength=size))]).astype(np.int64)
    return starts, np.ascontiguousarray(table[:, 1]), np.ascontiguousarray(table[:, 2])
