"""How many members live in the demo district's buildings, and one plan of building groups that is ready to look at."""

from __future__ import annotations

from random import Random

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.places.models import BuildingPlacement
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.chain.building_members import shared_out
from doorstep.modules.chain.models import BranchGrid
from doorstep.modules.chain.selectors import counts_of
from doorstep.modules.chain.services_group_plans import GroupPlanData, create_plan
from doorstep.modules.chain.services_members import NewBuildingCount, record_building_members

UNCOUNTED = 7  # every seventh branch has not counted its buildings yet
PLANNED = "210202005011"  # the community of the cast


def count_members(actor: Actor, district: str) -> int:
    """Each branch's latest count, building by building: together they are the branch's. How many buildings."""
    today = clock.today()
    grids: dict[int, list[int]] = {}
    for branch, grid in (
        BranchGrid.objects.in_force(today)
        .filter(within("grid__code", [district]))
        .order_by("branch_id", "grid__code")
        .values_list("branch_id", "grid_id")
    ):
        grids.setdefault(branch, []).append(grid)
    inside: dict[int, list[tuple[int, int]]] = {}
    placed = BuildingPlacement.objects.in_force(today).filter(within("grid__code", [district]))
    for grid, building, households in placed.order_by("building_id").values_list(
        "grid_id", "building_id", "building__households"
    ):
        inside.setdefault(grid, []).append((building, households))
    counts = []
    for number, (branch, count) in enumerate(sorted(counts_of(grids, today).items()), start=1):
        homes = [home for grid in grids[branch] for home in inside.get(grid, [])]
        if number % UNCOUNTED == 0 or not homes:
            continue
        random = Random(f"members {number} {count.full}")
        weights = [max(1, round(households * (0.3 + 1.4 * random.random()))) for _pk, households in homes]
        for (building, _households), full in zip(homes, shared_out(count.full, weights), strict=True):
            counts.append(NewBuildingCount(building_id=building, counted_on=count.counted_on, full=full))
    record_building_members(actor=actor, counts=counts)
    return len(counts)


def plan_groups(actor: Actor, communities: set[str]) -> None:
    """A plan as somebody in the community might have made it, to be looked at and tried."""
    if PLANNED in communities:
        data = GroupPlanData(place_code=PLANNED, title="楼栋党小组怎样分更匀")
        create_plan(actor=actor, data=data)
