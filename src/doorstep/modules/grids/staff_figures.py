"""What a plan of workers comes to: arranging a community, and the figures of an arrangement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.grids.staff_ground import Holders, Share, StaffGround


@dataclass
class Arranged:
    """holders: of the plan's grids; stand_ins: by appointment."""

    holders: Holders
    stand_ins: dict[str, int]


def arrange(
    ground: StaffGround, share: Share, begin: Holders, into: Arranged, *, slack: float, price: float, seconds: float,
    held: Sequence[tuple[int, int]] = (),
) -> None:  # fmt: skip
    """Arrange one community anew from `begin`, with what is pinned and `held` (places of grids and workers), and write it into
    `into`. Raises RuleViolation in words where it cannot be."""
    import numpy as np

    from doorstep.planning.errors import Refused
    from doorstep.planning.staff import arranged

    plan = ground.plan
    grid_at = {at: own for own, at in enumerate(share.grids)}
    worker_at = {plan.workers[at]: own for own, at in enumerate(share.workers)}
    by_code = {plan.grids[at]: own for at, own in grid_at.items()}
    today = np.array([worker_at.get(begin[at] or 0, -1) for at in share.grids], dtype=np.int64)
    pins = {
        kind: [
            (by_code[pin.grid], worker_at[pin.worker])
            for pin in ground.pins
            if pin.kind == kind and pin.grid in by_code and pin.worker in worker_at
        ]
        for kind in ("hold", "wish")
    }
    wanted = [(grid_at[grid], share.workers.index(worker)) for grid, worker in held]
    try:
        found = arranged(
            share.instance, today, held=[*wanted, *pins["hold"]], wished=pins["wish"], slack=slack, price=price,
            seconds=seconds,
        )  # fmt: skip
    except Refused as refused:
        raise RuleViolation(str(refused), field="grid") from refused
    for own, at in enumerate(share.grids):
        into.holders[at] = plan.workers[share.workers[int(found.worker[own])]]
    for own, other in enumerate(found.substitute.tolist()):
        key = str(plan.workers[share.workers[own]])
        into.stand_ins.pop(key, None)
        if other >= 0:
            into.stand_ins[key] = plan.workers[share.workers[other]]


def figures_of(ground: StaffGround, holders: Holders, today: Holders) -> dict[str, Any]:
    """Figures of an arrangement, as JSON keeps them: by community and over all; heaviest and least in the mean of the community."""
    communities = {
        share.code: _of_share(ground, share, holders) for share in ground.shares if share.grids and share.workers
    }  # fmt: skip
    held = held_by(holders)
    before = held_by(today)
    worst = max(communities.values(), key=lambda one: one["heaviest"], default={})
    return {
        "grids": len(ground.plan.grids), "workers": len(ground.plan.workers), "communities": communities,
        "without": sum(one is None for one in holders),
        "idle": sum(one not in held for one in ground.plan.workers),
        "changed": sum(one != other for one, other in zip(holders, today, strict=True)),
        "persons": sum(held.get(one) != before.get(one) for one in ground.plan.workers),
        "apart": sum(_apart(ground, places) for places in held.values()),
        "heaviest": worst.get("heaviest", 0.0), "least": worst.get("least", 0.0),
        "gap": max((one["heaviest"] - one["least"] for one in communities.values()), default=0.0),
    }  # fmt: skip


def held_by(holders: Holders) -> dict[int, list[int]]:
    """Places of grids by appointment."""
    found: dict[int, list[int]] = {}
    for at, one in enumerate(holders):
        if one is not None:
            found.setdefault(one, []).append(at)
    return found


def _apart(ground: StaffGround, places: Sequence[int]) -> bool:
    """More than two grids, or two that do not lie beside each other."""
    return len(places) > 2 or (len(places) == 2 and not ground.adjacent(*places))


def _of_share(ground: StaffGround, share: Share, holders: Holders) -> dict[str, Any]:
    from doorstep.planning.staff import lightest_worker

    carried = loads_of(ground, holders)
    mine = [carried.get(ground.plan.workers[at], 0.0) for at in share.workers]
    mean = sum(ground.load[at] for at in share.grids) / len(share.workers)
    figures: dict[str, Any] = {
        "workers": len(share.workers), "grids": len(share.grids), "mean": round(mean, 2),
        "heaviest": round(max(mine) / mean, 4) if mean else 0.0, "least": 0.0,
    }  # fmt: skip
    if mean and share.code not in ground.plan.problems:  # where no plan can be made there is no bound either
        figures["least"] = round(lightest_worker(share.instance) / mean, 4)
    return figures


def loads_of(ground: StaffGround, holders: Holders) -> dict[int, float]:
    """What each worker carries, by appointment, in ordinary households."""
    found: dict[int, float] = {}
    for at, one in enumerate(holders):
        if one is not None:
            found[one] = found.get(one, 0.0) + ground.load[at]
    return found


def means_of(figures: Mapping[str, Any]) -> dict[str, float]:
    """The mean worker of each community."""
    return {code: float(one["mean"]) for code, one in figures.get("communities", {}).items()}
