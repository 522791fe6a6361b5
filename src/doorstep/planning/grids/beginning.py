"""Labels a search begins from."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from doorstep.planning.errors import Refused
from doorstep.planning.grids.connection import broken_groups
from doorstep.planning.grids.division import Graph, Scales
from doorstep.planning.grids.forcing import with_pins
from doorstep.planning.grids.instance import Instance, Ints, Plan
from doorstep.planning.grids.local import Local
from doorstep.planning.grids.objective import plain


def beginnings(local: Local, scales: Scales, seed: int, start: Ints | None) -> list[Ints]:
    """One or more plans of the part: the given one, or one cut along trees and today's where it is a plan; pins as far as
    they go by force."""
    graph, grids = local.graph, local.grids
    if start is not None:
        chosen = [matched(graph, scales, start, grids)]
    else:
        chosen = [matched(graph, scales, plain(local, seed), grids)]
        if is_plan(graph, graph.stay, grids):
            chosen.append(graph.stay)
    return [with_pins(graph, label, grids) for label in chosen]


def is_plan(graph: Graph, label: Ints, grids: int) -> bool:
    """Whether these are labels of so many connected grids."""
    if label.min() < 0 or len(np.unique(label)) != grids:
        return False
    here = np.repeat(np.arange(len(label)), np.diff(graph.starts))
    return not len(broken_groups(label, np.stack([here, graph.neighbours], axis=1)))


def matched(graph: Graph, scales: Scales, label: Ints, grids: int) -> Ints:
    """The same grids under the names that keep most of today and of the pins."""
    stays, pinned = graph.stay >= 0, graph.inside >= 0
    if not stays.any() and not pinned.any():
        return label
    gain = np.zeros((grids, grids))
    np.add.at(gain, (label[stays], graph.stay[stays]), graph.stay_price[stays] + 1e-9)
    np.add.at(gain, (label[pinned], graph.inside[pinned]), scales.pin)
    _, names = linear_sum_assignment(gain, maximize=True)
    return names[label].astype(np.int64)


def labels_of(instance: Instance, parts: list[Local], plan: Plan) -> list[Ints]:
    """A plan as labels of each part; its grids keep their numbers where these are the part's own.

    Refused when it has a grid that is torn or crosses, or another number of grids than asked.
    """
    given = np.asarray(plan.grids)
    if given.shape != (instance.size,):
        raise Refused(f"起点方案应给{instance.size}栋楼各一个网格号，现在有{given.size}个，请核对方案。")
    labels = []
    for local in parts:
        slots = instance.slots_of(given[local.places]) - local.first
        if slots.min() < 0 or slots.max() >= local.grids:
            slots = np.unique(given[local.places], return_inverse=True)[1].astype(np.int64)
        if not is_plan(local.graph, slots, local.grids):
            raise Refused(
                f"起点方案在片{instance.part_ids[local.part]}里有不连通的网格，或不是{local.grids}个网格，请改用另一个方案作起点。"
            )
        labels.append(slots)
    if len(np.unique(np.stack([given, instance.part], axis=1), axis=0)) != len(np.unique(given)):
        raise Refused("起点方案有跨片的网格，请改用另一个方案作起点。")
    return labels
