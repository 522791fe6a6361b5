"""Workers to grids that stand, beginning from who has which today: who keeps what, what was decided beforehand.

A territory is one grid or two adjacent ones. Its columns are those territories with the workers for whom they are something of
their own (a grid of today, a wish), and once for anybody else: to all others it is the same. An integer programme chooses one
column for each grid, with as many territories as workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from doorstep.planning.errors import Refused
from doorstep.planning.forms import Floats, Ints, listed
from doorstep.planning.staff.couples import largest, lightest_heaviest
from doorstep.planning.staff.instance import Instance
from doorstep.planning.staff.reading import enough
from doorstep.planning.staff.staffing import Staffing, stand_ins

WISHED = 0.05  # of a grid somebody wishes; evening out (load ÷ mean)² by so much is worth as much
ANYBODY = -1
Pair = tuple[int, int]


@dataclass(frozen=True)
class Column:
    """A territory, who would have it, and what that costs."""

    worker: int
    grids: tuple[int, ...]
    cost: float


def arranged(
    instance: Instance,
    today: Ints,
    *,
    held: Sequence[Pair] = (),
    wished: Sequence[Pair] = (),
    slack: float = 0.0,
    price: float = 0.2,
    seconds: float = 3.0,
) -> Staffing:
    """Every grid a worker, every worker one grid or two adjacent ones.

    `today`: the worker of each grid, −1 for none. `held`: (grid, worker) that must be, `wished`: that should rather be. The heaviest
    worker is at most `slack` heavier than the lightest that can be with what is held; within that, loads are evened out (the sum
    of (load ÷ mean)²), where a grid that changes hands costs `price`. At most so many seconds. Refused when it cannot be.
    """
    enough(len(instance.workers), len(instance.grids))
    holds = _held(instance, held)
    limit = _limit(instance, holds) * (1 + slack)
    columns = list(_columns(instance, today, holds, set(wished), limit, price))
    chosen = _chosen(instance, columns, holds, seconds)
    worker = _named(instance, chosen)
    everybody = np.arange(len(instance.workers))
    return Staffing(worker, stand_ins(instance, worker, everybody, seconds))


def _held(instance: Instance, held: Sequence[Pair]) -> dict[int, set[int]]:
    """Grids by worker. Refused where a grid is held by two, or a worker holds what one cannot have."""
    owner: dict[int, int] = {}
    found: dict[int, set[int]] = {}
    beside = {(int(a), int(b)) for a, b in instance.edges} | {(int(b), int(a)) for a, b in instance.edges}
    for grid, worker in held:
        if owner.setdefault(grid, worker) != worker:
            raise Refused(f"网格{instance.grids[grid]}定给了两个人，请去掉一项要求。")
        found.setdefault(worker, set()).add(grid)
    for worker, grids in found.items():
        names = listed([instance.grids[one] for one in sorted(grids)])
        if len(grids) > 2:
            raise Refused(f"网格员{instance.workers[worker]}定了{names}，每人至多两个网格，请去掉一项要求。")
        if len(grids) == 2 and tuple(sorted(grids)) not in beside:
            raise Refused(
                f"网格员{instance.workers[worker]}定了网格{names}，它们不相邻，一个人管不过来，请去掉一项要求。"
            )
    return found


def _limit(instance: Instance, holds: dict[int, set[int]]) -> float:
    """The lightest heaviest worker there can be with what is held (exact)."""
    owner = {grid: worker for worker, grids in holds.items() for grid in grids}
    couples = [tuple(sorted(grids)) for grids in holds.values() if len(grids) == 2]
    taken = {grid for couple in couples for grid in couple}
    needed = len(instance.grids) - len(instance.workers) - len(couples)
    if needed < 0:
        raise Refused(
            f"{len(instance.workers)}名网格员每人至少一个网格，{len(couples)}个人定了两个网格就不够分，请去掉一项要求。"
        )
    free = [
        (a, b)
        for a, b in instance.edges.tolist()
        if not {a, b} & taken and (a not in owner or b not in owner or owner[a] == owner[b])
    ]
    edges = np.array(free, dtype=np.int64).reshape(-1, 2)
    most = len(largest(len(instance.grids), edges)) if needed else 0
    if most < needed:
        raise Refused(_too_few(instance, needed + len(couples), most + len(couples), bool(holds)))
    heavy = [float(instance.load[list(couple)].sum()) for couple in couples]
    return max([float(instance.load.max()), lightest_heaviest(instance.load, edges, needed), *heavy])


def _too_few(instance: Instance, needed: int, most: int, any_held: bool) -> str:
    size = len(instance.grids)
    alone = np.setdiff1d(np.arange(size), instance.edges)
    where = f"（网格{listed([instance.grids[one] for one in alone])}没有相邻网格）" if len(alone) else ""
    pins = "去掉一些要求、" if any_held else ""
    return (
        f"{len(instance.workers)}名网格员要有{needed}对相邻网格由一人管，最多只能配成{most}对{where}；"
        f"至少要{size - most}名网格员，请{pins}增员或补登相邻。"
    )


def _columns(
    instance: Instance, today: Ints, holds: dict[int, set[int]], wished: set[Pair], limit: float, price: float
) -> list[Column]:
    owner = {grid: worker for worker, grids in holds.items() for grid in grids}
    wishers: dict[int, set[int]] = {}
    for grid, worker in wished:
        wishers.setdefault(grid, set()).add(worker)
    mean = max(1e-12, float(instance.load.sum()) / len(instance.workers))
    territories = [(grid,) for grid in range(len(instance.grids))]
    found = []
    for grids in [*territories, *(tuple(sorted(pair)) for pair in instance.edges.tolist())]:
        load = float(instance.load[list(grids)].sum())
        if load > limit * (1 + 1e-9):
            continue
        owners = {owner[grid] for grid in grids if grid in owner}
        if len(owners) > 1 or any(not holds[one] <= set(grids) for one in owners):
            continue
        even = (load / mean) ** 2
        own = {int(today[grid]) for grid in grids if today[grid] >= 0}
        own = owners or own | {one for grid in grids for one in wishers.get(grid, ())}
        for one in sorted(own):
            if one in holds and not holds[one] <= set(grids):
                continue
            changes = sum(today[grid] != one for grid in grids)
            wishes = sum((grid, one) in wished for grid in grids)
            found.append(Column(one, grids, even + price * changes - WISHED * wishes))
        if not owners:
            found.append(Column(ANYBODY, grids, even + price * len(grids)))
    return found


def _chosen(
    instance: Instance, columns: Sequence[Column], holds: dict[int, set[int]], seconds: float
) -> list[Column]:
    """Each grid once, each worker once at most, who holds something once, as many as workers."""
    grids, workers = len(instance.grids), len(instance.workers)
    rows, places = [], []
    for at, column in enumerate(columns):
        for grid in column.grids:
            rows.append(grid)
            places.append(at)
        if column.worker >= 0:
            rows.append(grids + column.worker)
            places.append(at)
        rows.append(grids + workers)
        places.append(at)
    shape = (grids + workers + 1, len(columns))
    inside = csr_matrix((np.ones(len(rows)), (rows, places)), shape=shape)
    least = np.concatenate([np.ones(grids), [float(one in holds) for one in range(workers)], [workers]])
    most = np.concatenate([np.ones(grids + workers), [workers]])
    found = milp(
        np.array([column.cost for column in columns]), constraints=LinearConstraint(inside, least, most),
        integrality=np.ones(len(columns)), bounds=Bounds(0, 1), options={"time_limit": seconds},
    )  # fmt: skip
    if found.x is None:
        raise Refused(f"在{seconds:g}秒里没有算出分法，请缩小范围或减少要求。")
    return [column for column, value in zip(columns, found.x, strict=True) if value > 0.5]


def _named(instance: Instance, chosen: Sequence[Column]) -> Ints:
    """The worker of each grid; territories of anybody go to who is left, in their order."""
    named = {column.worker for column in chosen if column.worker >= 0}
    left = iter([one for one in range(len(instance.workers)) if one not in named])
    worker = np.full(len(instance.grids), -1, dtype=np.int64)
    for column in sorted(chosen, key=lambda column: column.grids):
        worker[list(column.grids)] = column.worker if column.worker >= 0 else next(left)
    return worker


def loads(instance: Instance, worker: Ints) -> Floats:
    """What each worker carries; grids of nobody are nobody's."""
    has = worker >= 0
    carried = np.bincount(worker[has], weights=instance.load[has], minlength=len(instance.workers))
    return carried.astype(np.float64)
