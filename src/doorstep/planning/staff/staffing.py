"""Workers to grids that stand, and who stands in for whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from doorstep.planning.errors import Refused
from doorstep.planning.forms import Floats, Ints, listed
from doorstep.planning.staff.couples import SECONDS, largest, lightest
from doorstep.planning.staff.instance import Instance


@dataclass(frozen=True, eq=False)
class Staffing:
    """`worker[g]`: who has grid g; `substitute[w]`: who stands in for worker w on leave, −1 where w is alone."""

    worker: Ints
    substitute: Ints


def staff(instance: Instance) -> Staffing:
    """Every grid a worker, every worker one grid or two adjacent ones. The heaviest worker is as light as pairing whole grids allows
    (exact), then loads as even as found; homes decide only who gets which. Refused where too few grids have a neighbour."""
    return staffed(instance, _territories(instance))


def staffed(instance: Instance, territory: Ints) -> Staffing:
    """Likewise for territories that stand: the territory of each grid, 0..W−1."""
    worker = _assigned(instance, territory)
    return Staffing(worker[territory], stand_ins(instance, territory, worker))


def _territories(instance: Instance) -> Ints:
    """The territory of each grid; as many as workers."""
    size, needed = len(instance.grids), len(instance.grids) - len(instance.workers)
    territory = np.full(size, -1, dtype=np.int64)
    if needed:
        best = largest(size, instance.edges)
        if len(best) < needed:
            alone = np.setdiff1d(np.arange(size), instance.edges)
            where = (
                f"（网格{listed([instance.grids[one] for one in alone])}没有相邻网格）" if len(alone) else ""
            )
            raise Refused(
                f"{len(instance.workers)}名网格员要有{needed}对相邻网格由一人管，最多只能配成{len(best)}对{where}；"
                f"至少要{size - len(best)}名网格员，请增员或补登相邻。"
            )
        couples = lightest(instance.load, instance.edges, needed)
        territory[couples[:, 0]] = territory[couples[:, 1]] = np.arange(needed)
    single = territory < 0
    territory[single] = np.arange(needed, needed + int(single.sum()))
    return territory


def _middles(instance: Instance, territory: Ints) -> Floats:
    count = np.bincount(territory)
    return np.stack([np.bincount(territory, weights=instance.xy[:, axis]) / count for axis in (0, 1)], axis=1)


def _assigned(instance: Instance, territory: Ints) -> Ints:
    """The worker of each territory: the fewest metres from homes to territories in all; who has given no home takes what is left."""
    home = instance.home
    if np.isnan(home).all():
        return np.arange(len(home))
    away = np.linalg.norm(home[:, None] - _middles(instance, territory)[None], axis=2)
    workers, territories = linear_sum_assignment(np.nan_to_num(away, nan=0.0))
    worker = np.empty(len(home), dtype=np.int64)
    worker[territories] = workers
    return worker


def stand_ins(instance: Instance, territory: Ints, worker: Ints, seconds: float = SECONDS) -> Ints:
    """Of each worker: neighbours for each other in as many couples as there can be, heavy with light; whoever is left, the neighbour
    with the least to carry; without a neighbour, the nearest."""
    load: Floats = np.bincount(territory, weights=instance.load).astype(np.float64)
    edges = np.unique(np.sort(territory[instance.edges], axis=1), axis=0).reshape(-1, 2)
    edges = edges[edges[:, 0] != edges[:, 1]]
    stand_in = np.full(len(load), -1, dtype=np.int64)
    couples = largest(len(load), edges)
    if len(couples):
        couples = lightest(load, edges, len(couples), seconds)
        stand_in[couples[:, 0]], stand_in[couples[:, 1]] = couples[:, 1], couples[:, 0]
    middles = _middles(instance, territory)
    carried = load + np.where(stand_in >= 0, load[stand_in], 0.0)
    for one in np.flatnonzero(stand_in < 0).tolist():
        beside = np.concatenate([edges[edges[:, 0] == one, 1], edges[edges[:, 1] == one, 0]])
        if len(beside):
            stand_in[one] = beside[np.argmin(carried[beside])]
        elif len(load) > 1:
            away = np.linalg.norm(middles - middles[one], axis=1)
            away[one] = np.inf
            stand_in[one] = int(np.argmin(away))
        if stand_in[one] >= 0:
            carried[stand_in[one]] += load[one]
    found = np.full(len(load), -1, dtype=np.int64)
    found[worker] = np.where(stand_in >= 0, worker[stand_in], -1)
    return found
