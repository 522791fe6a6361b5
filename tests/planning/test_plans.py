"""What holds for every plan."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies

from doorstep.planning.districts import district
from doorstep.planning.grids import Plan, bounds, explain, figures, grids, of, repair
from doorstep.planning.grids.figuring import distances
from doorstep.planning.grids.objective import cost
from tests.planning.forms import lattice, row, towns

often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def whole(instance: Any, plan: Plan) -> None:
    """Every building has a grid of its part; each part has its number of grids; each grid is connected (walked here anew)."""
    assert len(plan.grids) == instance.size
    around: dict[int, set[int]] = {at: set() for at in range(instance.size)}
    for one, other in instance.edges.tolist():
        around[one].add(other)
        around[other].add(one)
    for part in range(len(instance.asked)):
        mine = instance.numbers[instance.first[part] : instance.first[part + 1]]
        assert set(plan.grids[instance.part == part].tolist()) == set(mine.tolist())
    for number in np.unique(plan.grids):
        members = set(np.flatnonzero(plan.grids == number).tolist())
        reached, waiting = set(), [min(members)]
        while waiting:
            here = waiting.pop()
            if here not in reached:
                reached.add(here)
                waiting += around[here] & members
        assert reached == members


@often
@given(towns(), strategies.integers(0, 5), strategies.integers(0, 5))
def test_every_plan_is_whole(form: dict[str, Any], seed: int, rounds: int):
    instance = of(form)
    plan = grids(instance, seconds=60, rounds=rounds, seed=seed)
    whole(instance, plan)
    found = figures(instance, plan.grids)
    assert (found.broken, found.crossing, found.wrong_number) == (0, 0, 0)


@often
@given(towns(), strategies.integers(0, 99))
def test_no_plan_is_worse_than_its_start(form: dict[str, Any], seed: int):
    instance = of(form)
    start = grids(instance, seconds=60, rounds=0, seed=seed)
    better = grids(instance, seconds=60, rounds=3, seed=seed + 1, start=start)
    whole(instance, better)
    assert cost(instance, better.grids) <= cost(instance, start.grids) + 1e-9


@often
@given(towns(), strategies.integers(0, 99))
def test_same_seed_and_rounds_same_plan(form: dict[str, Any], seed: int):
    one, other = (grids(of(form), seconds=60, rounds=3, seed=seed) for _ in range(2))
    assert one.grids.tolist() == other.grids.tolist()


@often
@given(towns(), strategies.data())
def test_a_moved_building_goes_where_it_was_dragged_or_the_repair_is_refused(form: dict[str, Any], data: Any):
    from doorstep.planning.errors import Refused

    instance = of(form)
    plan = grids(instance, seconds=60, rounds=1)
    place = data.draw(strategies.integers(0, instance.size - 1))
    part = instance.part[place]
    number = int(
        data.draw(
            strategies.sampled_from(
                instance.numbers[instance.first[part] : instance.first[part + 1]].tolist()
            )
        )
    )
    try:
        mended = repair(instance, plan, moved={int(instance.ids[place]): number}, seconds=60)
    except Refused:
        return
    whole(instance, mended)
    assert mended.grids[place] == number
    others = instance.part != part
    assert (mended.grids[others] == plan.grids[others]).all()


def test_dragging_over_a_border_is_never_refused_in_a_district():
    instance = of(district(600, seed=3))
    plan = grids(instance, seconds=60, rounds=3)
    ends = instance.edges[plan.grids[instance.edges[:, 0]] != plan.grids[instance.edges[:, 1]]]
    for one, other in ends[:: len(ends) // 20].tolist():
        number = int(plan.grids[other])
        mended = repair(instance, plan, moved={int(instance.ids[one]): number}, seconds=60)
        whole(instance, mended)
        assert mended.grids[one] == number


def test_pins_are_kept_by_plans_and_by_their_repair():
    form = lattice(8, 8, 7)
    form["pins"] = {
        "together": [[0, 1, 2, 3, 4]],
        "apart": [[63, 62], [9, 10]],
        "inside": [[40, 2], [20, 5], [36, 2]],
    }
    instance = of(form)
    for seed in range(5):
        plan = grids(instance, seconds=60, rounds=4, seed=seed)
        whole(instance, plan)
        assert figures(instance, plan.grids).pins_broken == 0
        number = int(plan.grids[8])
        moved = repair(instance, plan, moved={57: number}, seconds=60, seed=seed)
        whole(instance, moved)
        assert moved.grids[57] == number and figures(instance, moved.grids).pins_broken == 0


def test_a_pin_drawn_on_a_plan_moves_few():
    instance = of(district(2000, seed=5))
    plan = grids(instance, seconds=60, rounds=4)
    one, other = next((a, b) for a, b in instance.edges.tolist() if plan.grids[a] != plan.grids[b])
    form = district(2000, seed=5)
    form["pins"] = {"together": [[int(instance.ids[one]), int(instance.ids[other])]]}
    pinned = of(form)
    mended = repair(pinned, plan, seconds=60)
    whole(pinned, mended)
    assert figures(pinned, mended.grids).pins_broken == 0
    assert pinned.households[mended.grids != plan.grids].sum() <= 0.02 * pinned.households.sum()


def test_a_building_pinned_in_a_grid_far_away_gets_there():
    form = lattice(12, 3, 6)
    today = [across // 2 for _ in range(3) for across in range(12)]
    instance = of({**form, "today": today, "price": 100.0, "pins": {"inside": [[0, 3]]}})
    plan = grids(instance, seconds=60, rounds=1)
    whole(instance, plan)
    assert plan.grids[0] == 3


def test_nothing_wished_nothing_touched():
    instance = of(district(600, seed=3))
    rough = grids(instance, seconds=60, rounds=0)
    assert repair(instance, rough, seconds=60).grids.tolist() == rough.grids.tolist()
    place = int(instance.edges[0, 0])
    number = int(instance.numbers[instance.first[instance.part[place]]])
    mended = repair(instance, rough, moved={int(instance.ids[place]): number}, seconds=60)
    others = instance.part != instance.part[place]
    assert (mended.grids[others] == rough.grids[others]).all()


def test_today_is_kept_the_more_the_dearer_a_change_is():
    form = district(600, seed=1)
    today = grids(of(form), seconds=60, rounds=0, seed=9)
    moved = []
    for price in (0.0, 0.3, 3.0, 1000.0):
        instance = of({**form, "today": (today.grids + 100).tolist(), "price": price})
        plan = grids(instance, seconds=60, rounds=3)
        whole(instance, plan)
        moved.append(figures(instance, plan.grids).moved_households)
    assert moved[0] > moved[1] > moved[2] >= moved[3] == 0


def test_today_with_fewer_grids_keeps_the_numbers_it_can():
    form = {**row(8, 3), "today": [5, 5, 5, 5, 9, 9, 9, None]}
    instance = of(form)
    plan = grids(instance, seconds=60, rounds=4)
    whole(instance, plan)
    assert {5, 9} < set(plan.grids.tolist())


@pytest.mark.parametrize(("size", "number"), [(7, 3), (8, 3), (8, 2)])
def test_small_parts_come_out_best(size: int, number: int):
    """Against every way to cut a row."""
    form = row(size, number)
    chance = np.random.default_rng(size)
    for one in form["buildings"]:
        one.update(load=float(chance.integers(5, 30)), compound=-1)
    instance = of(form)
    plan = grids(instance, seconds=60, rounds=6)
    ways = [
        np.searchsorted(cuts, np.arange(size), side="right")
        for cuts in combinations(range(1, size), number - 1)
    ]
    assert cost(instance, plan.grids) == pytest.approx(min(cost(instance, way) for way in ways), abs=1e-9)


def test_ended_from_outside_and_told_of_progress():
    instance = of(district(600, seed=2))
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 30

    told: list[tuple[float, float]] = []
    plan = grids(
        instance,
        seconds=600,
        should_stop=stop,
        on_better=lambda plan, share: told.append((cost(instance, plan.grids), share)),
    )
    whole(instance, plan)
    assert len(asked) == 31
    costs = [one for one, _ in told]
    assert costs == sorted(costs, reverse=True) and told[-1][1] == 1.0


@often
@given(towns())
def test_no_plan_is_below_its_bounds(form: dict[str, Any]):
    instance = of(form)
    plan = grids(instance, seconds=60, rounds=2)
    found, floor = figures(instance, plan.grids), bounds(instance, plan)
    assert found.part_max >= floor.part_max - 1e-9
    assert found.compact >= floor.compact - 1e-4


def test_the_quick_bound_is_a_bound_and_comes_near():
    instance = of(district(400, seed=6))
    plan = grids(instance, seconds=60, rounds=4)
    quick, exact = bounds(instance, plan, quick=True), bounds(instance, plan)
    for one, other in zip(quick.parts, exact.parts, strict=True):
        assert one.squares <= other.squares * (1 + 1e-6) + 1e-3
    assert quick.compact >= 0.98 * exact.compact


def test_parts_too_large_for_the_programme_are_bounded_too():
    instance = of(lattice(20, 15, 30))
    plan = grids(instance, seconds=60, rounds=4)
    whole(instance, plan)
    found, floor = figures(instance, plan.grids), bounds(instance, plan)
    assert 0.8 * found.compact < floor.compact <= found.compact + 1e-6


def test_compactness_is_from_the_best_building():
    instance = of(lattice(5, 5, 3))
    label = grids(instance, rounds=2).grids
    spots = np.stack([instance.x, instance.y], axis=1)
    for grid in range(3):
        mine = spots[label == grid]
        least = min(((mine - one) ** 2).sum() for one in mine)
        assert distances(instance, label)[label == grid].sum() == pytest.approx(least)


def test_a_grid_is_explained():
    form = lattice(6, 6, 4)
    form["pins"] = {"together": [[0, 1]], "inside": [[7, 2]]}
    instance = of(form)
    plan = grids(instance, rounds=4)
    told = explain(instance, plan, 2)
    assert told.households == 10 * len(told.buildings) and told.load == told.households
    assert 7 in told.buildings and any("定在网格2" in one for one in told.pins)
    assert told.middle in told.buildings and told.neighbours and told.why[0].endswith("。")
