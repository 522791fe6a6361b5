"""Groups, staff, pairing and matching against the libraries for it. Seconds are CPU seconds of this process.

Districts, mentors and needs are made up. METIS makes groups for each branch, contiguous, the best of 20 tries; whole grids are
coupled exactly afterwards; `matching` builds its players within its own time, with the recursion limit and stack it needs.
"""

from __future__ import annotations

import functools
import gc
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pymetis
from matching.games import HospitalResident
from ortools.graph.python import min_cost_flow

from bench.measuring import Measured, Stage, bench
from doorstep.planning import grids as planning
from doorstep.planning import groups, matching, pairing, staff
from doorstep.planning.districts import district
from doorstep.planning.grids.connection import neighbour_lists

TRIES = 20
APPRENTICES, MENTORS, WISHES = 6_000, 2_000, 20


def cpu(call: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    began = time.process_time()
    found = call()
    return time.process_time() - began, found


@functools.cache
def _branches() -> groups.Instance:
    made = district(6_000, seed=17)
    chance = np.random.default_rng(17)
    buildings = [
        {"id": one["id"], "branch": one["part"], "members": int(chance.poisson(one["households"] / 30))}
        for one in made["buildings"]
    ]
    return groups.of({"minimum": 3, "size": 9, "buildings": buildings, "adjacent": made["adjacent"]})


def _by_metis(instance: groups.Instance, counts: np.ndarray, tries: int = TRIES) -> np.ndarray:
    """As many groups in each branch as ours."""
    label = np.zeros(len(instance.buildings), dtype=np.int64)
    index = np.zeros(len(instance.buildings), dtype=np.int64)
    for branch, count in enumerate(counts.tolist()):
        places = np.flatnonzero(instance.branch == branch)
        index[places] = np.arange(len(places))
        inside = (instance.branch[instance.edges] == branch).all(axis=1)
        lists = pymetis.CSRAdjacency(*neighbour_lists(len(places), index[instance.edges[inside]]))
        best, fewest = np.zeros(len(places), dtype=np.int64), (1 << 60, 0)
        for seed in range(tries if count > 1 else 0):
            options = pymetis.Options(contig=True, seed=seed)
            members = instance.members[places].tolist()
            made = pymetis.part_graph(count, lists, vweights=members, recursive=False, options=options)
            found = np.array(made.vertex_part)
            size = np.bincount(found, weights=instance.members[places], minlength=count)
            worth = (int((size < instance.minimum).sum()), int(size.max()))
            if worth < fewest:
                best, fewest = found, worth
        label[places] = branch * 10_000 + best
    return label


@bench("building groups below the minimum of members, against METIS for each branch", aim=0)
def groups_below(_stage: Stage) -> Measured:
    groups.warm()
    instance = _branches()
    seconds, found = cpu(lambda: groups.groups(instance))
    ours = groups.figures(instance, found.group)
    counts = np.array([one.groups for one in ours.branches])
    metis, label = cpu(lambda: _by_metis(instance, counts))
    theirs = groups.figures(instance, label)
    once = groups.figures(instance, _by_metis(instance, counts, tries=1))
    note = (
        f"{ours.groups} groups in {len(counts)} branches, largest ÷ mean {ours.largest_to_mean:.3f}, at least "
        f"{ours.least_to_mean:.3f}, {seconds:.2f} s; METIS, best of {TRIES}: {theirs.under} below (one try: {once.under}), {theirs.broken} torn, "
        f"{theirs.largest_to_mean:.3f}, {metis:.2f} s"
    )
    bad = "torn or across branches" if ours.broken or ours.crossing else ""
    return Measured(ours.under - ours.unavoidable, unit="groups", note=note, missed=bad)


@bench(
    "heaviest ÷ mean worker, grids designed around their workers, against whole grids coupled afterwards",
    aim=0.8,
)
def staff_heaviest(_stage: Stage) -> Measured:
    planning.warm()
    instance = planning.of(district(6_000, seed=11))
    asked = int(instance.asked.sum())
    workers = list(range(asked - asked // 14))
    design = staff.design(instance, workers, seconds=20)
    ours = staff.figures(design.instance, design.staffing, design.least)
    plan = planning.grids(instance, seconds=20)
    slot = instance.slots_of(plan.grids)
    across = slot[instance.edges]
    edges = np.unique(np.sort(across[across[:, 0] != across[:, 1]], axis=1), axis=0)
    whole = staff.Instance(
        list(range(asked)), np.bincount(slot, weights=instance.load).astype(float), np.zeros((asked, 2)), edges,
        list(workers), np.full((len(workers), 2), np.nan),
    )  # fmt: skip
    theirs = staff.figures(whole, staff.staff(whole))
    note = f"{len(workers)} workers, {asked} grids, bound {ours.least:.3f}; coupled exactly, no couples are lighter"
    bad = (
        ""
        if not (ours.without_worker or ours.over_two or ours.apart)
        else "a grid without a worker, or apart"
    )
    return Measured(ours.heaviest, theirs.heaviest, unit="", note=note, missed=bad)


@functools.cache
def _school() -> dict[str, Any]:
    chance = np.random.default_rng(5)
    wishes = [chance.permutation(MENTORS)[:WISHES].tolist() for _ in range(APPRENTICES)]
    answers: list[list[int]] = [[] for _ in range(MENTORS)]
    for apprentice, wanted in enumerate(wishes):
        for mentor in wanted:
            answers[mentor].append(apprentice)
    for mentor in range(MENTORS):
        chance.shuffle(answers[mentor])
    return {
        "mentors": [{"id": at, "capacity": 3, "prefers": answer} for at, answer in enumerate(answers)],
        "apprentices": [{"id": at, "prefers": wanted} for at, wanted in enumerate(wishes)],
    }


def _by_matching(form: dict[str, Any]) -> int:
    """The pairs that `matching` finds; it calls itself for each proposal, so it has a deep stack."""
    found: list[int] = []

    def solve() -> None:
        game = HospitalResident.create_from_dictionaries(
            {row["id"]: row["prefers"] for row in form["apprentices"]},
            {row["id"]: row["prefers"] for row in form["mentors"]},
            {row["id"]: row["capacity"] for row in form["mentors"]},
        )
        found.append(sum(len(held) for held in game.solve(optimal="resident").values()))

    usual, limit = threading.stack_size(512 * 1024 * 1024), sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    try:
        worker = threading.Thread(target=solve)
        worker.start()
        worker.join()
    finally:
        threading.stack_size(usual)
        sys.setrecursionlimit(limit)
    return found[0]


@bench("mentors and apprentices paired, their lists read too, against `matching`", aim=0.1)
def paired(_stage: Stage) -> Measured:
    pairing.warm()
    form = _school()
    ours, found = cpu(lambda: pairing.pair(pairing.of(form)))
    alone, _ = cpu(lambda: pairing.pair(found.instance))
    theirs, pairs = cpu(lambda: _by_matching(form))
    told = pairing.figures(found)
    note = (
        f"{MENTORS} × {APPRENTICES}, {WISHES} wishes each; {told.pairs} pairs, {pairs} theirs; {told.blocking} blocking; "
        f"pairing alone {alone * 1000:.1f} ms"
    )
    return Measured(ours, theirs, note=note, missed="somebody blocks" if told.blocking else "")


def _market(needs: int, resources: int, arcs: int, seed: int) -> matching.Instance:
    """Resources at random for each need, metres at random."""
    chance = np.random.default_rng(seed)
    heads = np.concatenate([chance.choice(resources, arcs, replace=False) for _ in range(needs)]).astype(
        np.int64
    )
    market = matching.Market(
        np.arange(needs + 1) * arcs, heads, chance.integers(0, 100_000, needs * arcs), np.ones(resources, np.int64),
        np.ones(needs, np.int64),
    )  # fmt: skip
    return matching.Instance(list(range(needs)), list(range(resources)), market, None)


def _by_ortools(instance: matching.Instance) -> int:
    market, needs, resources = instance.market, len(instance.needs), len(instance.resources)
    tails, sink = np.repeat(np.arange(needs), np.diff(market.starts)), needs + resources
    flow = min_cost_flow.SimpleMinCostFlow()
    add = flow.add_arcs_with_capacity_and_unit_cost
    add(tails, needs + market.heads, np.ones(len(tails), int), market.costs)
    add(np.arange(needs), np.full(needs, sink), np.ones(needs, int), np.full(needs, market.unmet_price))
    add(needs + np.arange(resources), np.full(resources, sink), market.capacity, np.zeros(resources, int))
    flow.set_nodes_supplies(
        np.arange(sink + 1), np.concatenate([np.ones(needs, int), np.zeros(resources, int), [-needs]])
    )
    flow.solve()
    return flow.optimal_cost()


def _matched(instance: matching.Instance) -> Measured:
    matching.warm()
    ours, found = cpu(lambda: matching.match(instance))
    theirs, cost = cpu(lambda: _by_ortools(instance))
    told = matching.figures(found)
    mine = round(told.metres * 100) + instance.market.unmet_price * told.urgency_unmet
    chance = np.random.default_rng(1)
    later = [(at, chance.choice(len(instance.resources), 20, replace=False)) for at in range(50)]
    arrived, _ = cpu(
        lambda: [matching.arrive(found, f"later {at}", heads, 10 * heads) for at, heads in later]
    )
    note = f"{len(instance.market.heads):,} arcs, {told.met} met; one need more {arrived / 50 * 1000:.2f} ms"
    return Measured(
        ours, theirs, note=note, missed="" if mine == cost and told.gap == 0 else "not the optimum"
    )


@bench("430 needs matched to 600 resources, against the flow of OR-Tools", aim=2)
def matched_few(_stage: Stage) -> Measured:
    return _matched(_market(430, 600, 60, seed=2))


@bench("50,000 needs matched to 50,000 resources, against the flow of OR-Tools", aim=2)
def matched_many(_stage: Stage) -> Measured:
    return _matched(_market(50_000, 50_000, 23, seed=3))
