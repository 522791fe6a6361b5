"""A whole community and a whole street of the demo district drawn anew: every invariant of places holds, and what hangs on
grids follows."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.places.models import Building, BuildingPlacement, Grid, GridLineage, Outline
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.chain.models import BranchGrid, GroupBuilding, MemberHousehold
from doorstep.modules.grids import plan_runs, selectors_plans, services_plans
from doorstep.modules.grids.models import GridPlan
from doorstep.modules.grids.services_plans import PlanData

pytestmark = pytest.mark.usefixtures("demo_database")
STREET = "210202005"


def actor_of(username: str) -> Actor:
    return actor_for(Account.objects.get(username=username))


def drawn(place: str, change: int) -> GridPlan:
    """A plan with so many grids more (or fewer) in every community that has some, sent by the street, put into effect today
    by the district."""
    placed = BuildingPlacement.objects.in_force().filter(within("grid__code", [place]))
    today = Counter(code[:12] for code in set(placed.values_list("grid__code", flat=True)))
    asked = {code: count + change for code, count in today.items() if count > 3}
    street = actor_of("street")
    data = PlanData(place_code=place, title="演示", asked=asked, seconds=3, seed=1)
    plan = services_plans.create_plan(actor=street, data=data)
    plan_runs.run_plan(plan.pk)
    plan.refresh_from_db()
    assert plan.state == "ready" and not plan.error, plan.error
    services_plans.send_plan(
        actor=street, plan_id=plan.pk, effective_on=clock.today(), document="演网〔2026〕1号"
    )
    plan = services_plans.approve_plan(actor=actor_of("district"), plan_id=plan.pk)
    assert plan.state == "applied"
    return plan


def covering() -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for code, branch in BranchGrid.objects.in_force().values_list("grid__code", "branch_id"):
        found.setdefault(code, set()).add(branch)
    return found


def working() -> dict[str, set[int]]:
    """Persons by grid."""
    found: dict[str, set[int]] = {}
    rows = Appointment.objects.in_force().filter(post="grid_worker")
    for code, person in rows.values_list("places__code", "person_id"):
        found.setdefault(code, set()).add(person)
    return found


@pytest.mark.parametrize("change", [-1, 1])
def test_a_street_drawn_anew(change: int) -> None:
    branches, workers = covering(), working()
    plan = drawn(STREET, change)
    count = len(plan.asked)
    assert (len(plan.outcome["begun"]), len(plan.outcome["ended"])) == (
        (0, count) if change < 0 else (count, 0)
    )
    _places_are_whole(STREET)
    _followers_are_whole(STREET)
    for code, heir in heirs(before=True).items():
        assert branches.get(code, set()) <= covering().get(heir, set())
        assert workers.get(code, set()) <= working().get(heir, set())
        assert code not in covering() and code not in working()
    for code, giver in heirs(before=False).items():
        assert covering().get(code, set()) == branches.get(giver, set())
        assert working().get(code, set()) <= workers.get(giver, set())
    for grid in set(branches) - set(heirs(before=True)):
        assert branches[grid] <= covering()[grid], "a grid that goes on keeps its branches"
    told = set(Notice.objects.filter(about="grids.plan", key="yours").values_list("person_id", flat=True))
    assert told >= {person for code in heirs(before=True) for person in workers.get(code, ())}


def heirs(*, before: bool) -> dict[str, str]:
    """Of each ended grid who has most of its households today, or of each new one who had."""
    day = clock.today()
    shares: dict[str, Counter[str]] = {}
    ended = BuildingPlacement.objects.filter(within("grid__code", [STREET]), valid_to=day).select_related(
        "grid", "building"
    )
    now = {row.building_id: row.grid for row in BuildingPlacement.objects.in_force().select_related("grid")}
    for row in ended:
        one, other = (row.grid, now[row.building_id]) if before else (now[row.building_id], row.grid)
        if one.valid_to == day if before else one.valid_from == day:
            shares.setdefault(one.code, Counter())[other.code] += row.building.households * 10_000 + 1
    return {
        code: min(found, key=lambda key, found=found: (-found[key], key)) for code, found in shares.items()
    }


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
    in_force = {grid.code for grid in Grid.objects.in_force().filter(within("code", [place]))}
    posts = Appointment.objects.in_force().filter(within("places__code", [place])).prefetch_related("places")
    for row in posts:
        codes = {one.code for one in row.places.all()}
        assert all(code in in_force or len(code) < 15 for code in codes)
    covered = BranchGrid.objects.in_force().filter(within("grid__code", [place]))
    assert set(covered.values_list("grid__code", flat=True)) <= in_force
    standing = UnitVersion.objects.in_force().filter(within("place_code", [place]))
    assert all(row.place_code in in_force or len(row.place_code) < 15 for row in standing)
    households = (
        MemberHousehold.objects.in_force().filter(within("place_code", [place])).select_related("building")
    )
    assert households and all(row.place_code == row.building.place_code for row in households)
    groups: dict[int, Counter[str]] = {}
    for group, code in GroupBuilding.objects.in_force().values_list("group_id", "building__place_code"):
        groups.setdefault(group, Counter())[code] += 1
    for row in standing.filter(kind="building_party_group"):
        found = groups[row.unit_id]
        assert row.place_code == min(found, key=lambda code: (-found[code], code))


def test_the_district_is_seen_and_moved_about_in_a_fixed_number_of_statements() -> None:
    actor = actor_of("district")
    data = PlanData(place_code="210202", title="全区", seconds=2, seed=1)
    with CaptureQueriesContext(connection) as asked:
        plan = services_plans.create_plan(actor=actor, data=data)
    assert len(asked) <= 30, [one["sql"][:80] for one in asked]
    plan_runs.run_plan(plan.pk)
    plan.refresh_from_db()
    with CaptureQueriesContext(connection) as asked:
        view = selectors_plans.studio(actor, plan)
    assert len(asked) <= 16 and len(view.buildings) == len(plan.buildings) > 5000
    with CaptureQueriesContext(connection) as asked:
        selectors_plans.progress(actor, plan)
    assert len(asked) <= 1
    one = view.buildings[0]
    other = next(b for b in view.buildings if b.community == one.community and b.number != one.number)
    with CaptureQueriesContext(connection) as asked:
        version = services_plans.move_buildings(actor=actor, plan_id=plan.pk, moved={one.id: other.number})
    assert len(asked) <= 26, [found["sql"][:80] for found in asked]
    assert version.labels[0] == other.number and version.figures["broken"] == 0
