"""Grids designed around their workers: as many territories as workers first, then some cut in two."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from doorstep.planning.errors import Refused
from doorstep.planning.forms import Floats, Ints, Name
from doorstep.planning.grids import Plan, grids
from doorstep.planning.grids.connection import neighbour_lists
from doorstep.planning.grids.instance import Instance as District
from doorstep.planning.grids.instance import Pins
from doorstep.planning.staff.bounding import least_heaviest
from doorstep.planning.staff.instance import Instance
from doorstep.planning.staff.reading import enough
from doorstep.planning.staff.staffing import Staffing, staffed

EVERYWHERE = 0.75  # of the time; the rest goes to the parts with the heaviest workers
AT_ONCE = 2.0  # seconds for such a part
GIVEN_UP = 4  # times that a part got no lighter
CUTS = 3  # rounds for cutting a territory in two


@dataclass(frozen=True, eq=False)
class Design:
    """`plan`: the grids; `staffing`: their workers; `instance`: both as a staffing problem, grids by their numbers. `workers[p]`: workers
    of part p. `least`: a bound on the heaviest ÷ mean worker of any plan with so many grids in each part, whoever has which."""

    plan: Plan
    instance: Instance
    staffing: Staffing
    workers: Ints
    least: float


def shares(district: District, workers: int) -> Ints:
    """Workers of each part: between half its grids and all of them, so that the heaviest mean worker of a part is as light as can be.
    Each further worker goes where the work of a worker is most. Refused when they cannot be enough or are too many."""
    least = -(-district.asked // 2)
    enough(workers, int(district.asked.sum()))
    if workers < least.sum():
        raise Refused(
            f"每片每人至多两个网格、不跨片，至少要{least.sum()}名网格员，现在只有{workers}名；请增员或减少网格。"
        )
    given = least.copy()
    load = np.bincount(district.part, weights=district.load, minlength=len(given))
    while given.sum() < workers:
        given[np.argmax(np.where(given < district.asked, load / given, -1.0))] += 1
    return given


def design(
    district: District,
    workers: list[Name],
    home: Floats | None = None,
    *,
    seconds: float = 20.0,
    seed: int = 0,
    rounds: int | None = None,
    given: Ints | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Design:
    """Grids, exactly as many in each part as asked, and their workers, none across parts. Pins are not looked at; today's grids decide
    only which number each new one has: that of which it has most households.

    `given`: workers of each part, where they stand; else they are shared out. `seconds`, `seed`, `rounds`, `should_stop`: as for grids; with `rounds` the heaviest parts are not taken up again.
    """
    began = time.perf_counter()
    given = shares(district, len(workers)) if given is None else _fitting(district, given)
    plain = with_asked(district, given)
    share = 1.0 if rounds else EVERYWHERE
    first = grids(plain, seconds=share * seconds, seed=seed, rounds=rounds, should_stop=should_stop)
    territory = plain.slots_of(first.grids)
    if not rounds:
        _lightened(plain, territory, began + seconds, seed, should_stop)
    label = _like_today(district, _cut(district, given, territory, seed))
    owner = np.empty(int(district.asked.sum()), dtype=np.int64)
    owner[label] = territory
    load: Floats = np.bincount(label, weights=district.load).astype(np.float64)
    middle = np.stack(
        [np.bincount(label, weights=one) / np.bincount(label) for one in (district.x, district.y)], axis=1
    )
    across = label[district.edges]
    edges = np.unique(np.sort(across[across[:, 0] != across[:, 1]], axis=1), axis=0)
    homes = np.full((len(workers), 2), np.nan) if home is None else home
    instance = Instance([int(one) for one in district.numbers], load, middle, edges, list(workers), homes)
    plan = Plan(district.numbers[label], seed, first.rounds, time.perf_counter() - began)
    return Design(plan, instance, staffed(instance, owner), given, least_heaviest(district, len(workers)))


def _fitting(district: District, given: Ints) -> Ints:
    """Refused, naming the part, where its workers are too few or too many for its grids."""
    for part, (workers, asked) in enumerate(zip(given.tolist(), district.asked.tolist(), strict=True)):
        try:
            enough(workers, asked)
        except Refused as refused:
            raise Refused(f"片{district.part_ids[part]}：{refused}") from refused
    return given


def _like_today(district: District, label: Ints) -> Ints:
    """The same pieces, each with the slot of today's grid of which it has most households, as far as all can."""
    found = label.copy()
    has = district.today >= 0
    if not has.any():
        return found
    shared = np.zeros((int(district.first[-1]),) * 2)
    np.add.at(shared, (label[has], district.today[has]), district.households[has] + 1e-6)
    for part in range(len(district.asked)):
        slots = slice(int(district.first[part]), int(district.first[part + 1]))
        pieces, takes = linear_sum_assignment(-shared[slots, slots])
        mine = district.part == part
        found[mine] = slots.start + takes[np.argsort(pieces)][label[mine] - slots.start]
    return found


