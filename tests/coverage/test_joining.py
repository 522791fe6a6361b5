"""Suggestions for joint branches: near, of one trade first, enough members, few units, and a district's in a second."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from doorstep.modules.coverage import rules
from doorstep.modules.coverage.joining import Candidate, Terms, suggestions

TERMS = Terms(least=3, most=5, reach=600)
STREET = "210202005"
METRE = 1 / 111_320


def one(
    number: int, north: float = 0.0, *, trade: str = "law", full: int = 1, place: str = STREET + "011"
) -> Candidate:
    """`north`: metres north of the first."""
    return Candidate(number, 121.62, 38.92 + north * METRE, trade, full, place)


def test_the_nearest_that_are_enough() -> None:
    found = suggestions([one(1), one(2, 100), one(3, 200), one(4, 250), one(5, 5000)], TERMS)
    assert [group.numbers for group in found] == [(1, 2, 3)]
    assert (found[0].full, found[0].metres, found[0].trade) == (3, 200, "law")


def test_of_one_trade_first() -> None:
    found = suggestions([one(1, full=2), one(2, 200, trade="health", full=1), one(3, 300, full=1)], TERMS)
    assert [(group.numbers, group.trade) for group in found] == [((1, 3), "law")]


def test_no_more_units_than_may_be() -> None:
    assert suggestions([one(n, n * 10) for n in range(1, 3)], TERMS) == []
    tight = Terms(least=6, most=5, reach=600)
    assert suggestions([one(n, n * 10) for n in range(1, 10)], tight) == []


def test_not_across_streets() -> None:
    assert suggestions([one(1, full=2), one(2, 10, full=2, place="210202006001")], TERMS) == []


def test_the_same_for_the_same_in_any_order() -> None:
    rows = district(200)
    shuffled = random.Random(1).sample(rows, len(rows))
    assert suggestions(rows, TERMS) == suggestions(shuffled, TERMS)


def district(number: int) -> list[Candidate]:
    lot = random.Random(number)
    return [
        Candidate(
            n, 121.58 + 0.1 * lot.random(), 38.88 + 0.06 * lot.random(), lot.choice(("law", "trade", "software")),
            1 + lot.randrange(2), f"21020200{1 + n % 6}001",
        )
        for n in range(number)
    ]  # fmt: skip


def test_a_district_of_a_thousand(record_property: Callable[[str, object], None]) -> None:
    rows = district(1000)
    began = time.perf_counter()
    found = suggestions(rows, TERMS)
    record_property("seconds", time.perf_counter() - began)
    by_number = {row.number: row for row in rows}
    placed = [number for group in found for number in group.numbers]
    assert len(placed) == len(set(placed)) > 500
    for group in found:
        own = [by_number[number] for number in group.numbers]
        assert 2 <= len(own) <= 5 and sum(row.full for row in own) == group.full >= 3 and group.metres <= 600
        assert len({row.place[:9] for row in own}) == 1


def test_where_several_stand() -> None:
    assert rules.place_of_several(["210202005011", "210202005011"]) == "210202005011"
    assert rules.place_of_several(["210202005011", "210202005012"]) == "210202005"
    assert rules.place_of_several(["210202005011", "210202006001"]) == ""
    assert [rules.usual_plan(full, 3) for full in (0, 2, 3)] == ["instructor", "joint", "own"]
    assert all(rules.usual_plan(full, 3) in rules.plans_for(full, 3) for full in range(6))
    assert [rules.plans_for(full, 3) for full in (0, 2, 3)] == [
        ["instructor", "members"], ["joint", "members"], ["own", "joint"],
    ]  # fmt: skip
