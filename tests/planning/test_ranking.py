"""Ranking against looking at each resource one by one."""

from __future__ import annotations

import math
from random import Random

from doorstep.planning.ranking import Wish, all_that_fit, pool_of, rank


def one_by_one(rows, areas, wish):
    """(lacks, metres, place), by the plain meaning of each rule."""
    found = []
    for at, (kind, x, y, weekdays, opens, closes, since, until) in enumerate(rows):
        away = math.hypot(x - wish.xy[0], y - wish.xy[1])
        lacks = []
        if kind != wish.kind:
            lacks.append("kind")
        if not any(row == at and code in wish.areas for row, code in areas):
            lacks.append("area")
        together = min(closes, wish.closes) - max(opens, wish.opens)
        days = since <= wish.until and until >= wish.since and weekdays & wish.weekdays
        if not days or together < max(wish.minutes, 1):
            lacks.append("time")
        if away > wish.farthest:
            lacks.append("far")
        found.append((tuple(lacks), away, at))
    return found


def some(random: Random, count: int):
    rows = [
        (
            random.randrange(3), random.uniform(0, 4000), random.uniform(0, 4000), random.randrange(1, 128),
            start := random.randrange(0, 1200), random.randrange(start + 1, 1441), 100, random.randrange(90, 200),
        )
        for _ in range(count)
    ]  # fmt: skip
    return rows, [(random.randrange(count), random.randrange(4)) for _ in range(count * 2)]


def test_as_looked_at_one_by_one() -> None:
    random = Random(7)
    for _turn in range(60):
        rows, areas = some(random, random.randrange(1, 40))
        wish = Wish(
            (2000.0, 2000.0), random.randrange(4), random.randrange(1, 128), 500, 900, 110, 150, random.randrange(0, 200),
            tuple(random.sample(range(5), 2)), 1500.0,
        )  # fmt: skip
        pool, told = pool_of(rows, areas), one_by_one(rows, areas, wish)
        fits = sorted((away, at) for lacks, away, at in told if not lacks)
        found = rank(pool, wish, 5)
        if fits:
            assert [one.resource for one in found] == [at for _away, at in fits[:5]]
            assert sorted(all_that_fit(pool, wish)[0].tolist()) == sorted(at for _away, at in fits)
        else:
            least = min((len(lacks), away) for lacks, away, _at in told)
            assert len(found[0].lacks) == least[0] and math.isclose(found[0].metres, least[1])
            assert found[0].lacks == told[found[0].resource][0]


def test_an_empty_pool_has_nothing() -> None:
    wish = Wish((0.0, 0.0), 0, 127, 0, 1440, 1, 2, 0, (1,), 10.0)
    assert rank(pool_of([], []), wish, 3) == []
