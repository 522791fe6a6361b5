"""Needs to resources: the optimum by another solver and by its prices, one need more, and reasons."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies
from scipy.optimize import linear_sum_assignment

from doorstep.planning.errors import Refused
from doorstep.planning.matching import Matching, Met, Missed, arrive, explain, figures, match, of
from doorstep.planning.matching.matcher import market_of

seeds = strategies.integers(0, 2**32 - 1)


def market(seed: int, needs: int = 8, resources: int = 6) -> dict[str, Any]:
    chance = np.random.default_rng(seed)
    arcs = [
        [need, resource, round(float(chance.integers(0, 60)), 2)]
        for need in range(needs)
        for resource in range(resources)
        if chance.random() < 0.5
    ]
    return {
        "needs": [{"id": at, "urgency": int(chance.integers(1, 4))} for at in range(needs)],
        "resources": [{"id": at, "capacity": int(chance.integers(0, 3))} for at in range(resources)],
        "arcs": arcs,
    }


def by_assignment(matching: Matching) -> int:
    """The least cost by another solver: places as columns, and a column of staying unmet for each need."""
    now = market_of(matching)
    needs = matching.size
    column = np.concatenate([[0], np.cumsum(now.capacity)])
    big = 10**15
    costs = np.full((needs, int(column[-1]) + needs), big)
    for need in range(needs):
        costs[need, column[-1] + need] = matching.price_of_unmet * now.urgency[need]
        for arc in range(now.starts[need], now.starts[need + 1]):
            costs[need, column[now.heads[arc]] : column[now.heads[arc] + 1]] = now.costs[arc]
    return int(costs[linear_sum_assignment(costs)].sum())


def cost_of(matching: Matching) -> int:
    """Counted from the market alone; fails where a need has what does not fit it or a resource more than it can."""
    now = market_of(matching)
    held = np.bincount(matching.resource[matching.resource >= 0], minlength=len(now.capacity))
    assert (held <= now.capacity).all()
    total = 0
    for need, resource in enumerate(matching.resource.tolist()):
        spot = slice(now.starts[need], now.starts[need + 1])
        if resource < 0:
            total += matching.price_of_unmet * int(now.urgency[need])
        else:
            (cost,) = now.costs[spot][now.heads[spot] == resource]
            total += int(cost)
    return total


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_another_solver_finds_nothing_cheaper(seed: int):
    found = match(of(market(seed)))
    assert cost_of(found) == by_assignment(found)
    assert figures(found).gap == 0


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_needs_that_arrive_one_by_one_leave_the_optimum(seed: int):
    found = match(of(market(seed, needs=1)))
    chance = np.random.default_rng(seed)
    for later in range(40):
        heads = chance.permutation(6)[: chance.integers(0, 6)]
        before = found.resource.copy()
        changed = arrive(
            found, f"后{later}", heads, chance.integers(0, 10**6, len(heads)), int(chance.integers(1, 4))
        )
        moved = np.flatnonzero(found.resource[:-1] != before)
        assert changed == tuple(found.instance.needs[one] for one in moved)
        assert figures(found).gap == 0
    assert cost_of(found) == by_assignment(found)


def test_who_arrives_takes_what_leaves_all_best_off():
    found = match(of({"needs": [{"id": "甲"}], "resources": [{"id": "近"}, {"id": "远"}],
                      "arcs": [["甲", "近", 10], ["甲", "远", 30]]}))  # fmt: skip
    assert arrive(found, "乙", np.array([0]), np.array([2000])) == ("甲",)
    assert found.resource.tolist() == [1, 0]
    with pytest.raises(Refused, match="需求乙已在其中"):
        arrive(found, "乙", np.array([0]), np.array([1]))
    with pytest.raises(Refused, match="资源不存在"):
        arrive(found, "丙", np.array([2]), np.array([1]))


def fields(
    needs: list[dict[str, Any]], resources: list[dict[str, Any]], farthest: float = 100.0
) -> dict[str, Any]:
    plain = {"x": 0.0, "y": 0.0}
    return {
        "farthest": farthest,
        "needs": [{"id": f"需{at}", "kind": "陪诊", **plain, **row} for at, row in enumerate(needs)],
        "resources": [
            {"id": f"源{at}", "kinds": ["陪诊"], **plain, **row} for at, row in enumerate(resources)
        ],
    }


@pytest.mark.parametrize(
    ("resource", "failing"),
    [
        ({"x": 150.0}, ("far",)),
        ({"kinds": ["修锁"]}, ("kind",)),
        ({"since": 60, "until": 100}, ("time",)),
        ({"capacity": 0}, ("full",)),
    ],
)
def test_the_nearest_miss_says_what_it_failed_in(resource: dict[str, Any], failing: tuple[str, ...]):
    need = {"since": 0, "until": 90, "minutes": 45}
    worse = {"x": 900.0, "kinds": ["修锁"]}
    told = explain(match(of(fields([need], [worse, resource]))), 0)
    assert isinstance(told, Missed) and (told.nearest, told.failing) == ("源1", failing)


def test_a_match_says_who_has_the_nearer_one_and_what_it_would_cost():
    found = match(of(fields([{"x": 10.0}, {"x": 1.0}], [{}, {"x": 40.0}])))
    told = explain(found, 0)
    assert isinstance(told, Met) and told.resource == "源1" and told.metres == 30
    ((name, holders, extra),) = told.nearer
    assert (name, holders) == ("源0", ("需1",)) and 0 <= extra <= 18


def test_urgency_comes_before_metres():
    found = match(of(fields([{"x": 1.0}, {"x": 90.0, "urgency": 2}], [{}])))
    assert found.resource.tolist() == [-1, 0]


def test_windows_must_overlap_long_enough():
    need = {"since": 0, "until": 60, "minutes": 30}
    assert match(of(fields([need], [{"since": 30, "until": 99}]))).resource.tolist() == [0]
    assert match(of(fields([need], [{"since": 31, "until": 99}]))).resource.tolist() == [-1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"needs": []}, "缺少needs"),
        ({"farthest": -1}, "farthest应是0到"),
        ({"farthest": float("nan")}, "farthest应是0到"),
        ({"resources": [{"id": 1, "kinds": ["陪诊"], "x": 0, "y": 0, "capacity": -2}]}, "资源1的capacity应是0到"),
        ({"resources": [{"id": 1, "kinds": [], "x": 0, "y": 0}]}, "资源1的kinds应是非空列表"),
        ({"needs": [{"id": 1, "kind": "陪诊", "x": 0, "y": 0, "since": 9, "until": 8}]}, "需求1的until早于since"),
        ({"needs": [{"id": 1, "x": 0, "y": 0}]}, "需求1的kind"),
        ({"arcs": [["需0", "源7", 1]]}, "arcs第1项的需求'需0'或资源'源7'没有登记"),
        ({"arcs": [["需0", "源0", -1]]}, "arcs第1项的metres"),
        ({"arcs": [["需0", "源0", 1], ["需0", "源0", 2]]}, "需求需0与资源源0出现了不止一次"),
        ({"arcs": [[["x"], "源0", 1]]}, "arcs第1项"),
        ({"resources": [{"id": n, "kinds": ["陪诊"], "x": 0, "y": 0, "capacity": 10**9} for n in (1, 2)]}, "合计2000000000"),
    ],
)  # fmt: skip
def test_what_cannot_be_matched_is_refused_in_words(change: dict[str, Any], words: str):
    with pytest.raises(Refused, match=words):
        of({**fields([{}], [{}]), **change})


def test_more_arcs_than_fit_into_memory_are_refused_before_they_are_made():
    many = [{} for _ in range(3_000)]
    with pytest.raises(Refused, match="farthest改小"):
        of(fields(many, many))
