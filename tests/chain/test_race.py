"""Two officers at the same branch at the same moment, on two connections: one wins, the other is told what changed."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from django.db import connection

from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, Refused
from doorstep.modules.chain.adjustments import Adjustment, adjust, preview
from doorstep.modules.chain.grid_adjustments import GridAdjustment, GridPart, adjust_grids, preview_grids
from doorstep.modules.chain.grid_pictures import GridOutcome
from doorstep.modules.chain.models import BranchGrid, GroupBuilding
from doorstep.modules.chain.selectors import BRANCH
from doorstep.modules.chain.services import form_group
from tests.accounts import on_record
from tests.chain import world as district
from tests.chain.world import BEGAN, ONE, SYSTEM, TODAY, officer

G1, G2, G3 = (f"{ONE}00{n}" for n in (1, 2, 3))


def at_once(*acts):
    """Each act on its own thread and connection, begun together; their results or refusals, in order."""
    results: list[object] = [None] * len(acts)
    together = threading.Barrier(len(acts))

    def run(number: int) -> None:
        try:
            with clock.fixed(TODAY):
                together.wait()
                results[number] = acts[number]()
        except Refused as refusal:
            results[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def change_grids(unit_id: int, grids: tuple[str, ...], expected: dict[int, int], name: str):
    this = Adjustment(
        kind="grids", unit_kind=BRANCH, effective_on=TODAY, document="演批1号", unit_id=unit_id, grids=grids,
        expected=expected,
    )  # fmt: skip
    actor = on_record(replace(officer("street_officer", "210202005"), name=name))
    return lambda: adjust(actor=actor, adjustment=this)


def test_one_wins_and_the_other_is_told(fresh_database):
    world = district.build()
    unit = world.branch(G1)
    this = Adjustment(
        kind="grids",
        unit_kind=BRANCH,
        effective_on=TODAY,
        document="演批1号",
        unit_id=unit.pk,
        grids=(G1, G2),
    )
    seen = preview(actor=SYSTEM, adjustment=this).versions
    results = at_once(
        change_grids(unit.pk, (G1, G2), seen, "演示甲"), change_grids(unit.pk, (G1, G3), seen, "演示乙")
    )
    told = [result for result in results if isinstance(result, Conflict)]
    assert len(told) == 1
    winner = "演示乙" if results[0] is told[0] else "演示甲"
    assert winner in str(told[0].message) and "调整覆盖网格" in str(told[0].message)
    covered = set(BranchGrid.objects.in_force(TODAY).filter(branch=unit).values_list("grid__code", flat=True))
    assert covered == ({G1, G2} if winner == "演示甲" else {G1, G3})


def regrid(world, kind: str, name: str, seen):
    pks = [building.pk for building in world.buildings[G1]]
    given = {
        "split": {"grids": (G1,), "parts": (GridPart(f"{name}西", tuple(pks[:3])), GridPart(f"{name}东", tuple(pks[3:])))},
        "merge": {"grids": (G1, G2), "name": f"{name}合并"},
    }[kind]  # fmt: skip
    this = GridAdjustment(
        kind=kind, effective_on=TODAY, document=f"{name}批1号", expected=seen.versions, expected_grids=seen.grid_versions,
        **given,
    )  # fmt: skip
    actor = officer("street_officer", "210202005")
    return lambda: adjust_grids(
        actor=type(actor)(account_id=7, name=name, grants=actor.grants), adjustment=this
    )


@pytest.mark.parametrize("kinds", [("split", "split"), ("split", "merge")])
def test_of_two_officers_at_one_grid_one_wins_and_the_other_is_told(fresh_database, kinds):
    world = district.build()
    branch = world.branch(G1, G2)
    pks = [building.pk for building in world.buildings[G1]]
    parts = (GridPart("甲", tuple(pks[:3])), GridPart("乙", tuple(pks[3:])))
    this = GridAdjustment(kind="split", grids=(G1,), effective_on=TODAY, document="演批1号", parts=parts)
    seen = preview_grids(actor=SYSTEM, adjustment=this)
    results = at_once(regrid(world, kinds[0], "演示甲", seen), regrid(world, kinds[1], "演示乙", seen))
    told = [result for result in results if isinstance(result, Conflict)]
    assert len(told) == 1, results
    winner = "演示乙" if results[0] is told[0] else "演示甲"
    assert winner in str(told[0].message) and f"{winner}批1号" in str(told[0].message)
    made = Grid.objects.in_force(TODAY).filter(code__gt=G3, community_id=ONE)
    assert all(grid.name.startswith(winner) for grid in made) and made
    covered = set(
        BranchGrid.objects.in_force(TODAY).filter(branch=branch).values_list("grid__name", flat=True)
    )
    assert {grid.name for grid in made} <= covered and "第1网格" not in covered


def test_nobody_comes_to_cover_or_to_work_a_grid_that_is_just_being_split(fresh_database):
    world = district.build()
    world.branch(G1)
    committee = organisations.found_unit(
        actor=SYSTEM, kind="residents_committee", name="演示居委会", place_code=ONE, founded_on=BEGAN, document="演批1号"
    )  # fmt: skip
    who = district.person()
    seen = GridOutcome("", [], [], [], [], {}, {})

    def appoint():
        return organisations.appoint(
            actor=SYSTEM, person_id=who.pk, post="grid_worker", unit_id=committee.pk, valid_from=TODAY, places=(G1,)
        )  # fmt: skip

    def found():
        return world.branch(G1, on=TODAY, name="演示新支部")

    results = at_once(regrid(world, "split", "演示甲", seen), appoint, found)
    assert any(not isinstance(result, Refused) for result in results)
    ended = set(Grid.objects.filter(valid_to__lte=TODAY).values_list("pk", flat=True))
    assert not BranchGrid.objects.in_force(TODAY).filter(grid__in=ended).exists()
    over = Appointment.objects.in_force(TODAY).filter(post="grid_worker")
    codes = set(over.values_list("places__code", flat=True))
    assert not Grid.objects.filter(code__in=codes, pk__in=ended).exists()


def test_two_mergers_into_each_other_end_with_one_branch(fresh_database):
    world = district.build()
    left, right = world.branch(G1, full=9), world.branch(G2, full=9)

    def merge(into, other):
        this = Adjustment(
            kind="merge", unit_kind=BRANCH, effective_on=TODAY, document="演批1号", unit_id=into.pk,
            others=(other.pk,), expected={into.pk: 1, other.pk: 1},
        )  # fmt: skip
        return lambda: adjust(actor=SYSTEM, adjustment=this)

    results = at_once(merge(left, right), merge(right, left))
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert UnitVersion.objects.in_force(TODAY).filter(unit__in=[left, right]).count() == 1
    assert BranchGrid.objects.in_force(TODAY).count() == 2


def test_two_groups_cannot_take_one_building(fresh_database):
    world = district.build()
    branch = world.branch(G1)
    building = world.buildings[G1][0].pk

    def form(name):
        return lambda: form_group(
            actor=SYSTEM,
            name=name,
            branch_id=branch.pk,
            buildings=[building],
            formed_on=BEGAN,
            document="演批2号",
        )

    results = at_once(form("甲组"), form("乙组"))
    assert sum(isinstance(result, Refused) for result in results) == 1
    assert GroupBuilding.objects.count() == 1
