"""A plan repaired around what a person moved or pinned."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.grids.annealing import anneal, cost_of
from doorstep.planning.grids.beginning import labels_of
from doorstep.planning.grids.division import Graph, Scales
from doorstep.planning.grids.figuring import broken_pins
from doorstep.planning.grids.forcing import with_pins
from doorstep.planning.grids.instance import Instance, Ints, Pins, Plan
from doorstep.planning.grids.local import Local, assembled, locals_of
from doorstep.planning.grids.objective import scales_of
from doorstep.planning.grids.pinning import consistent

MOST_MOVED = 0.02  # of the households
PRICES = (1.0, 4.0, 16.0, 64.0)  # of a moved household: dearer while too many move
HEATS = (0.02, 0.005, 0.005, 0.002)
COLD = 0.0002
RECUTS = 0.5
STEPS = 300  # for each building of the part


def repair(
    instance: Instance,
    plan: Plan,
    *,
    moved: Mapping[int, int] | None = None,
    seconds: float = 1.0,
    seed: int = 0,
) -> Plan:
    """The plan with these buildings (ids) in these grids (numbers), and the instance's pins kept.

    Only parts where something has to change are touched, and at most 2 % of the households move unless the wishes
    themselves need more. Grids stay connected and as many as before. Refused when a building or grid is unknown, the plan is
    none, or the wishes cannot be kept together.
    """
    began = time.perf_counter()
    wished = replace(instance, pins=_with_moved(instance, moved or {}), price=1.0)
    parts = locals_of(wished)
    before = labels_of(wished, parts, plan)
    scales = scales_of(parts)
    given = assembled(wished, parts, before)
    touched = [at for at, local in enumerate(parts) if _breaks(local.graph, before[at])]
    best, best_share = given, np.inf
    for price in PRICES:
        labels = list(before)
        for at in touched:
            labels[at] = _mended(parts[at], scales[at], before[at], price, seed)
        found = assembled(wished, parts, labels)
        if not broken_pins(wished, found) and _share(wished, given, found) < best_share:
            best, best_share = found, _share(wished, given, found)
        late = time.perf_counter() - began >= seconds / 2
        if best_share <= MOST_MOVED or (late and best_share < np.inf):
            break
    if best_share == np.inf:
        raise Refused(
            f"{broken_pins(wished, found)[0]}做不到：同一网格须连通、每片网格数不变，请去掉这项要求。"
        )
    return Plan(best, seed, plan.rounds, time.perf_counter() - began)


def _with_moved(instance: Instance, moved: Mapping[int, int]) -> Pins:
    """The pins, and each moved building in its new grid."""
    inside = instance.pins.inside.copy()
    for building, number in moved.items():
        try:
            place = instance.place(building)
        except KeyError as error:
            raise Refused(f"要移动的楼栋{building}没有登记，请核对编号。") from error
        slot = int(instance.slots_of(np.array([number]))[0])
        part = int(instance.part[place])
        if not instance.first[part] <= slot < instance.first[part + 1]:
            raise Refused(f"楼栋{building}所在的片没有网格{number}，网格不能跨片，请核对网格号。")
        if inside[place] not in (-1, slot):
            raise Refused(
                f"楼栋{building}已定在网格{instance.numbers[inside[place]]}，不能移到{number}，请先取消原来的要求。"
            )
        inside[place] = slot
    pins = Pins(instance.pins.together, instance.pins.apart, inside)
    return consistent(pins, instance.ids, instance.part, instance.numbers)


def _breaks(graph: Graph, label: Ints) -> bool:
    """Whether these labels break a pin."""
    if ((graph.inside >= 0) & (graph.inside != label)).any():
        return True
    here = np.repeat(np.arange(len(label)), np.diff(graph.bound_starts))
    return bool(((label[here] == label[graph.bound]) != (graph.bound_sign == 1)).any())


def _mended(local: Local, scales: Scales, label: Ints, price: float, seed: int) -> Ints:
    """The cheapest labels found nearby, when each household that moves costs so much."""
    graph = local.graph._replace(stay=label, stay_price=price * local.household_price)
    best = with_pins(graph, label, local.grids)
    least = cost_of(graph, scales, best, local.grids)
    for at, heat in enumerate(HEATS):
        steps = STEPS * len(label)
        found, cost, _ = anneal(graph, scales, best, local.grids, heat, COLD, RECUTS, steps, seed + at)
        if cost < least:
            best, least = found, cost
    return best


def _share(instance: Instance, before: Ints, after: Ints) -> float:
    """The share of all households that move."""
    return float(instance.households[before != after].sum() / max(1, instance.households.sum()))
