"""What a person decided beforehand about groups is kept, or refused in words; as little as will do is divided anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from doorstep.planning.errors import Refused
from doorstep.planning.groups import explain, figures, groups, numbered, of, repaired
from doorstep.planning.groups.exact import MOST
from tests.planning.test_groups import every_division, line, town, towns


def drawn(form: dict[str, Any], chance: np.random.Generator, count: int) -> dict[str, Any]:
    """The form with a few pins of any kind, whether they can be kept or not."""
    ids = [row["id"] for row in form["buildings"]]
    pins: dict[str, list[Any]] = {"together": [], "apart": [], "inside": []}
    for _ in range(count):
        kind = ["together", "apart", "inside"][int(chance.integers(3))]
        one, other = (int(at) for at in chance.choice(len(ids), 2, replace=False))
        pins[kind].append(
            [ids[one], f"组{chance.integers(2)}"] if kind == "inside" else [ids[one], ids[other]]
        )
    return {**form, "pins": pins}


def kept(form: dict[str, Any], label: np.ndarray) -> bool:
    """Told from the form alone."""
    at = {row["id"]: int(group) for row, group in zip(form["buildings"], label, strict=True)}
    names: dict[str, set[int]] = {}
    for building, name in form["pins"]["inside"]:
        names.setdefault(name, set()).add(at[building])
    return (
        all(len({at[one] for one in row}) == 1 for row in form["pins"]["together"])
        and all(at[one] != at[other] for one, other in form["pins"]["apart"])
        and all(len(found) == 1 for found in names.values())
        and len(set.union(set(), *names.values())) == len(names)
    )


@settings(max_examples=30, deadline=None)
@given(towns(6), strategies.integers(0, 2**32 - 1), strategies.integers(1, 3))
def test_small_pieces_are_the_most_even_that_keep_the_pins_or_refused(
    form: dict[str, Any], seed: int, count: int
):
    if len(form["buildings"]) < 2:
        return
    form = drawn(form, np.random.default_rng(seed), count)
    possible = [label for label in every_division(of({**form, "pins": None})) if kept(form, label)]
    try:
        mine = groups(of(form)).group
    except Refused:
        assert not possible
        return
    squares = [float((np.bincount(label, weights=of(form).members) ** 2).sum()) for label in possible
               if label.max() == mine.max()]  # fmt: skip
    assert kept(form, mine)
    assert float((np.bincount(mine, weights=of(form).members) ** 2).sum()) == min(squares)


@settings(max_examples=25, deadline=None)
@given(strategies.integers(0, 2**32 - 1), strategies.integers(MOST + 1, 60))
def test_large_pieces_keep_what_some_division_keeps(seed: int, size: int):
    """Pins read off a division that is there; whoever searches without them breaks them nearly always."""
    chance = np.random.default_rng(seed)
    pairs = [(at, int(chance.integers(max(0, at - 4), at))) for at in range(1, size)]
    pairs += [(at, at - 2) for at in range(2, size)]
    form = town(chance.integers(1, 5, size).tolist(), pairs, size=8)
    there = groups(of(form), seed=7).group
    one, other = (int(at) for at in chance.choice(size, 2, replace=False))
    mate = int(chance.choice(np.flatnonzero(there == there[one])))
    pins: dict[str, list[Any]] = {"together": [], "apart": [], "inside": [[one, "甲"], [mate, "甲"]]}
    if there[one] != there[other]:
        pins["apart"].append([one, other])
    form["pins"] = pins
    label = groups(of(form), seed=1).group
    found = figures(of(form), label)
    assert (found.under, found.broken, found.pins_broken) == (0, 0, 0)
    assert kept(form, label)


def test_a_pin_changes_no_more_than_it_must():
    """Three pairs in a line, two of them in another branch: parting a pair makes its group and the next one anew, and no other."""
    form = line([3] * 8, size=6)
    for row in form["buildings"][6:]:
        row["branch"] = "乙"
    before = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    apart = of({**form, "pins": {"apart": [[0, 1]]}})
    after = numbered(repaired(apart, before), before, apart.members, 4)
    assert after.tolist()[4:] == [2, 2, 3, 3]
    assert len(set(after.tolist()[:4])) == 2 and after[0] != after[1]
    kept_already = of({**form, "pins": {"together": [[4, 5]]}})
    assert repaired(kept_already, before).tolist() == before.tolist()
    torn = of({**form, "pins": {"together": [[0, 5]]}})
    assert len(set(repaired(torn, before).tolist()[:6])) == 1
    with pytest.raises(Refused, match="全部要求"):
        repaired(of({**form, "pins": {"apart": [[6, 7]]}, "minimum": 6}), np.array([0] * 6 + [1, 1]))


def test_a_group_has_the_number_it_is_held_to_and_nobody_else_has():
    group, today = np.array([4, 4, 7, 7, 9]), np.array([0, 0, 1, 1, -1])
    assert numbered(group, today, np.ones(5, dtype=np.int64), 2, {0: 1}).tolist() == [1, 1, 2, 2, 3]
    assert numbered(group, today, np.ones(5, dtype=np.int64), 2, {4: 2}).tolist() == [0, 0, 1, 1, 2]
    assert numbered(group, today, np.ones(5, dtype=np.int64), 2, {4: 0, 0: 2}).tolist() == [2, 2, 1, 1, 0]


def test_why_a_building_stays_says_that_somebody_decided_it():
    form = line([3, 3, 3, 3], size=6)
    told = explain(of({**form, "pins": {"together": [[0, 1]]}}), np.array([0, 0, 1, 1]), 0)
    assert [(move.building, move.why) for move in told.moves] == [(1, "pinned")]
    told = explain(of({**form, "pins": {"inside": [[1, "甲"]]}}), np.array([0, 0, 1, 1]), 0)
    assert [move.why for move in told.moves] == ["pinned"]


@pytest.mark.parametrize(
    ("pins", "words"),
    [
        ([], "pins应是一个对象"),
        ({"anders": []}, "只含together、apart、inside"),
        ({"together": 3}, "pins.together应是一个列表"),
        ({"together": [[1]]}, r"pins.together第1项应是两个以上楼栋编号"),
        ({"together": [[1, 99]]}, r"pins.together第1项里的99不是已登记的楼栋"),
        ({"together": [[1, [2]]]}, r"不是已登记的楼栋"),
        ({"apart": [[1, 2, 3]]}, r"pins.apart第1项应是两个楼栋编号"),
        ({"apart": [[1, 1]]}, r"楼栋1、1要分开，别的要求却"),
        ({"inside": [[1]]}, r"pins.inside第1项应是楼栋编号和组的编号"),
        ({"inside": [[1, None]]}, r"pins.inside第1项应是楼栋编号和组的编号"),
        ({"inside": [[1, "甲"], [1, "乙"]]}, "把楼栋1同时定在两个组"),
        ({"together": [[0, 1], [1, 2]], "apart": [[0, 2]]}, "楼栋0、2要分开，别的要求却把它们放在一个组"),
        ({"together": [[0, 1]], "inside": [[0, "甲"], [1, "乙"]]}, "别的要求却"),
        ({"inside": [[0, "甲"], [1, "甲"]], "apart": [[0, 1]]}, "别的要求却"),
        ({"together": [[0, 4]]}, "楼栋0、4不在一个支部"),
        ({"inside": [[0, "甲"], [4, "甲"]]}, "楼栋0、4不在一个支部"),
        ({"together": [[4, 5]]}, "楼栋4、5之间没有相邻的楼相连"),
        ({"apart": [[0, 1], [1, 2], [0, 2], [0, 3], [1, 3], [2, 3]], "together": []}, "全部要求"),
    ],
)
def test_pins_that_cannot_be_kept_are_refused_in_words(pins: Any, words: str):
    form = town([3, 3, 3, 1, 3, 3], [(0, 1), (1, 2), (2, 3)])
    for at in (4, 5):
        form["buildings"][at]["branch"] = "乙"
    with pytest.raises(Refused, match=words):
        groups(of({**form, "pins": pins}))
