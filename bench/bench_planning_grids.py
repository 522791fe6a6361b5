"""Plans of grids against METIS, on made-up districts: how even, how compact, in how many seconds.

Seconds are those of one core: searches end by the clock, so a busy machine makes them worse, never better; the CPU seconds they had are
in the notes. METIS has 120 tries for each part, contiguous, k-way, the try with the lightest heaviest grid kept.
"""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass

import numpy as np
import pymetis

from bench.measuring import Measured, Stage, bench
from doorstep.planning.districts import district
from doorstep.planning.grids import Figures, Instance, Plan, bounds, figures, grids, of, repair, warm
from doorstep.planning.grids.beginning import is_plan
from doorstep.planning.grids.division import Graph
from doorstep.planning.grids.instance import Ints
from doorstep.planning.grids.local import assembled, locals_of
from doorstep.planning.grids.objective import plain

TRIES = 120
USUAL, LARGE = (6_000, 11), (60_000, 12)  # buildings, seed


@dataclass(frozen=True)
class Side:
    """One plan and what it cost."""

    plan: Plan
    found: Figures
    cpu: float
    helped: int = 0  # parts where METIS found no plan, and one cut along trees stands in

    @property
    def note(self) -> str:
        bad = self.found.broken + self.found.crossing + self.found.wrong_number
        return (
            f"{self.found.part_max:.3f}, {self.found.compact:.1f} m, {bad} bad, {self.cpu:.1f} s of CPU"
            + (f", {self.helped} parts without a plan" if self.helped else "")
        )


@functools.cache
def _made(size: int, seed: int) -> Instance:
    warm()
    return of(district(size, seed))


@functools.cache
def _ours(size: int, seed: int, seconds: float) -> Side:
    instance = _made(size, seed)
    began = time.process_time()
    plan = grids(instance, seconds=seconds)
    return Side(plan, figures(instance, plan.grids), time.process_time() - began)


@functools.cache
def _metis(size: int, seed: int) -> Side:
    instance = _made(size, seed)
    began = time.process_time()
    parts = locals_of(instance)
    chosen = [_best_of_metis(local.graph, local.grids) for local in parts]
    labels = [plain(local, 0) if one is None else one for local, one in zip(parts, chosen, strict=True)]
    plan = Plan(assembled(instance, parts, labels))
    helped = sum(one is None for one in chosen)
    return Side(plan, figures(instance, plan.grids), time.process_time() - began, helped)


def _best_of_metis(graph: Graph, grids_asked: int) -> Ints | None:
    """None where METIS gives no plan at all: it leaves a grid empty, or torn."""
    size = len(graph.x)
    if grids_asked == 1:
        return np.zeros(size, dtype=np.int64)
    around = pymetis.CSRAdjacency(graph.starts, graph.neighbours)
    weights = np.maximum(1, np.round(graph.load * 1000)).astype(int).tolist()
    best: Ints | None = None
    least = np.inf
    for seed in range(TRIES):
        options = pymetis.Options(contig=1, seed=seed)
        _, label = pymetis.part_graph(
            grids_asked, adjacency=around, vweights=weights, recursive=False, options=options
        )
        label = np.array(label, dtype=np.int64)
        heaviest = np.bincount(label, weights=graph.load).max()
        if heaviest < least and is_plan(graph, label, grids_asked):
            best, least = label, heaviest
    return best


def _beside(size: int, seed: int, seconds: float, figure: str) -> Measured:
    ours, metis = _ours(size, seed, seconds), _metis(size, seed)
    bad = ours.found.broken + ours.found.crossing + ours.found.wrong_number
    return Measured(
        getattr(ours.found, figure), getattr(metis.found, figure), unit="m" if figure == "compact" else "× mean",
        note=f"ours {ours.note}; METIS {metis.note}", missed=f"{bad} grids are none" if bad else "",
    )  # fmt: skip


@bench("grids of 6,000 buildings after 1 s, heaviest of a part, against METIS best of 120", aim=1.0)
def heaviest_after_a_second(stage: Stage) -> Measured:
    return _beside(*USUAL, 1.0, "part_max")


@bench("grids of 6,000 buildings after 1 s, metres, against METIS best of 120", aim=1.0)
def compact_after_a_second(stage: Stage) -> Measured:
    return _beside(*USUAL, 1.0, "compact")


@bench("grids of 6,000 buildings after 60 s, heaviest of a part", aim=1.05)
def heaviest_after_a_minute(stage: Stage) -> Measured:
    return Measured(_ours(*USUAL, 60.0).found.part_max, unit="× mean", note=_ours(*USUAL, 60.0).note)


@bench("grids of 6,000 buildings after 60 s, metres against the Hess bound of the same loads", aim=1.10)
def compact_after_a_minute(stage: Stage) -> Measured:
    ours = _ours(*USUAL, 60.0)
    floor = bounds(_made(*USUAL), ours.plan)
    metis = _metis(*USUAL)
    their = bounds(_made(*USUAL), metis.plan).compact_gap
    return Measured(ours.found.compact, floor.compact, unit="m", note=f"METIS best of 120: {their:.2f}×")


@bench("grids of 60,000 buildings after 300 s, heaviest of a part, against METIS best of 120", aim=1.0)
def large_heaviest(stage: Stage) -> Measured:
    return _beside(*LARGE, 300.0, "part_max")


@bench("grids of 60,000 buildings after 300 s, metres, against METIS best of 120", aim=1.0)
def large_compact(stage: Stage) -> Measured:
    return _beside(*LARGE, 300.0, "compact")


def _drags() -> tuple[list[float], list[float]]:
    """Seconds and share of households moved of 40 repairs: one building dragged over a border each."""
    instance, plan = _made(*USUAL), _ours(*USUAL, 60.0).plan
    ends = instance.edges[plan.grids[instance.edges[:, 0]] != plan.grids[instance.edges[:, 1]]]
    seconds, shares = [], []
    for one, other in ends[:: max(1, len(ends) // 40)].tolist():
        began = time.perf_counter()
        mended = repair(instance, plan, moved={int(instance.ids[one]): int(plan.grids[other])})
        seconds.append(time.perf_counter() - began)
        shares.append(
            float(instance.households[mended.grids != plan.grids].sum() / instance.households.sum())
        )
    return seconds, shares


@bench("grids mended around one dragged building, slowest of 40", aim=1.0)
def mending(stage: Stage) -> Measured:
    seconds, shares = _drags()
    return Measured(
        max(seconds), note=f"at most {max(shares):.2%} of the households move",
        missed="more than 2 % move" if max(shares) > 0.02 else "",
    )  # fmt: skip
