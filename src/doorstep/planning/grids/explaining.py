"""One grid of a plan, told to the people who will work in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.grids.figuring import distances
from doorstep.planning.grids.instance import Instance, Ints, Plan

HEAVY = 1.05
LIGHT = 0.95


@dataclass(frozen=True)
class SplitCompound:
    """A compound the grid shares: its buildings here, and the numbers of the other grids it lies in."""

    compound: int
    buildings: int
    others: tuple[int, ...]


@dataclass(frozen=True)
class Explanation:
    """One grid. `share`: its load ÷ the mean grid of its part; `compact`: metres, as in Figures; `middle`: the id of its best
    building; `neighbours`: (grid number, adjacent pairs of buildings); `why`: Chinese sentences; `pins`: Chinese sentences."""

    grid: int
    part: int
    buildings: tuple[int, ...]
    households: int
    load: float
    share: float
    compact: float
    middle: int
    neighbours: tuple[tuple[int, int], ...]
    split: tuple[SplitCompound, ...]
    why: tuple[str, ...]
    pins: tuple[str, ...]


def explain(instance: Instance, plan: Plan, grid: int) -> Explanation:
    """What there is to say of this grid. Refused when the plan has no grid of that number."""
    inside = np.flatnonzero(plan.grids == grid)
    if not len(inside):
        raise Refused(f"方案里没有网格{grid}，请核对网格号。")
    part = int(instance.part[inside[0]])
    everyone = instance.part == part
    mean = float(instance.load[everyone].sum() / instance.asked[part])
    load = float(instance.load[inside].sum())
    label = (plan.grids != grid).astype(np.int64)
    squares = distances(instance, label)[inside]
    return Explanation(
        grid=int(grid),
        part=int(instance.part_ids[part]),
        buildings=tuple(instance.ids[inside].tolist()),
        households=int(instance.households[inside].sum()),
        load=load,
        share=load / mean,
        compact=float(np.sqrt(squares.mean())),
        middle=int(instance.ids[inside[int(np.argmin(squares))]]),
        neighbours=_neighbours(instance, plan, grid),
        split=_split(instance, plan, inside),
        why=_why(instance, plan, inside, everyone, load, mean),
        pins=_pins(instance, inside),
    )


def _neighbours(instance: Instance, plan: Plan, grid: int) -> tuple[tuple[int, int], ...]:
    ends = plan.grids[instance.edges]
    touching = ends[(ends == grid).any(axis=1) & (ends[:, 0] != ends[:, 1])]
    others, counts = np.unique(touching[touching != grid], return_counts=True)
    return tuple(zip(others.tolist(), counts.tolist(), strict=True))


def _split(instance: Instance, plan: Plan, inside: Ints) -> tuple[SplitCompound, ...]:
    told = []
    for compound in np.unique(instance.compound[inside]).tolist():
        if compound < 0:
            continue
        whole = np.flatnonzero(instance.compound == compound)
        others = np.setdiff1d(plan.grids[whole], plan.grids[inside[:1]])
        if len(others):
            here = int((instance.compound[inside] == compound).sum())
            told.append(SplitCompound(compound, here, tuple(others.tolist())))
    return tuple(told)


def _why(
    instance: Instance, plan: Plan, inside: Ints, everyone: Ints, load: float, mean: float
) -> tuple[str, ...]:
    share = load / mean
    word = "偏重" if share > HEAVY else "偏轻" if share < LIGHT else "适中"
    told = [f"工作量{load:.0f}，是本片网格平均{mean:.0f}的{share:.0%}，{word}。"]
    hard, usual = _difficulty(instance, inside), _difficulty(instance, np.flatnonzero(everyone))
    if abs(hard / usual - 1) > 0.05:
        told.append(
            f"户均难度{hard:.2f}，{'高' if hard > usual else '低'}于本片的{usual:.2f}，同样户数工作{'多' if hard > usual else '少'}些。"
        )
    big = inside[int(np.argmax(instance.load[inside]))]
    if instance.load[big] > mean:
        told.append(
            f"楼栋{instance.ids[big]}一栋就有{instance.load[big]:.0f}，超过一个网格的平均，楼栋不拆分。"
        )
    elif word == "偏轻":
        told.append(_would_be(instance, plan, inside, load, mean))
    return tuple(one for one in told if one)


def _difficulty(instance: Instance, places: Ints) -> float:
    weights = np.maximum(instance.households[places], 1)
    return max(1e-9, float(np.average(instance.difficulty[places], weights=weights)))


def _would_be(instance: Instance, plan: Plan, inside: Ints, load: float, mean: float) -> str:
    """The smallest neighbouring building, and what the grid would weigh with it."""
    mine = plan.grids[inside[0]]
    ends = instance.edges[(plan.grids[instance.edges] == mine).sum(axis=1) == 1]
    outside = np.unique(ends[plan.grids[ends] != mine])
    if not len(outside):
        return ""
    least = outside[int(np.argmin(instance.load[outside]))]
    return (
        f"相邻楼栋中最轻的是{instance.ids[least]}（{instance.load[least]:.0f}），加上它是平均的"
        f"{(load + instance.load[least]) / mean:.0%}。"
    )


def _pins(instance: Instance, inside: Ints) -> tuple[str, ...]:
    mine = set(inside.tolist())
    told = []
    for pairs, words in ((instance.pins.together, "须在一起"), (instance.pins.apart, "须分开")):
        for one, other in pairs.tolist():
            if one in mine or other in mine:
                told.append(f"楼栋{instance.ids[one]}与{instance.ids[other]}{words}。")
    for place in inside.tolist():
        if instance.pins.inside[place] >= 0:
            told.append(f"楼栋{instance.ids[place]}定在网格{instance.numbers[instance.pins.inside[place]]}。")
    return tuple(told)
