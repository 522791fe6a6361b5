"""Which buildings are neighbours for groups, which numbers groups keep, and why a group is as it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies
from scipy.spatial import cKDTree

from doorstep.planning.errors import Refused
from doorstep.planning.grids import neighbours_among
from doorstep.planning.grids.connection import pieces_inside
from doorstep.planning.groups import explain, groups, numbered, of, tears
from tests.planning.test_groups import line, town


@settings(max_examples=60, deadline=None)
@given(strategies.integers(0, 2**32 - 1), strategies.integers(2, 60), strategies.floats(20, 400))
def test_few_pairs_hold_together_what_all_hold_together(seed: int, size: int, metres: float) -> None:
    chance = np.random.default_rng(seed)
    x, y = chance.uniform(0, 500, size).round(-1), chance.uniform(0, 500, size).round(-1)
    part = chance.integers(0, 3, size)
    near = cKDTree(np.stack([x, y], axis=1)).query_pairs(metres, output_type="ndarray").reshape(-1, 2)
    kept = neighbours_among(x, y, part, near)
    pairs = {tuple(sorted(pair)) for pair in near.tolist()}
    assert {tuple(pair) for pair in kept.tolist()} <= pairs
    assert all(part[one] == part[other] for one, other in kept.tolist())
    assert len(kept) <= 4 * size
    same = lambda edges: pieces_inside(part, edges)  # noqa: E731  said twice on the next line
    assert _alike(same(kept), same(near))


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    pairs = {tuple(pair) for pair in zip(one.tolist(), other.tolist(), strict=True)}
    return len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))


def test_nobody_near_has_no_pairs() -> None:
    none = np.zeros((0, 2), dtype=np.int64)
    assert len(neighbours_among(np.arange(3.0), np.zeros(3), np.zeros(3, dtype=np.int64), none)) == 0


def test_numbers_stay_where_most_members_do() -> None:
    group = np.array([4, 4, 7, 7, 7, 9])
    today = np.array([0, 0, 0, 1, 1, -1])
    assert numbered(group, today, np.array([1, 1, 5, 1, 1, 3]), 2).tolist() == [2, 2, 0, 0, 0, 3]
    assert numbered(group, today, np.array([1, 1, 1, 1, 1, 3]), 2).tolist() == [0, 0, 1, 1, 1, 2]


@settings(max_examples=60, deadline=None)
@given(strategies.integers(0, 2**32 - 1), strategies.integers(1, 30))
def test_numbers_are_one_to_a_group(seed: int, size: int) -> None:
    chance = np.random.default_rng(seed)
    group, today = chance.integers(0, 6, size), chance.integers(-1, 5, size)
    found = numbered(group, today, chance.integers(0, 9, size), 5)
    assert _alike(group, found)
    assert all(set(today[found == one].tolist()) & {one} for one in set(found.tolist()) if one < 5)


def test_a_line_explained() -> None:
    instance = of(line([3, 3, 1, 3, 3], size=6))
    label = np.array([0, 0, 1, 1, 1])
    told = explain(instance, label, 1)
    assert (told.members, told.neighbours, told.piece_members, told.piece_groups) == (7, ((0, 1),), 13, 2)
    assert (told.most, told.ceiling, told.least) == (4, 4, 7)
    assert [(move.building, move.group, move.why, move.left, move.there) for move in told.moves] == [
        (2, 0, "possible", 6, 7)
    ]
    assert [move.why for move in explain(instance, np.array([0, 0, 0, 0, 1]), 1).moves] == ["short"]
    assert [move.why for move in explain(instance, np.array([0, 0, 0, 1, 1]), 0).moves] == ["possible"]
    assert [move.why for move in explain(instance, np.array([0, 1, 1, 1, 1]), 0).moves] == ["short"]


def test_what_tears_is_told() -> None:
    instance = of(town([3, 3, 3, 3], [(0, 1), (1, 2), (1, 3)]))
    before = np.array([0, 0, 0, 1])
    assert tears(instance, before, np.array([0, 1, 0, 1])) == [0]
    assert tears(instance, before, np.array([0, 0, 1, 1])) == [1]
    assert tears(instance, np.array([0, -1, 0, 1]), np.array([0, -1, 0, 1])) == []
    moves = explain(instance, before, 0).moves
    assert [(move.building, move.why) for move in moves] == [(1, "torn")]


def test_a_group_that_is_not_there_is_refused() -> None:
    instance = of(line([3, 3]))
    with pytest.raises(Refused, match="没有组5"):
        explain(instance, groups(instance).group, 5)
