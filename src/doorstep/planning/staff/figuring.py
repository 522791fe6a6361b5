"""The figures of a staffing, counted from the grids alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from doorstep.planning.staff.couples import lightest_heaviest
from doorstep.planning.staff.instance import Instance
from doorstep.planning.staff.staffing import Staffing


@dataclass(frozen=True)
class Figures:
    """`heaviest`: heaviest ÷ mean worker. `least`: a bound no staffing of these grids can beat (heaviest grid, mean, and that of the
    lightest couples there must be some are as heavy); `gap` between both. `apart`: workers with two grids that are not adjacent;
    `mutual`: workers who stand in for each other; `alone`: without anybody to stand in."""

    workers: int
    grids: int
    without_worker: int
    over_two: int
    apart: int
    heaviest: float
    least: float
    gap: float
    cv: float
    mutual: int
    alone: int
    home_metres: float  # mean way from home to the middle of the grids, of those whose home is known


def figures(instance: Instance, staffing: Staffing, least: float | None = None) -> Figures:
    """`least`: a better bound on the heaviest ÷ mean worker, where one is known."""
    workers, worker = len(instance.workers), staffing.worker
    load = np.bincount(worker, weights=instance.load, minlength=workers)
    held = np.bincount(worker, minlength=workers)
    mean = load.mean() if load.sum() > 0 else 1.0
    beside = {(int(one), int(other)) for one, other in instance.edges}
    order = np.argsort(worker, kind="stable")
    couples = [(int(a), int(b)) for a, b in pairwise(order) if worker[a] == worker[b]]
    stand_in = staffing.substitute
    has = stand_in >= 0
    mutual = has & (stand_in[np.where(has, stand_in, 0)] == np.arange(workers))
    middle = np.stack(
        [
            np.bincount(worker, weights=instance.xy[:, axis], minlength=workers) / np.maximum(1, held)
            for axis in (0, 1)
        ],
        axis=1,
    )
    ways = np.linalg.norm(instance.home - middle, axis=1)
    bound = lightest_worker(instance) / mean if least is None else least
    return Figures(
        workers=workers,
        grids=len(instance.grids),
        without_worker=int((worker < 0).sum()),
        over_two=int((held > 2).sum()),
        apart=sum((min(pair), max(pair)) not in beside for pair in couples),
        heaviest=float(load.max() / mean),
        least=float(bound),
        gap=float(load.max() / mean - bound),
        cv=float(load.std() / mean),
        mutual=int(mutual.sum()),
        alone=int((~has).sum()),
        home_metres=float(np.nanmean(ways)) if not np.isnan(ways).all() else 0.0,
    )


def lightest_worker(instance: Instance) -> float:
    """What the heaviest worker carries at least: the mean, the heaviest grid, the heaviest of the lightest disjoint couples that
    there must be (exact)."""
    couples = len(instance.grids) - len(instance.workers)
    least = max(float(instance.load.max()), float(instance.load.sum()) / len(instance.workers))
    return max(least, lightest_heaviest(instance.load, instance.edges, couples))
