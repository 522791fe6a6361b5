"""The search for a plan: every part annealed in rounds, the best plan of each part kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.grids.annealing import anneal, cost_of
from doorstep.planning.grids.beginning import beginnings, labels_of, matched
from doorstep.planning.grids.division import Scales
from doorstep.planning.grids.figuring import broken_pins
from doorstep.planning.grids.instance import Instance, Ints, Plan
from doorstep.planning.grids.local import Local, assembled, locals_of
from doorstep.planning.grids.objective import scales_of

HEATS = (0.02, 0.008)  # in turn: nearly anew, and nearby
COLD = 0.0005
MANY = 10  # grids of a part
RECUTS = 0.4
FIRST_STEPS, MOST_STEPS = 25, 1600  # for each building; doubled from round to round
AT_ONCE = 200_000  # steps, about a tenth of a second
PATIENCE = 2  # a part that got no better so often sits out ever more rounds
TIRED = 40  # and after so many is left as it is
TOLD_EVERY = 0.25  # seconds


def warm() -> None:
    """Compile what is compiled, or load it from the cache, so that no plan's seconds go into it."""
    from doorstep.planning.grids.reading import of

    building = {
        "x": 0.0,
        "y": 0.0,
        "load": 1.0,
        "households": 1,
        "difficulty": 1.0,
        "community": 0,
        "compound": 0,
    }
    form = {
        "parts": [{"id": 0, "grids": 2}],
        "buildings": [{**building, "id": at, "x": 9.0 * at, "part": 0} for at in range(4)],
        "adjacent": [[0, 1], [1, 2], [2, 3]],
    }
    grids(of(form), seconds=60, rounds=1)


@dataclass
class Search:
    """One part's search so far."""

    local: Local
    scales: Scales
    label: Ints
    cost: float
    tries: int = 0
    failed: int = 0
    due: int = 0  # the round it is next taken up in

    def go_on(self, seed: int, round_: int, ended: Callable[[], bool]) -> bool:
        """One more annealing from the best plan so far; whether it found a better one. Large parts look at the clock between."""
        graph, size = self.local.graph, len(self.local.places)
        steps = size * min(FIRST_STEPS << min(self.tries, 20), MOST_STEPS)
        stretches = -(-steps // AT_ONCE)
        cooler = min(1.0, MANY / self.local.grids)  # among many grids each weighs less in the whole
        heats = np.geomspace(HEATS[self.tries % 2], COLD, stretches + 1) * cooler
        current, best, least = self.label, self.label, self.cost
        for at in range(stretches):
            label, cost, current = anneal(
                graph, self.scales, current, self.local.grids, heats[at], heats[at + 1], RECUTS,
                steps // stretches, _mixed(seed, self.local.part, self.tries, at),
            )  # fmt: skip
            if cost < least - 1e-9:
                best, least = label, cost
            if at + 1 < stretches and ended():
                break
        self.tries += 1
        better = least < self.cost
        if better:
            self.label = matched(graph, self.scales, best, self.local.grids)
            self.cost = cost_of(graph, self.scales, self.label, self.local.grids)
        self.failed = 0 if better else self.failed + 1
        self.due = round_ + 1 + self.failed // PATIENCE
        return better

    @property
    def over(self) -> bool:
        return self.local.grids == 1 or self.failed >= TIRED


def _mixed(*numbers: int) -> int:
    """One seed from several."""
    return int(np.random.SeedSequence([abs(one) for one in numbers]).generate_state(1)[0])


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

    `seconds`: when to end at the latest; sooner when nothing gets better any more. `rounds`: end after so many; the same seed
    and rounds give the same plan however fast the machine is, as long as the seconds suffice. `start`: a plan to begin from;
    by `objective.cost` the result is never worse. `on_better(plan, share)`: called when the plan got better, at most four times
    a second, with the share of the work done. `should_stop()`: asked now and then; True ends the search with the best plan so far.
    Refused when `start` is no plan of this instance, or pins cannot be kept.
    """
    began = time.perf_counter()
    searches = begun(instance, seed, start)
    parts = [search.local for search in searches]
    done = 0
    told = began

    def plan() -> Plan:
        labels = [search.label for search in searches]
        return Plan(assembled(instance, parts, labels), seed, done, time.perf_counter() - began)

    def ended() -> bool:
        return time.perf_counter() - began >= seconds or (should_stop is not None and should_stop())

    def share() -> float:
        by_time = (time.perf_counter() - began) / seconds if seconds > 0 else 1.0
        return min(1.0, max(by_time, done / rounds if rounds else 0.0))

    stopped, fresh = False, True
    while not stopped and (rounds is None or done < rounds) and not all(search.over for search in searches):
        for search in searches:
            if ended():
                stopped = True
                break
            if not search.over and search.due <= done:
                fresh |= search.go_on(seed, done, ended)
            if on_better and fresh and time.perf_counter() - told >= TOLD_EVERY:
                on_better(plan(), share())
                told, fresh = time.perf_counter(), False
        done += not stopped
    found = plan()
    if on_better and fresh:
        on_better(found, 1.0)
    return _with_pins(instance, found)


def begun(instance: Instance, seed: int, start: Plan | None) -> list[Search]:
    """Each part's search at its beginning, where it is cheapest."""
    parts = locals_of(instance)
    starts: list[Ints] | list[None] = (
        [None] * len(parts) if start is None else labels_of(instance, parts, start)
    )
    searches = []
    for local, scales, given in zip(parts, scales_of(parts), starts, strict=True):
        chosen = beginnings(local, scales, _mixed(seed, local.part), given)
        costs = [cost_of(local.graph, scales, label, local.grids) for label in chosen]
        best = int(np.argmin(costs))
        searches.append(Search(local, scales, chosen[best], costs[best]))
    return searches


def _with_pins(instance: Instance, plan: Plan) -> Plan:
    broken = broken_pins(instance, plan.grids)
    if broken:
        more = f"等{len(broken)}项" if len(broken) > 1 else ""
        raise Refused(
            f"{broken[0]}{more}做不到：同一网格须连通、每片网格数不变，时间也可能太短；请去掉这项要求，或给更多时间。"
        )
    return plan
