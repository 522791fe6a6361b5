"""A whole community and a whole street of the demo district drawn anew: every invariant of places holds, and what hangs on
grids follows."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.places.models import Building, BuildingPlacement, Grid, GridLineage, Outline
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.chain.models import BranchGrid, MemberHousehold
from doorstep.modules.grids import plan_runs, selectors_plans, services_plans
from doorstep.modules.grids.models import GridPlan
from doorstep.modules.grids.services_plans import PlanData

pytestmark = pytest.mark.usefixtures("demo_database")
STREET = "210202001"


def actor_of(username: str) -> Actor:
    return actor_for(Account.objects.get(username=username))


def drawn(place: str, change: int) -> GridPlan:
    """A plan with so many grids more (or fewer) in every community that has three, put into effect today."""
    placed = BuildingPlacement.objects.in_force().filter(within("grid__code", [place]))
    today = Counter(code[:12] for code in set(placed.values_list("grid__code", flat=True)))
    asked = {code: count + change for code, count in today.items() if count > 3}
    data = PlanData(place_code=place, title="演示", asked=asked, seconds=3, seed=1)
    sender = actor_of("district")
    plan = services_plans.create_plan(actor=sender, data=data)
    plan_runs.run_plan(plan.pk)
    plan.refresh_from_db()
    assert plan.state == "ready" and not plan.error, plan.error
    services_plans.send_plan(
        actor=sender, plan_id=plan.pk, effective_on=clock.today(), document="演网〔2026〕1号"
    )
    GridPlan.objects.filter(pk=plan.pk).update(sent_by=None, state="ready")
    GridPlan.objects.filter(pk=plan.pk).update(
        sent_by=Account.objects.exclude(username="district").first().pk, state="sent"
    )
    plan = services_plans.approve_plan(actor=sender, plan_id=plan.pk)
    assert plan.state == "applied"
    return plan


@pytest.mark.parametrize("change", [-1, 1])
def test_a_street_drawn_anew(change: int) -> None:
    began = time.perf_counter()
    plan = drawn(STREET, change)
    print("street", change, round(time.perf_counter() - began, 1), "s", len(plan.buildings), "buildings")
    print({key: len(value) if isinstance(value, list) else value for key, value in plan.outcome.items()})
    _places_are_whole(STREET)
    _followers_are_whole(STREET)


def _places_are_whole(place: str) -> None:
    today = clock.today()
    buildings = Building.objects.filter(within("place_code", [place]))
    placed = BuildingPlacement.objects.in_force().filter(building__in=buildings).select_related("grid")
    by_building = {row.building_id: row.grid for row in placed}
    assert len(by_building) == placed.count() == buildings.count()
    for row in buildings:
        grid = by_building[row.pk]
        assert grid.code == row.place_code and grid.holds_on(today) and grid.kind == "basic"
    in_force = {grid.code for grid in Grid.objects.in_force().filter(within("code", [place]))}
    assert {grid.code for grid in by_building.values()} == in_force
    names = Counter(
        Grid.objects.in_force().filter(within("code", [place])).values_list("community_id", "name")
    )
    assert set(names.values()) == {1}
    ended = Grid.objects.filter(within("code", [place]), valid_to=today)
    for grid in ended:
        assert GridLineage.objects.filter(before=grid, effective_on=today).exists()
        assert not Outline.objects.in_force().filter(place_code=grid.code).exists()
    for grid in Grid.objects.filter(within("code", [place]), valid_from=today):
        assert set(GridLineage.objects.filter(after=grid).values_list("kind", flat=True)) == {"split"}
    outlined = set(
        Outline.objects.in_force().filter(place_code__in=in_force).values_list("place_code", flat=True)
    )
    assert outlined == in_force


def _followers_are_whole(place: str) -> None:
    today = clock.today()
    in_force = {grid.code for grid in Grid.objects.in_force().filter(within("code", [place]))}
    posts = Appointment.objects.in_force().filter(within("places__code", [place])).prefetch_related("places")
    for row in posts:
        codes = {one.code for one in row.places.all()}
        assert all(code in in_force or len(code) < 15 for code in codes)
    covered = BranchGrid.objects.in_force().filter(within("grid__code", [place]))
    assert set(covered.values_list("grid__code", flat=True)) <= in_force
    standing = UnitVersion.objects.in_force().filter(within("place_code", [place]))
    assert all(row.place_code in in_force or len(row.place_code) < 15 for row in standing)
    for household in (
        MemberHousehold.objects.in_force().filter(within("place_code", [place])).select_related("building")
    ):
        assert household.place_code == household.building.place_code
    assert today


def test_the_district_is_seen_in_a_fixed_number_of_statements() -> None:
    actor = actor_of("district")
    began = time.perf_counter()
    plan = services_plans.create_plan(
        actor=actor, data=PlanData(place_code="210202", title="全区", seconds=2, seed=1)
    )
    print("made", round(time.perf_counter() - began, 2), len(plan.buildings))
    plan_runs.run_plan(plan.pk)
    plan.refresh_from_db()
    print("run", round(time.perf_counter() - began, 2), plan.error)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        began = time.perf_counter()
        view = selectors_plans.studio(actor, plan)
        print("studio", round(time.perf_counter() - began, 2), len(asked))
    assert len(asked) <= 20 and len(view.buildings) == len(plan.buildings)
    grid = view.buildings[0].number
    other = next(b for b in view.buildings if b.community == view.buildings[0].community and b.number != grid)
    for _again in range(2):
        began = time.perf_counter()
        version = services_plans.move_buildings(
            actor=actor, plan_id=plan.pk, moved={view.buildings[0].id: other.number}
        )
        print("moved", round(time.perf_counter() - began, 2))
        assert version.figures["broken"] == 0
