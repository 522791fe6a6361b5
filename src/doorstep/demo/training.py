"""The plan of the training district: a small made-up district in which the chain is broken on purpose.

Every kind of break that the platform finds occurs at least once, so that officers can practise mending. `BREAKS` says
in words what was broken; each function takes something away from a plan that was whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import shapely

from .district import Totals, authorities, businesses, communities
from .geography import BuildingPlace, Geography
from .names import PRACTICE
from .plan import CountPlan, CoveragePlan, Plan
from .register import Register

FIRST_NUMBER = 5000
TOTALS = Totals(branches=18, groups=12, households=15, workers=22, new_secretaries=1, fewest_members=14)
LAST_COUNT = 6  # days ago


def training_plan(geography: Geography, today: dt.date) -> tuple[Plan, Register]:
    """The training district as of `today`, with its breaks."""
    plan = Plan(today)
    register = Register(plan, PRACTICE, FIRST_NUMBER)
    authorities(plan, register, geography, ("练习区住房和城市建设局",))
    communities(plan, register, geography, TOTALS)
    businesses(plan, register, geography)
    for number, break_it in enumerate(BREAKS):
        community = geography.communities[number % len(geography.communities)].code
        break_it(plan, geography, community)
    return plan, register


def uncover_a_grid(plan: Plan, _geography: Geography, community: str) -> None:
    """A grid that no branch covers."""
    _replace_coverage(plan, _branches(plan, community)[-1], lambda row: replace(row, grids=row.grids[:-1]))


def scatter_a_group(plan: Plan, geography: Geography, community: str) -> None:
    """A group with a building far from its others; what approved it ended ten days ago."""
    group = next(row for row in plan.coverage if row.unit.startswith(f"group {community}"))
    taken = {number for row in plan.coverage for number in row.buildings}
    by_number = {building.number: building for building in geography.buildings}
    branch = next(unit.superior for unit in plan.units if unit.key == group.unit)
    grids = next(row.grids for row in plan.coverage if row.unit == branch)
    free = [b for b in geography.buildings if b.grid in grids and b.number not in taken]
    farthest = max(free, key=lambda building: _way(building, by_number[group.buildings[0]]))
    _replace_coverage(
        plan,
        group,
        lambda row: replace(
            row, buildings=(row.buildings[0], farthest.number), approved_until=plan.days_ago(10)
        ),
    )


def shrink_a_branch(plan: Plan, _geography: Geography, community: str) -> None:
    """A branch with two full members."""
    _count_again(plan, _branches(plan, community)[0].unit, 2, 1)


def swell_a_branch(plan: Plan, _geography: Geography, community: str) -> None:
    """A branch with more than fifty members."""
    _count_again(plan, _branches(plan, community)[0].unit, 52, 1)


def lose_a_secretary(plan: Plan, _geography: Geography, community: str) -> None:
    """A branch whose secretary left and has no successor."""
    _leave(plan, "branch_secretary", _branches(plan, community)[1].unit)


def lose_a_leader(plan: Plan, _geography: Geography, community: str) -> None:
    """A group whose leader left and has no successor."""
    group = next(unit.key for unit in plan.units if unit.key.startswith(f"group {community}"))
    _leave(plan, "group_leader", group)


def let_a_term_expire(plan: Plan, _geography: Geography, community: str) -> None:
    """A branch whose term ended two months ago without a re-election."""
    unit = _branches(plan, community)[0].unit
    end = plan.days_ago(60)
    plan.terms = [
        replace(
            term,
            start=end.replace(year=end.year - 5, day=min(end.day, 28)),
            end=end.replace(day=min(end.day, 28)),
        )
        if term.unit == unit
        else term
        for term in plan.terms
    ]
    start = next(term.start for term in plan.terms if term.unit == unit)
    plan.units = [replace(row, founded_on=start) if row.key == unit else row for row in plan.units]


def strand_a_household(plan: Plan, geography: Geography, community: str) -> None:
    """A household in a building that belongs to no group."""
    taken = {number for row in plan.coverage for number in row.buildings}
    free = next(b for b in geography.buildings if b.grid.startswith(community) and b.number not in taken)
    index = next(
        index for index, row in enumerate(plan.households) if row.group.startswith(f"group {community}")
    )
    plan.households[index] = replace(plan.households[index], building=free.number)


def revoke_all_households(plan: Plan, _geography: Geography, community: str) -> None:
    """A community whose households were all revoked."""
    plan.households = [
        replace(row, end=plan.days_ago(1), end_reason="搬离")
        if row.group.startswith(f"group {community}")
        else row
        for row in plan.households
    ]


BREAKS: tuple[Callable[[Plan, Geography, str], None], ...] = (
    uncover_a_grid,
    scatter_a_group,
    shrink_a_branch,
    swell_a_branch,
    lose_a_secretary,
    lose_a_leader,
    let_a_term_expire,
    strand_a_household,
    revoke_all_households,
)


def _branches(plan: Plan, community: str) -> list[CoveragePlan]:
    """Coverage of the community's branches; the last covers the most grids."""
    found = [row for row in plan.coverage if row.unit.startswith(f"branch {community}")]
    return sorted(found, key=lambda row: len(row.grids))


def _replace_coverage(plan: Plan, old: CoveragePlan, change: Callable[[CoveragePlan], CoveragePlan]) -> None:
    plan.coverage = [change(row) if row == old else row for row in plan.coverage]


def _way(one: BuildingPlace, other: BuildingPlace) -> float:
    return float(shapely.distance(one.point, other.point))


def _count_again(plan: Plan, unit: str, full: int, probationary: int) -> None:
    plan.counts.append(CountPlan(unit, plan.days_ago(LAST_COUNT), full, probationary))


def _leave(plan: Plan, post: str, unit: str) -> None:
    plan.appointments = [
        replace(row, end=plan.days_ago(15), end_reason="调离")
        if row.post == post and row.unit == unit and row.end is None
        else row
        for row in plan.appointments
    ]
