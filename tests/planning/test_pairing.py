"""Mentors and apprentices: nobody blocks, apprentices have the best they can, pins and quotas are kept."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from doorstep.planning.errors import Refused
from doorstep.planning.pairing import Pairing, blocking_pairs, figures, of, pair, why_not


def school(seed: int, mentors: int = 4, apprentices: int = 6, **more: Any) -> dict[str, Any]:
    chance = np.random.default_rng(seed)

    def some(count: int) -> list[int]:
        return [int(one) for one in chance.permutation(count)[: chance.integers(0, count + 1)]]

    return {
        "mentors": [
            {"id": at, "capacity": int(chance.integers(0, 4)), "area": int(chance.integers(2)), "prefers": some(apprentices)}
            for at in range(mentors)
        ],
        "apprentices": [
            {"id": at, "area": int(chance.integers(2)), "prefers": some(mentors)} for at in range(apprentices)
        ],
        **more,
    }  # fmt: skip


def counted(form: dict[str, Any], mentor: list[int], caps: Any = None) -> int:
    """Blocking pairs, from the form alone."""
    pinned = {pin[1]: pin[0] for pin in form.get("pins", [])}
    count = 0
    for one, other in itertools.product(form["apprentices"], form["mentors"]):
        a, m = one["id"], other["id"]
        if a in pinned or m not in one["prefers"] or a not in other["prefers"] or mentor[a] == m:
            continue
        if mentor[a] >= 0 and one["prefers"].index(mentor[a]) < one["prefers"].index(m):
            continue
        held = [b for b, have in enumerate(mentor) if have == m and b not in pinned]
        room = other["capacity"] - sum(have == m for have in pinned.values())
        best = sorted([*held, a], key=other["prefers"].index)
        chosen: list[int] = []
        for b in best:
            across = int(form["apprentices"][b]["area"] != other["area"])
            like = sum(int(form["apprentices"][c]["area"] != other["area"]) == across for c in chosen)
            if len(chosen) < room and (caps is None or like < caps[m][across]):
                chosen.append(b)
        count += a in chosen
    return count


seeds = strategies.integers(0, 2**32 - 1)


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_nobody_blocks(seed: int):
    form = school(seed)
    found = pair(of(form))
    assert counted(form, found.mentor.tolist()) == 0 == len(blocking_pairs(found))
    held = np.bincount(found.mentor[found.mentor >= 0], minlength=4)
    assert (held <= [one["capacity"] for one in form["mentors"]]).all()
    told = figures(found)
    assert told.pairs <= told.most_pairs and told.first_choices <= told.most_first_choices


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_every_apprentice_has_the_best_of_any_stable_pairing(seed: int):
    form = school(seed, 3, 4)
    mine = pair(of(form)).mentor.tolist()
    answering = [
        [-1, *(m for m in one["prefers"] if one["id"] in form["mentors"][m]["prefers"])]
        for one in form["apprentices"]
    ]
    for other in itertools.product(*answering):
        over = any(other.count(one["id"]) > one["capacity"] for one in form["mentors"])
        if over or counted(form, list(other)):
            continue
        for one, have, could in zip(form["apprentices"], mine, other, strict=True):
            assert could < 0 or one["prefers"].index(have) <= one["prefers"].index(could)


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_the_counter_of_blocking_pairs_agrees_with_plain_counting(seed: int):
    form = school(seed)
    found = pair(of(form))
    chance = np.random.default_rng(seed)
    mentor = np.where(chance.random(6) < 0.4, -1, found.mentor)  # some lose theirs
    worse = Pairing(found.instance, mentor, found.room, found.caps)
    assert len(blocking_pairs(worse)) == counted(form, mentor.tolist())


@settings(max_examples=150, deadline=None)
@given(seeds, strategies.sampled_from([0.0, 0.3, 0.5]), strategies.sampled_from([0.5, 0.7, 1.0]))
def test_quotas_are_kept_and_nobody_blocks_within_them(seed: int, least: float, most: float):
    form = school(seed, cross_least=least, cross_most=most)
    try:
        found = pair(of(form))
    except Refused as refusal:
        assert "跨片比例" in str(refusal)
        return
    told = figures(found)
    assert least * told.pairs <= told.across <= most * told.pairs
    assert counted(form, found.mentor.tolist(), found.caps) == 0 == told.blocking


def test_pins_stand_outside_the_choice():
    form = school(3, pins=[[0, 2]])
    form["mentors"][0]["capacity"] = 1
    form["mentors"][0]["prefers"] = [0, 1]
    found = pair(of(form))
    assert found.mentor[2] == 0 and (np.flatnonzero(found.mentor == 0) == [2]).all()
    assert counted(form, found.mentor.tolist()) == 0


def test_it_says_who_had_the_mentor_one_would_have_liked():
    found = pair(
        of(
            {
                "mentors": [{"id": "王", "prefers": ["甲", "乙"]}, {"id": "赵", "prefers": ["乙"]}],
                "apprentices": [{"id": "乙", "prefers": ["王", "赵"]}, {"id": "甲", "prefers": ["王"]}],
            }
        )
    )
    (told,) = why_not(found, 0)
    assert (told.mentor, told.place, told.own_place, told.holder, told.holder_place) == ("王", 1, 2, "甲", 1)
    assert why_not(found, 1) == ()


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_every_refusal_names_somebody_the_mentor_likes_better_or_no_room(seed: int):
    found = pair(of(school(seed)))
    for apprentice in range(6):
        for told in why_not(found, apprentice, most=99):
            assert told.holder is None or told.holder_place < told.own_place
            assert told.holder is not None or found.room[told.mentor] == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mentors": []}, "缺少mentors"),
        ({"pins": [[0, 0], [1, 0]]}, "把徒弟0同时指派给导师0和1"),
        ({"pins": [[9, 0]]}, "没登记的人"),
        ({"pins": [[0, 0], [0, 1], [0, 2]]}, "给导师0指派了3名徒弟，超过名额capacity=2"),
        ({"pins": [7]}, "pins第1项"),
        ({"cross_least": 0.6, "cross_most": 0.5}, "下限cross_least=0.6大于上限"),
        ({"cross_most": 2}, "cross_most应是0到1"),
    ],
)
def test_what_contradicts_itself_is_refused_in_words(change: dict[str, Any], words: str):
    form = school(1)
    form["mentors"][0]["capacity"] = 2
    with pytest.raises(Refused, match=words):
        of({**form, **change})


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"prefers": [0, 77]}, "prefers里的77不是登记的徒弟"),
        ({"prefers": [0, [1]]}, r"prefers里的\[1\]不是登记的徒弟"),
        ({"prefers": [0, 1, 0]}, "徒弟0出现了不止一次"),
        ({"prefers": "0"}, "应是徒弟编号的列表"),
        ({"capacity": -1}, "导师0的capacity应是0到"),
        ({"id": 1}, "编号1出现了不止一次"),
        ({"area": [1]}, "导师0的area"),
    ],
)
def test_a_mentor_who_is_not_right_is_named(row: dict[str, Any], words: str):
    form = school(1)
    form["mentors"][0].update(row)
    with pytest.raises(Refused, match=words):
        of(form)


def test_a_quota_the_pins_break_is_refused():
    form = school(1, pins=[[0, 0]], cross_most=0)
    form["mentors"][0].update(capacity=1, area=0)
    form["apprentices"][0]["area"] = 1
    with pytest.raises(Refused, match="组织指派"):
        pair(of(form))
