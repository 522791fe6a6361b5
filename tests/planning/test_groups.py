"""Building groups: connected, within the branch, with the minimum; the most even where that can be counted out."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from doorstep.planning.errors import Refused
from doorstep.planning.groups import figures, groups, of
from doorstep.planning.groups.exact import MOST


def town(members: list[int], pairs: list[tuple[int, int]], **more: Any) -> dict[str, Any]:
    buildings = [{"id": at, "branch": 0, "members": count} for at, count in enumerate(members)]
    return {"minimum": 3, "buildings": buildings, "adjacent": [list(pair) for pair in pairs], **more}


def line(members: list[int], **more: Any) -> dict[str, Any]:
    return town(members, [(at, at + 1) for at in range(len(members) - 1)], **more)


@strategies.composite
def towns(draw: strategies.DrawFn, most: int) -> dict[str, Any]:
    size = draw(strategies.integers(1, most))
    chance = np.random.default_rng(draw(strategies.integers(0, 2**32 - 1)))
    pairs = [(at, int(chance.integers(at))) for at in range(1, size)]
    pairs += [(int(a), int(b)) for a, b in chance.integers(0, size, (size // 2, 2)) if a != b]
    form = town(chance.integers(0, 5, size).tolist(), pairs, size=draw(strategies.integers(3, 9)))
    form["buildings"][0]["members"] += 3
    return form


@settings(max_examples=60, deadline=None)
@given(towns(40))
def test_every_group_is_connected_and_has_the_minimum(form: dict[str, Any]):
    instance = of(form)
    found = figures(instance, groups(instance).group)
    assert (found.under, found.broken, found.crossing) == (0, 0, 0)
    assert found.largest_to_mean >= found.least_to_mean - 1e-9


def every_division(instance: Any) -> list[np.ndarray]:
    """All connected divisions with the minimum, by plain enumeration of labels."""
    size = len(instance.buildings)
    found = []
    for label in itertools.product(range(size), repeat=size):
        if any(group > max(label[:at], default=-1) + 1 for at, group in enumerate(label)):
            continue  # another name of a division looked at already
        of_label = figures(instance, np.array(label))
        if of_label.broken == 0 and of_label.under == 0:
            found.append(np.array(label))
    return found


@settings(max_examples=15, deadline=None)
@given(towns(6))
def test_small_pieces_are_the_most_even_there_can_be(form: dict[str, Any]):
    instance = of(form)

    def squares(label: np.ndarray) -> float:
        return float((np.bincount(label, weights=instance.members) ** 2).sum())

    mine = groups(instance).group
    same = [label for label in every_division(instance) if label.max() == mine.max()]
    assert squares(mine) == min(squares(label) for label in same)


def test_the_asked_number_and_the_most_there_can_be():
    members = [1, 2, 3, 1, 2, 3, 4, 2]
    three = of(line(members, branches=[{"id": 0, "groups": 4}]))
    assert figures(three, groups(three).group).groups == 4
    with pytest.raises(Refused, match=r"支部0要7个组.*最多只能有5个"):
        groups(of(line(members, branches=[{"id": 0, "groups": 7}])))


def test_large_pieces_are_searched_and_the_seed_decides():
    chance = np.random.default_rng(5)
    instance = of(line(chance.integers(0, 4, 4 * MOST).tolist(), size=9))
    one, other = groups(instance, seed=3), groups(instance, seed=3)
    assert (one.group == other.group).all()
    assert figures(instance, one.group).under == 0


def test_an_island_is_named_with_the_best_that_can_be_or_stays_a_group_when_allowed():
    form = town([3, 3, 2], [(0, 1)])
    with pytest.raises(Refused, match=r"楼栋2与本支部其他楼不相邻，共2名.*至多2人"):
        groups(of(form))
    allowed = of({**form, "short": True})
    found = figures(allowed, groups(allowed).group)
    assert (found.under, found.unavoidable) == (1, 1)


def test_pieces_need_as_many_groups():
    with pytest.raises(Refused, match="互不相邻的2片，至少要2个组"):
        groups(of(town([3, 3], [], branches=[{"id": 0, "groups": 1}])))


def test_groups_do_not_leave_their_branch():
    form = line([3, 3, 3, 3])
    form["buildings"][2]["branch"] = form["buildings"][3]["branch"] = "乙"
    instance = of({**form, "size": 12})
    assert groups(instance).group.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"buildings": []}, "缺少buildings"),
        ({"adjacent": [[0, 9]]}, "adjacent第1项里的9不是已登记的楼栋"),
        ({"adjacent": [[1, 1]]}, "与它自己相邻"),
        ({"minimum": 0}, "最外层的minimum应是1到"),
        ({"size": 2}, "最外层的size应是3到"),
        ({"branches": [{"id": "没有", "groups": 1}]}, "支部没有没有楼栋"),
        ({"short": 1}, "short应是true或false"),
    ],
)
def test_what_cannot_be_grouped_is_refused_in_words(change: dict[str, Any], words: str):
    with pytest.raises(Refused, match=words):
        groups(of({**line([3, 3]), **change}))


@pytest.mark.parametrize("members", [-1, 1.5, None, True, "3", 10**9])
def test_members_are_a_number_of_people(members: Any):
    form = line([3, 3])
    form["buildings"][1]["members"] = members
    with pytest.raises(Refused, match="楼栋1的members"):
        of(form)


def test_the_same_building_twice():
    form = line([3, 3])
    form["buildings"][1]["id"] = 0
    with pytest.raises(Refused, match="编号0出现了不止一次"):
        of(form)


def test_the_minimum_comes_before_evenness():
    """Groups of 2, 7 and 6 would be more even than 9, 3 and 3."""
    form = town([3, 3, 6, 1, 2], [(1, 0), (2, 0), (3, 2), (4, 2)], branches=[{"id": 0, "groups": 3}])
    instance = of(form)
    sizes = np.bincount(groups(instance).group, weights=instance.members)
    assert sorted(sizes.tolist()) == [3, 3, 9]
