"""The figures of a plan, counted from the instance alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.grids.connection import broken_groups
from doorstep.planning.grids.instance import Floats, Instance, Ints


@dataclass(frozen=True)
class PartFigures:
    """One part: its grids asked and found, its heaviest grid ÷ its mean grid, its share of `compact` in metres."""

    part: int
    asked: int
    grids: int
    heaviest: float
    compact: float
    heaviest_building: float  # ÷ mean grid: above 1 no plan can come near the mean


@dataclass(frozen=True)
class Figures:
    """What a plan is judged by. `part_max`: heaviest ÷ mean of a part, averaged over parts. `cv`: standard deviation ÷ mean
    of all grids. `compact`: square root of the mean squared distance to the best building of one's grid, in metres."""

    grids: int
    part_max: float
    cv: float
    compact: float
    broken: int
    crossing: int
    wrong_number: int  # parts without the asked number
    moved_households: int
    moved_share: float  # of the households that have a grid today
    compounds_split: int
    pins_broken: int
    overweight_buildings: int  # heavier than a mean grid of their part
    parts: tuple[PartFigures, ...]


def figures(instance: Instance, grids: Ints) -> Figures:
    """The figures of this grid number for each building. Refused when there are not as many numbers as buildings."""
    given = np.asarray(grids)
    if given.shape != (instance.size,):
        raise Refused(f"方案应给{instance.size}栋楼各一个网格号，现在有{given.size}个，请核对方案。")
    numbers, label = np.unique(given, return_inverse=True)
    loads = np.bincount(label, weights=instance.load).astype(np.float64)
    homes = np.unique(np.stack([label, instance.part], axis=1), axis=0)
    crossing = int((np.bincount(homes[:, 0]) > 1).sum())
    squares = distances(instance, label)
    found = np.bincount(homes[:, 1], minlength=len(instance.asked))
    parts = _parts(instance, homes, loads, squares, found)
    moved, has = _moved(instance, given)
    return Figures(
        grids=len(numbers),
        part_max=float(np.mean([one.heaviest for one in parts])),
        cv=float(loads.std() / loads.mean()),
        compact=float(np.sqrt(squares.mean())),
        broken=len(broken_groups(label, instance.edges)),
        crossing=crossing,
        wrong_number=int((found != instance.asked).sum()),
        moved_households=moved,
        moved_share=moved / has if has else 0.0,
        compounds_split=split_compounds(instance, label),
        pins_broken=len(broken_pins(instance, given)),
        overweight_buildings=sum(one.heaviest_building > 1 for one in parts),
        parts=parts,
    )


def _parts(
    instance: Instance, homes: Ints, loads: Floats, squares: Floats, found: Ints
) -> tuple[PartFigures, ...]:
    count = len(instance.asked)
    mean = np.bincount(instance.part, weights=instance.load, minlength=count) / instance.asked
    heaviest, building = np.zeros(count), np.zeros(count)
    np.maximum.at(heaviest, homes[:, 1], loads[homes[:, 0]])
    np.maximum.at(building, instance.part, instance.load)
    spread = np.bincount(instance.part, weights=squares, minlength=count)
    size = np.bincount(instance.part, minlength=count)
    return tuple(
        PartFigures(
            part=int(instance.part_ids[at]),
            asked=int(instance.asked[at]),
            grids=int(found[at]),
            heaviest=float(heaviest[at] / mean[at]),
            compact=float(np.sqrt(spread[at] / size[at])),
            heaviest_building=float(building[at] / mean[at]),
        )
        for at in range(count)
    )


def distances(instance: Instance, label: Ints) -> Floats:
    """Squared metres of each building to the best building of its grid (labels 0..).

    The sum of squared distances to a point is least at the building nearest to the grid's middle.
    """
    size = np.bincount(label)
    middle_x = np.bincount(label, weights=instance.x) / size
    middle_y = np.bincount(label, weights=instance.y) / size
    from_middle = (instance.x - middle_x[label]) ** 2 + (instance.y - middle_y[label]) ** 2
    order = np.lexsort((from_middle, label))
    best = order[np.concatenate([[0], np.cumsum(size)[:-1]])]
    return (instance.x - instance.x[best][label]) ** 2 + (instance.y - instance.y[best][label]) ** 2


def split_compounds(instance: Instance, label: Ints) -> int:
    """How many compounds lie in more than one grid."""
    has = instance.compound >= 0
    if not has.any():
        return 0
    pairs = np.unique(np.stack([instance.compound[has], label[has]], axis=1), axis=0)
    _, counts = np.unique(pairs[:, 0], return_counts=True)
    return int((counts > 1).sum())


def _moved(instance: Instance, given: Ints) -> tuple[int, int]:
    has = instance.today >= 0
    changed = has & (instance.numbers[instance.today] != given)
    return int(instance.households[changed].sum()), int(instance.households[has].sum())


def broken_pins(instance: Instance, given: Ints) -> list[str]:
    """The pins these grid numbers do not keep, in Chinese."""
    ids, pins = instance.ids, instance.pins
    told = []
    for pairs, together, words in ((pins.together, True, "在一起"), (pins.apart, False, "分开")):
        same = given[pairs[:, 0]] == given[pairs[:, 1]]
        told += [f"楼栋{ids[one]}与{ids[other]}{words}" for one, other in pairs[same != together].tolist()]
    for place in np.flatnonzero(pins.inside >= 0).tolist():
        number = instance.numbers[pins.inside[place]]
        if given[place] != number:
            told.append(f"楼栋{ids[place]}定在网格{number}")
    return told
