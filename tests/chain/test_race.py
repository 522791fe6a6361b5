"""Two officers at the same branch at the same moment, on two connections: one wins, the other is told what changed."""

from __future__ import annotations

import threading
from dataclasses import replace

from django.db import connection

from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, Refused
from doorstep.modules.chain.adjustments import Adjustment, adjust, preview
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
