"""Workers to grids: nobody without, two adjacent at most, as light as can be; and grids designed around them."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from doorstep.planning import grids as planning
from doorstep.planning.districts import district
from doorstep.planning.errors import Refused
from doorstep.planning.staff import design, figures, of, shares, staff, workers_of
from doorstep.planning.staff.bounding import least_heaviest
from doorstep.planning.staff.couples import largest, lightest
from tests.planning.forms import row


def street(loads: list[float], pairs: list[tuple[int, int]], workers: Any) -> dict[str, Any]:
    grids = [{"id": at, "load": load, "x": 100.0 * at, "y": 0.0} for at, load in enumerate(loads)]
    return {"grids": grids, "adjacent": [list(pair) for pair in pairs], "workers": workers}


def line(loads: list[float], workers: Any) -> dict[str, Any]:
    return street(loads, [(at, at + 1) for at in range(len(loads) - 1)], workers)


@strategies.composite
def graphs(draw: strategies.DrawFn) -> tuple[list[float], list[tuple[int, int]]]:
    size = draw(strategies.integers(2, 8))
    every = list(itertools.combinations(range(size), 2))
    pairs = draw(strategies.lists(strategies.sampled_from(every), unique=True, max_size=12))
    return draw(strategies.lists(strategies.integers(1, 9), min_size=size, max_size=size)), pairs


def couplings(pairs: list[tuple[int, int]], count: int) -> list[tuple[tuple[int, int], ...]]:
    """Every way to take so many disjoint pairs."""
    return [
        chosen
        for chosen in itertools.combinations(pairs, count)
        if len({end for pair in chosen for end in pair}) == 2 * count
    ]


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_the_largest_coupling_is_the_largest(graph: tuple[list[float], list[tuple[int, int]]]):
    loads, pairs = graph
    most = max(count for count in range(len(loads) // 2 + 1) if couplings(pairs, count))
    assert len(largest(len(loads), np.array(pairs, dtype=np.int64).reshape(-1, 2))) == most


@settings(max_examples=60, deadline=None)
@given(graphs(), strategies.integers(0, 4))
def test_no_staffing_has_a_lighter_heaviest_worker(
    graph: tuple[list[float], list[tuple[int, int]]], couples: int
):
    loads, pairs = graph
    ways = couplings(pairs, couples)
    form = street(loads, pairs, len(loads) - couples)
    if not ways or 2 * couples > len(loads):
        with pytest.raises(Refused, match="网格员"):
            staff(of(form))
        return
    instance = of(form)
    found = figures(instance, staff(instance))
    heaviest = [max([sum(loads[end] for end in pair) for pair in way] + [max(loads)]) for way in ways]
    # a grid in a couple weighs no more than the couple
    assert found.heaviest * sum(loads) / len(instance.workers) == pytest.approx(min(heaviest))
    assert found.gap == pytest.approx(0) and (found.apart, found.over_two, found.without_worker) == (0, 0, 0)
    evenest = min(
        sum(loads[one] * loads[other] for one, other in way)
        for way, heavy in zip(ways, heaviest, strict=True)
        if couples == 0 or max(sum(loads[end] for end in pair) for pair in way) == _lightest(ways, loads)
    )
    chosen = lightest(instance.load, instance.edges, couples) if couples else np.empty((0, 2), dtype=int)
    assert sum(loads[one] * loads[other] for one, other in chosen) == pytest.approx(evenest)


def _lightest(ways: list[tuple[tuple[int, int], ...]], loads: list[float]) -> float:
    return min(max(sum(loads[end] for end in pair) for pair in way) for way in ways)


def test_homes_decide_who_gets_which_and_nothing_else():
    named = [{"id": "东", "x": 310.0, "y": 0.0}, {"id": "西", "x": 0.0, "y": 0.0}, {"id": "不详"}]
    instance = of(line([5, 5, 5, 5], named))
    staffing = staff(instance)
    found = figures(instance, staffing)
    assert found.heaviest == pytest.approx(10 / (20 / 3))
    assert staffing.worker[3] == 0 and staffing.worker[0] == 1


def test_neighbours_stand_in_for_each_other_heavy_with_light():
    instance = of(line([9, 1, 8, 2], 4))
    assert staff(instance).substitute.tolist() == [1, 0, 3, 2]
    three = of(line([9, 1, 8], 3))
    found = staff(three)
    assert (found.substitute >= 0).all() and figures(three, found).mutual == 2


def test_who_has_no_neighbour_has_the_nearest_and_one_alone_nobody():
    apart = of(street([1, 1, 1], [(0, 1)], 3))
    assert staff(apart).substitute.tolist() == [1, 0, 1]
    assert figures(of(line([1, 1], 1)), staff(of(line([1, 1], 1)))).alone == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (line([1, 1], []), "一名专职网格员也没有"),
        (line([1, 1], 0), "workers应是1到"),
        (line([1, 1], 3), "有3名网格员，只有2个网格"),
        (line([1, 1, 1], 1), "至少要2名网格员，现在只有1名"),
        (line([1, 1], "两名"), "workers应是网格员的列表或人数"),
        (line([1, 1], [{"id": "李"}, {"id": "李"}]), "编号李出现了不止一次"),
        (line([1, 1], [{"id": "李", "x": 1.0}]), "网格员李的住处x和y"),
        (line([1, -1], 2), "网格1的load"),
        (street([1, 1, 1, 1], [(0, 1)], 2), "最多只能配成1对（网格2、3没有相邻网格）；至少要3名"),
    ],
)
def test_what_cannot_be_staffed_is_refused_in_words(form: dict[str, Any], words: str):
    with pytest.raises(Refused, match=words):
        staff(of(form))


def test_a_design_keeps_the_numbers_of_every_part_and_its_own_bound():
    form = district(900, seed=21)
    instance = planning.of(form)
    asked = int(instance.asked.sum())
    workers = asked - asked // 14
    found = design(instance, list(range(workers)), seconds=60.0, rounds=3)
    plan = planning.figures(instance, found.plan.grids)
    assert (plan.broken, plan.crossing, plan.wrong_number) == (0, 0, 0)
    of_staff = figures(found.instance, found.staffing, found.least)
    assert (of_staff.without_worker, of_staff.over_two, of_staff.apart) == (0, 0, 0)
    assert 0 <= of_staff.gap < 0.35
    afterwards = figures(found.instance, staff(found.instance))
    assert of_staff.heaviest <= afterwards.heaviest + 0.05


@settings(max_examples=40, deadline=None)
@given(strategies.integers(0, 2**32 - 1))
def test_no_other_shares_have_a_lighter_heaviest_part(seed: int):
    chance = np.random.default_rng(seed)
    form = row(24, 1)
    sizes = [6, 8, 10]
    form["parts"] = [{"id": part, "grids": int(chance.integers(1, 4))} for part in range(3)]
    form["adjacent"] = [pair for pair in form["adjacent"] if pair[1] not in (6, 14)]
    for at, building in enumerate(form["buildings"]):
        building["part"] = int(np.searchsorted(np.cumsum(sizes), at, side="right"))
        building["load"] = float(chance.integers(1, 9))
    instance = planning.of(form)
    least = -(-instance.asked // 2)
    workers = int(chance.integers(least.sum(), instance.asked.sum() + 1))
    load = np.bincount(instance.part, weights=instance.load)
    every = itertools.product(
        *(range(low, high + 1) for low, high in zip(least, instance.asked, strict=True))
    )
    best = min(float((load / np.array(way)).max()) for way in every if sum(way) == workers)
    assert float((load / shares(instance, workers)).max()) == pytest.approx(best)


def test_too_few_workers_for_the_parts_are_refused():
    form = row(6, 3)
    instance = planning.of(form)
    with pytest.raises(Refused, match="至少要2名"):
        shares(instance, 1)
    with pytest.raises(Refused, match="有4名网格员，只有3个网格"):
        shares(instance, 4)
    assert workers_of({"workers": 2})[0] == [1, 2]


@settings(max_examples=40, deadline=None)
@given(strategies.integers(0, 2**32 - 1))
def test_the_bound_of_a_small_part_is_what_the_best_division_reaches(seed: int):
    """Buildings in a row: every division is a choice of cuts."""
    chance = np.random.default_rng(seed)
    size, workers = int(chance.integers(2, 9)), int(chance.integers(1, 4))
    workers = min(workers, size)
    form = row(size, min(size, 2 * workers))
    loads = [float(chance.integers(1, 20)) for _ in range(size)]
    for building, load in zip(form["buildings"], loads, strict=True):
        building["load"] = load
    best = min(
        max(sum(loads[a:b]) for a, b in itertools.pairwise([0, *cuts, size]))
        for cuts in itertools.combinations(range(1, size), workers - 1)
    )
    bound = least_heaviest(planning.of(form), workers)
    assert bound * sum(loads) / workers == pytest.approx(best)
