"""A plan of grids drawn around the workers in office: as many territories as there are of them, then cut into the grids asked for.
Who gets which territory is who has most of its households today. Nothing about persons goes into the planning but their number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.modules.grids import instances
from doorstep.modules.grids.models import GridPlan
from doorstep.modules.grids.staff_ground import workers_there

if TYPE_CHECKING:
    from doorstep.planning.grids import Plan

Workers = dict[str, list[tuple[int, set[str]]]]  # by community: appointment, codes of grids


def workers_of(place_code: str, communities: Mapping[str, int], plan_day: Any) -> Workers:
    """Who is in office there. Raises RuleViolation, naming the community, where they are too few or too many for the grids asked."""
    found: Workers = {code: [] for code in communities}
    for row in workers_there(place_code, plan_day):
        if row.place_code[:12] in found:
            found[row.place_code[:12]].append((row.pk, {place.code for place in row.places.all()}))
    return found


def refuse_unstaffable(asked: Mapping[str, int], workers: Workers, names: Mapping[str, str]) -> None:
    for code, grids in asked.items():
        count = len(workers[code])
        words = {"place": names.get(code, code), "grids": grids, "workers": count, "least": -(-grids // 2)}
        if count > grids:
            raise RuleViolation(
                _("“%(place)s”有%(workers)d名网格员，只要%(grids)d个网格，有人会没有网格；请增加网格，或不按网格员划分。")
                % words, field="with_staff",
            )  # fmt: skip
        if 2 * count < grids:
            raise RuleViolation(
                _("“%(place)s”要%(grids)d个网格，每人至多两个，至少要%(least)d名网格员，现在有%(workers)d名；请减少网格或先增员。")
                % words, field="with_staff",
            )  # fmt: skip


def designed(
    plan: GridPlan, ground: instances.Ground, seconds: float, should_stop: Callable[[], bool]
) -> tuple[Plan, dict[str, int]]:
    """The grids and, by their numbers, who is to work them."""
    import numpy as np

    from doorstep.planning.errors import Refused
    from doorstep.planning.grids import repair
    from doorstep.planning.staff import design

    workers = workers_of(plan.place_code, plan.asked, plan.on)
    refuse_unstaffable(plan.asked, workers, ground.names)
    parts = [str(int(part)) for part in ground.instance.part_ids]
    given = np.array([len(workers[code]) for code in parts], dtype=np.int64)
    try:
        found = design(
            ground.instance, list(range(int(given.sum()))), seconds=seconds, seed=plan.seed, given=given,
            should_stop=should_stop,
        )  # fmt: skip
        grids = found.plan
        if ground.instance.pins.any():
            grids = repair(ground.instance, grids, moved={}, seconds=1.0, seed=plan.seed)
    except Refused as refused:
        raise Conflict(ground.in_words(refused)) from refused
    territory = {
        int(number): int(one) for number, one in zip(found.instance.grids, found.staffing.worker, strict=True)
    }
    return grids, _named(ground, found.plan.grids.tolist(), territory, workers)


def _named(
    ground: instances.Ground, labels: list[int], territory: dict[int, int], workers: Workers
) -> dict[str, int]:
    """Each territory to the worker of its community who has most of its households today; by number of grid."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    of_community: dict[str, list[int]] = {}
    weight: dict[tuple[int, str], float] = {}
    for house, label in zip(ground.houses, labels, strict=True):
        mine = territory[label]
        known = of_community.setdefault(house.community, [])
        if mine not in known:
            known.append(mine)
        weight[mine, house.today] = weight.get((mine, house.today), 0.0) + house.households + 1e-6
    owner: dict[int, int] = {}
    for community, territories in of_community.items():
        shared = np.array(
            [
                [sum(weight.get((one, code), 0.0) for code in codes) for _pk, codes in workers[community]]
                for one in territories
            ]
        )
        for row, column in zip(*linear_sum_assignment(-shared), strict=True):
            owner[territories[row]] = workers[community][column][0]
    return {str(number): owner[one] for number, one in sorted(territory.items())}


def refuse_unfair(plan: GridPlan) -> None:
    """Before it is sent: every grid has somebody, nobody more than two, and two lie beside each other."""
    ground = instances.ground_of(plan)
    assert plan.current is not None
    labels = plan.current.labels
    numbers = {int(number): pk for number, pk in plan.workers.items()}
    if set(labels) - set(numbers):
        raise RuleViolation(_("还有网格没有选网格员，请先选好。"), field="workers")
    held: dict[int, list[int]] = {}
    for number in sorted(set(labels)):
        held.setdefault(numbers[number], []).append(number)
    beside = {
        tuple(sorted((labels[one], labels[other])))
        for one, other in ground.instance.edges.tolist()
        if labels[one] != labels[other]
    }
    for mine in held.values():
        called = "、".join(f"“{ground.called.get(one, str(one))}”" for one in mine)
        if len(mine) > 2:
            raise RuleViolation(_("%s都选了同一个人，每人至多两个网格。") % called, field="workers")
        if len(mine) == 2 and tuple(mine) not in beside:
            raise RuleViolation(_("%s选了同一个人，但不相邻，一个人管不过来。") % called, field="workers")


def heaviest_worker(
    loads: Mapping[int, float], communities: Mapping[int, str], workers: Mapping[str, int]
) -> float:
    """The heaviest worker ÷ the mean of the community, of grids by number; 0 where nobody is named."""
    carried: dict[tuple[str, int], float] = {}
    for number, load in loads.items():
        pk = workers.get(str(number))
        if pk is not None:
            key = communities[number], pk
            carried[key] = carried.get(key, 0.0) + load
    worst = 0.0
    for community in {place for place, _pk in carried}:
        mine = [load for (place, _pk), load in carried.items() if place == community]
        mean = sum(mine) / len(mine)
        worst = max(worst, max(mine) / mean if mean else 0.0)
    return worst
