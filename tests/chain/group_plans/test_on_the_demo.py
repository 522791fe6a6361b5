"""Communities of the demo district: its counts and its ready plan, every group drawn anew, and how many statements it takes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.places.models import BuildingPlacement
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.chain import selectors_group_plans as selectors
from doorstep.modules.chain import services_group_plans as plans
from doorstep.modules.chain.building_members import counts_on
from doorstep.modules.chain.group_plan_changes import changes
from doorstep.modules.chain.models import BranchGrid, GroupBuilding, GroupPlan
from doorstep.modules.chain.selectors import GROUP, counts_of, scattered_groups
from doorstep.modules.chain.services_group_plans import GroupPlanData

pytestmark = pytest.mark.usefixtures("demo_database")
COMMUNITY, STREET = "210202005011", "210202005"


def actor_of(username: str) -> Actor:
    return actor_for(Account.objects.get(username=username))


def test_buildings_counted_add_up_to_their_branch() -> None:
    today = clock.today()
    grids: dict[int, set[int]] = {}
    for branch, grid in BranchGrid.objects.in_force().values_list("branch_id", "grid_id"):
        grids.setdefault(branch, set()).add(grid)
    placed: dict[int, list[int]] = {}
    for grid, building in BuildingPlacement.objects.in_force().values_list("grid_id", "building_id"):
        placed.setdefault(grid, []).append(building)
    full = {branch: count.full for branch, count in counts_of(grids, today).items()}
    counted = counts_on([pk for homes in placed.values() for pk in homes], today)
    whole = without = 0
    for branch, held in grids.items():
        homes = [pk for grid in held for pk in placed.get(grid, [])]
        rows = [counted[pk].full for pk in homes if pk in counted]
        assert len(rows) in (0, len(homes))
        if rows:
            assert sum(rows) == full[branch]
            whole += 1
        else:
            without += 1
    assert whole > 5 * without > 0


def test_a_plan_is_ready_to_look_at_and_changes_nothing() -> None:
    plan = GroupPlan.objects.select_related("current").get(place_code=COMMUNITY)
    figures = plan.current.figures
    assert (plan.state, figures["broken"], figures["crossing"], figures["without"]) == ("ready", 0, 0, 0)
    assert not changes(plan)["problem"]


def test_every_community_of_a_street_drawn_anew() -> None:
    street, district = actor_of("street"), actor_of("district")
    leaders = set(
        Appointment.objects.in_force().filter(post="group_leader").values_list("unit_id", "person_id")
    )
    for code, _name in [one for _street, choices in selectors.communities_to_plan(street) for one in choices]:
        data = GroupPlanData(place_code=code, title="演示")
        plan = plans.create_plan(actor=street, data=data)
        plans.send_plan(
            actor=street, plan_id=plan.pk, effective_on=clock.today(), document="演组〔2026〕1号", approval="演批〔2026〕2号"
        )  # fmt: skip
        assert plans.approve_plan(actor=district, plan_id=plan.pk).state == "applied"
    _whole(STREET)
    alive = set(UnitVersion.objects.in_force().filter(kind=GROUP).values_list("unit_id", flat=True))
    now = set(Appointment.objects.in_force().filter(post="group_leader").values_list("unit_id", "person_id"))
    assert {one for one in leaders if one[0] in alive} == now, "who goes on leads on, who ended leads no more"


def _whole(place: str) -> None:
    today = clock.today()
    grids = dict(
        BuildingPlacement.objects.in_force().filter(within("grid__code", [place])).values_list("building_id", "grid_id")
    )  # fmt: skip
    covered = GroupBuilding.objects.in_force().filter(building__in=grids)
    assert covered.count() == len(set(covered.values_list("building_id", flat=True))) == len(grids)
    groups = dict(UnitVersion.objects.in_force().filter(kind=GROUP).values_list("unit_id", "superior_id"))
    inside = set(BranchGrid.objects.in_force().values_list("branch_id", "grid_id"))
    for building, group in covered.values_list("building_id", "group_id"):
        assert (groups[group], grids[building]) in inside
    assert scattered_groups(today, covered.values_list("group_id", flat=True)) == set()


def test_in_a_fixed_number_of_statements() -> None:
    actor = actor_of("street")
    with CaptureQueriesContext(connection) as asked:
        plan = plans.create_plan(actor=actor, data=GroupPlanData(place_code=COMMUNITY, title="演示"))
    assert len(asked) <= 38, [one["sql"][:90] for one in asked]
    plan = selectors.plan_seen(actor, plan.pk)
    with CaptureQueriesContext(connection) as asked:
        view, _ground = selectors.studio(actor, plan)
    assert len(asked) <= 8 and len(view.houses) > 50, [one["sql"][:90] for one in asked]
    with CaptureQueriesContext(connection) as asked:
        selectors.site_to_plan(COMMUNITY)
    assert len(asked) <= 13, [one["sql"][:90] for one in asked]
    with CaptureQueriesContext(connection) as asked:
        selectors.listed(actor, "", 0, 30)
    assert len(asked) <= 3
