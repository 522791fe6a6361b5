"""What became of branches before today: two that merged, one that was split; households that were revoked.

Only branches without groups have such a past, so that no group ever covered a building outside its branch.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from doorstep.kernel.shared.numerals import numeral

from .geography import GridPlace
from .plan import AppointmentPlan, Branch, CountPlan, CoveragePlan, FormPlan, MergePlan, Plan, SplitPlan
from .register import Register

FITTING = range(7, 32)  # full members, so that neither a merge nor a split departs from the rules
SETTLED = 760  # days: a branch as old as this was there before anything in this file happened


def add_merge(plan: Plan, register: Register, branches: list[Branch], random: Random) -> bool:
    """Let one branch of several grids be the outcome of a merge; False where none fits."""
    old = plan.days_ago(SETTLED)
    kept = next(
        (b for b in branches if len(b.grids) > 1 and b.founded <= old and _fits(b) and b.settled), None
    )
    if kept is None:
        return False
    kept.settled = False
    day = plan.days_ago(90 + int(random.random() * 500))
    unit = register.units[kept.key]
    first, last = kept.grids[:-1], kept.grids[-1:]
    gone = f"{kept.key} before"
    short = unit.name.partition("第")[0]
    register.rename(kept.key, branch_name(short, first))
    register.unit(
        replace(
            unit, key=gone, name=branch_name(short, last), place_code=last[0],
            document=register.document("组", unit.founded_on),
        )
    )  # fmt: skip
    plan.coverage = [replace(row, grids=first) if row.unit == kept.key else row for row in plan.coverage]
    plan.coverage.append(CoveragePlan(gone, unit.founded_on, grids=last))
    plan.forms.append(FormPlan(gone, "branch", unit.founded_on))
    plan.counts.append(CountPlan(gone, unit.founded_on, 4 + int(random.random() * 3), 1))
    term = next(row for row in plan.terms if row.unit == kept.key)
    plan.terms.append(replace(term, unit=gone, committee_size=0))
    plan.appointments.append(
        AppointmentPlan(
            register.person(last[0]), "branch_secretary", gone, unit.founded_on, full_time=False,
            document=register.document("任", unit.founded_on),
        )
    )  # fmt: skip
    plan.merges.append(MergePlan(kept.key, gone, unit.name, day, register.document("组", day)))
    return True


def add_split(
    plan: Plan, register: Register, branches: list[Branch], grids: list[GridPlace], random: Random
) -> bool:
    """Let one young branch be split off from its older neighbour; False where no two fit."""
    beside = {grid.code: grid.beside for grid in grids}
    old = plan.days_ago(SETTLED)
    pair = next(
        (
            (source, made)
            for made in branches
            for source in branches
            if source.settled and made.settled and len(source.grids) == len(made.grids) == 1
            and source.founded <= old < made.founded and made.grids[0] in beside[source.grids[0]]
            and _fits(source) and _fits(made) and source.counts[0].full + made.counts[0].full <= 42
        ),
        None,
    )  # fmt: skip
    if pair is None:
        return False
    source, made = pair
    source.settled = made.settled = False
    unit, given = register.units[source.key], made.counts[0]
    short = unit.name.partition("第")[0]
    register.rename(source.key, branch_name(short, (*source.grids, *made.grids)))
    plan.coverage = [
        replace(row, grids=(*source.grids, *made.grids)) if row.unit == source.key else row
        for row in plan.coverage
        if row.unit != made.key
    ]
    source.counts = [
        replace(row, full=row.full + given.full, probationary=row.probationary + given.probationary)
        if row.day <= made.founded
        else row
        for row in source.counts
    ]
    plan.splits.append(
        SplitPlan(
            source.key, made.key, unit.name, made.founded, register.units[made.key].document, made.grids
        )
    )
    return True


def branch_name(short: str, grids: tuple[str, ...]) -> str:
    """春海第三、四网格党支部."""
    return f"{short}第{'、'.join(numeral(int(grid[12:])) for grid in grids)}网格党支部"


def _fits(branch: Branch) -> bool:
    return all(count.full in FITTING for count in branch.counts)