def with_asked(district: District, asked: Ints) -> District:
    """The same buildings with other numbers of grids, without pins and today's grids."""
    first = np.concatenate([[0], np.cumsum(asked)]).astype(np.int64)
    none = np.empty((0, 2), dtype=np.int64)
    free = np.full(district.size, -1, dtype=np.int64)
    return replace(
        district,
        asked=asked,
        first=first,
        numbers=np.arange(first[-1]),
        today=free,
        pins=Pins(none, none, free),
    )


def _alone(district: District, places: Ints, asked: int) -> District:
    """These buildings of one part by themselves."""
    index = np.full(district.size, -1, dtype=np.int64)
    index[places] = np.arange(len(places))
    edges = index[district.edges]
    edges = edges[(edges >= 0).all(axis=1)]
    starts, neighbours = neighbour_lists(len(places), edges)
    fields = ("ids", "x", "y", "load", "households", "difficulty", "community", "compound", "today")
    cut = replace(
        district, **{name: getattr(district, name)[places] for name in fields}, part=np.zeros(len(places), dtype=np.int64),
        part_ids=district.part_ids[district.part[places[:1]]], edges=edges, starts=starts, neighbours=neighbours,
    )  # fmt: skip
    return with_asked(cut, np.array([asked], dtype=np.int64))


def _lightened(
    district: District, territory: Ints, until: float, seed: int, should_stop: Callable[[], bool] | None
) -> None:
    """The part with the heaviest territory is searched again, as long as there is time and it gets lighter."""
    failed = np.zeros(len(district.asked), dtype=np.int64)
    tries = 0
    while time.perf_counter() < until and (should_stop is None or not should_stop()):
        load = np.bincount(territory, weights=district.load)
        worst = np.maximum.reduceat(load, district.first[:-1])
        part = int(np.argmax(worst))
        if failed[part] >= GIVEN_UP or district.asked[part] == 1:
            return
        places = np.flatnonzero(district.part == part)
        alone = _alone(district, places, int(district.asked[part]))
        tries += 1
        left = max(0.05, min(AT_ONCE, until - time.perf_counter()))
        found = grids(alone, seconds=left, seed=seed + 7919 * tries, should_stop=should_stop).grids
        if np.bincount(found, weights=alone.load).max() < worst[part] * (1 - 1e-9):
            territory[places] = district.first[part] + found
            failed[part] = 0
        else:
            failed[part] += 1


def _cut(district: District, given: Ints, territory: Ints, seed: int) -> Ints:
    """The slot of each building: each part's heaviest territories of two buildings or more cut in two, as many as it lacks grids."""
    slot = np.empty(district.size, dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(given)])
    load = np.bincount(territory, weights=district.load)
    size = np.bincount(territory)
    order = np.argsort(territory, kind="stable")
    ends = np.concatenate([[0], np.cumsum(size)])
    for part in range(len(given)):
        mine = np.arange(first[part], first[part + 1])
        lacking = int(district.asked[part] - given[part])
        able = mine[size[mine] > 1]
        if len(able) < lacking:
            raise Refused(
                f"片{district.part_ids[part]}要从{given[part]}名网格员的地块里切出{district.asked[part]}个网格，"
                f"但只有{len(able)}个地块有两栋以上的楼；请减少这一片的网格数或增员。"
            )
        cut = set(able[np.argsort(-load[able], kind="stable")[:lacking]].tolist())
        following = int(district.first[part])
        for one in mine.tolist():
            places = order[ends[one] : ends[one + 1]]
            slot[places] = following
            following += 1
            if one in cut:
                halves = grids(_alone(district, places, 2), seconds=60.0, seed=seed, rounds=CUTS).grids
                slot[places[halves == 1]] = following
                following += 1
    return slot
