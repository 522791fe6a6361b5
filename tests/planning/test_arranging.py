"""Workers to grids from who has which today: as light as can be, as little change as asked, what is held kept."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from doorstep.planning.districts import district
from doorstep.planning.errors import Refused
from doorstep.planning.staff import Instance, arranged, design, figures, loads, of
from tests.planning.test_staff import graphs, line, street


def beside(instance: Instance) -> set[tuple[int, int]]:
    return {tuple(sorted(pair)) for pair in instance.edges.tolist()}


def ways(instance: Instance) -> list[tuple[int, ...]]:
    """Every arrangement there is."""
    workers, near = range(len(instance.workers)), beside(instance)
    found = []
    for one in itertools.product(workers, repeat=len(instance.grids)):
        held = [[grid for grid, who in enumerate(one) if who == worker] for worker in workers]
        if all(len(mine) == 1 or (len(mine) == 2 and tuple(mine) in near) for mine in held):
            found.append(one)
    return found


@settings(max_examples=60, deadline=None)
@given(graphs(), strategies.integers(0, 2), strategies.randoms(use_true_random=False))
def test_no_arrangement_has_a_lighter_heaviest_nor_costs_less(
    graph: tuple[list[float], list[tuple[int, int]]], couples: int, chance: Any
) -> None:
    all_loads, pairs = graph
    all_loads, pairs = all_loads[:6], [pair for pair in pairs if max(pair) < min(6, len(all_loads))]
    workers = len(all_loads) - couples
    if workers < 1 or 2 * workers < len(all_loads):
        return
    instance = of(street(all_loads, pairs, workers))
    every = ways(instance)
    today = np.array([chance.randrange(-1, workers) for _ in all_loads])
    if not every:
        with pytest.raises(Refused, match="网格员"):
            arranged(instance, today)
        return
    price = chance.choice([0.01, 0.2, 2.0])
    found = arranged(instance, today, price=price).worker
    assert tuple(found.tolist()) in every

    def heaviest(way: Any) -> float:
        return float(loads(instance, np.array(way)).max())

    def cost(way: Any) -> float:
        mean = instance.load.sum() / workers
        even = float(((loads(instance, np.array(way)) / mean) ** 2).sum())
        return even + price * sum(one != other for one, other in zip(way, today, strict=True))

    least = min(heaviest(way) for way in every)
    assert heaviest(found) == pytest.approx(least)
    assert cost(found) == pytest.approx(
        min(cost(way) for way in every if heaviest(way) <= least + 1e-9), rel=1e-4
    )


@settings(max_examples=40, deadline=None)
@given(graphs(), strategies.integers(0, 2), strategies.randoms(use_true_random=False))
def test_what_is_held_is_kept_or_refused_because_it_cannot_be(
    graph: tuple[list[float], list[tuple[int, int]]], couples: int, chance: Any
) -> None:
    all_loads, pairs = graph
    all_loads, pairs = all_loads[:6], [pair for pair in pairs if max(pair) < min(6, len(all_loads))]
    workers = len(all_loads) - couples
    if workers < 1 or 2 * workers < len(all_loads):
        return
    instance = of(street(all_loads, pairs, workers))
    held = {(chance.randrange(len(all_loads)), chance.randrange(workers)) for _ in range(2)}
    able = [way for way in ways(instance) if all(way[grid] == worker for grid, worker in held)]
    today = np.full(len(all_loads), -1)
    if not able:
        with pytest.raises(Refused):
            arranged(instance, today, held=sorted(held))
        return
    found = arranged(instance, today, held=sorted(held)).worker
    assert tuple(found.tolist()) in able


def test_today_is_kept_where_it_is_as_good() -> None:
    instance = of(line([5, 5, 5, 5], 3))
    today = np.array([2, 0, 0, 1])
    assert arranged(instance, today).worker.tolist() == [2, 0, 0, 1]
    found = arranged(instance, np.array([0, 0, 1, -1]))
    assert found.worker.tolist() == [0, 0, 1, 2] and (found.substitute >= 0).all()


def test_slack_trades_evenness_for_fewer_changes() -> None:
    """Coupling the two light ones is lightest; today couples a heavier pair, five per cent more."""
    instance = of(line([20, 21, 20, 60], 3))
    today = np.array([0, 0, 1, 2])
    assert (arranged(instance, today, price=0.001).worker == today).all(), "60 is the heaviest either way"
    tight = of(line([40, 42, 40, 60], 3))
    assert (arranged(tight, today, slack=0.0, price=5.0).worker == today).all(), "both pairs are alike"
    uneven = of(line([40, 46, 40, 42], 3))
    assert not (arranged(uneven, today, slack=0.0, price=5.0).worker == today).all()
    assert (arranged(uneven, today, slack=0.1, price=5.0).worker == today).all()


def test_designed_for_workers_that_stand() -> None:
    """Each part has its own number of workers; numbers follow today's grids."""
    from doorstep.planning import grids as planning

    form = district(300, seed=3)
    instance = planning.of(form)
    asked = instance.asked
    given = np.maximum(-(-asked // 2), asked - 1)
    found = design(instance, list(range(int(given.sum()))), given=given, rounds=1)
    per_part = [
        len({int(found.staffing.worker[slot]) for slot in range(int(a), int(b))})
        for a, b in itertools.pairwise(instance.first.tolist())
    ]
    assert per_part == given.tolist()
    told = figures(found.instance, found.staffing, found.least)
    assert (told.apart, told.over_two, told.without_worker) == (0, 0, 0)
    with pytest.raises(Refused, match="片"):
        design(instance, [1], given=np.ones_like(asked), rounds=1)
