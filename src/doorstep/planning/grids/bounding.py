"""Proven lower bounds for a plan's figures, and how far the plan is from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from doorstep.planning.grids.figuring import figures
from doorstep.planning.grids.instance import Floats, Instance, Plan
from doorstep.planning.grids.lagrangian import lagrangian

SLACK = 1e-6
LARGEST_PROGRAMME, LARGEST_LAGRANGIAN = 250, 5000  # buildings of a part: n² variables; n² distances a turn
TURNS = 150


@dataclass(frozen=True)
class PartBound:
    """One part: no plan has a heaviest grid below `heaviest` (÷ mean), nor, with the plan's own heaviest grid as the limit,
    a sum of squared distances below `squares` (m²)."""

    part: int
    heaviest: float
    squares: float


@dataclass(frozen=True)
class Bounds:
    """`part_max` and `compact` no plan can go below; `part_max_gap`: the plan's ÷ the bound; `compact_gap`: likewise (×LP)."""

    part_max: float
    compact: float
    part_max_gap: float
    compact_gap: float
    parts: tuple[PartBound, ...]


def bounds(instance: Instance, plan: Plan, *, quick: bool = False) -> Bounds:
    """Bounds beside this plan. `quick`: the compactness bound by its Lagrangian alone, some thousandths lower, in a tenth of the
    time and less. Source of the compactness bound: S. W. Hess and others, Nonpartisan political redistricting by
    computer, Operations Research 13 (1965), its integer programme without integrality and contiguity."""
    found = figures(instance, plan.grids)
    parts = []
    for at, one in enumerate(found.parts):
        places = np.flatnonzero(instance.part == at)
        load = instance.load[places] / instance.load[places].sum() * instance.asked[at]
        known = one.compact**2 * len(places)
        squares = least_squares(
            instance.x[places], instance.y[places], load, int(instance.asked[at]), one.heaviest, known, quick
        )
        parts.append(PartBound(one.part, lightest_maximum(load, int(instance.asked[at])), squares))
    floor = float(np.mean([one.heaviest for one in parts]))
    compact = float(np.sqrt(sum(one.squares for one in parts) / instance.size))
    return Bounds(
        part_max=floor,
        compact=compact,
        part_max_gap=found.part_max / floor,
        compact_gap=found.compact / compact if compact > 0 else 1.0,
        parts=tuple(parts),
    )


def lightest_maximum(load: Floats, grids: int) -> float:
    """No division of these loads (in mean grids) into so many grids has a smaller heaviest one.

    At least the mean, the heaviest building, and for each j the j·k+1 heaviest buildings, of which some grid has j+1.
    """
    ordered = np.sort(load)[::-1]
    least = max(1.0, float(ordered[0]))
    for together in range(1, (len(ordered) - 1) // grids + 1):
        crowd = ordered[together * grids - together : together * grids + 1]
        least = max(least, float(crowd.sum()))
    return least


def least_squares(
    x: Floats, y: Floats, load: Floats, grids: int, limit: float, known: float, quick: bool = False
) -> float:
    """A sum of squared distances (m²) no plan goes below whose grids weigh at most `limit`. `known`: that of some plan.

    The Hess programme itself up to 250 buildings unless `quick`; up to 5,000 its Lagrangian, which is a bound as well and comes near it; 0, which
    says nothing, beyond.
    """
    if len(x) <= LARGEST_PROGRAMME and not quick:
        return hess(x, y, load, grids, limit)
    if len(x) <= LARGEST_LAGRANGIAN:
        return float(lagrangian(x, y, load, grids, limit + SLACK, known, TURNS))
    return 0.0


def hess(x: Floats, y: Floats, load: Floats, grids: int, limit: float) -> float:
    """The least sum of squared distances to `grids` chosen buildings when shares may be split, in m²: the Hess programme."""
    size = len(x)
    squares = (x[:, None] - x[None, :]) ** 2 + (y[:, None] - y[None, :]) ** 2
    variable = np.arange(size * size).reshape(size, size)  # building i to centre j
    rows, columns, values, upper = [], [], [], []
    off = ~np.eye(size, dtype=bool)
    here, there = np.nonzero(off)
    count = len(here)
    rows += [np.arange(count), np.arange(count)]  # nobody goes to what is no centre
    columns += [variable[here, there], variable[there, there]]
    values += [np.ones(count), -np.ones(count)]
    upper.append(np.zeros(count))
    weights = np.repeat(load[:, None], size, axis=1)
    weights[np.arange(size), np.arange(size)] -= limit + SLACK
    rows.append(count + np.tile(np.arange(size), size))
    columns.append(variable.ravel())
    values.append(weights.ravel())
    upper.append(np.zeros(size))
    most = coo_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(count + size, size * size),
    )
    equal = coo_matrix(
        (
            np.ones(size * size + size),
            (
                np.concatenate([np.repeat(np.arange(size), size), np.full(size, size)]),
                np.concatenate([variable.ravel(), np.diag(variable)]),
            ),
        ),
        shape=(size + 1, size * size),
    )
    result = linprog(
        squares.ravel(), A_ub=most.tocsr(), b_ub=np.concatenate(upper), A_eq=equal.tocsr(),
        b_eq=np.concatenate([np.ones(size), [grids]]), bounds=(0, 1), method="highs",
    )  # fmt: skip
    return max(0.0, float(result.fun)) if result.status == 0 else 0.0
