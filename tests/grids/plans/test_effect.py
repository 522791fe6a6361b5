"""A plan sent, approved by a second person, and put into effect: grids, lineage, outlines, workers, branches, households."""

from __future__ import annotations

import datetime as dt

import pytest

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.models import Building, BuildingPlacement, Grid, GridLineage, Outline
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, RuleViolation
from doorstep.modules.grids import plan_runs, selectors_plans, services_plans
from doorstep.modules.grids.models import GridPlan
from doorstep.modules.grids.plan_comparison import comparison
from tests.grids.plans.test_making import computed
from tests.grids.plans.world import ONE, TODAY, Ground

DOCUMENT = "演网〔2026〕9号"
LATER = TODAY + dt.timedelta(days=10)


def sent(ground: Ground, on: dt.date = TODAY, **values) -> GridPlan:
    plan = computed(ground, **values)
    return services_plans.send_plan(
        actor=ground.actor("street"), plan_id=plan.pk, effective_on=on, document=DOCUMENT
    )


def approved(ground: Ground, on: dt.date = TODAY, **values) -> GridPlan:
    plan = sent(ground, on, **values)
    plan = services_plans.approve_plan(actor=ground.actor("street2"), plan_id=plan.pk)
    plan.refresh_from_db()
    return plan


def whole(community: str = ONE) -> None:
    """What holds of every community: each building in exactly one grid in force, no grid in force without buildings."""
    placed = BuildingPlacement.objects.in_force().filter(grid__community_id=community)
    by_building = dict(placed.values_list("building_id", "grid__code"))
    rows = Building.objects.filter(place_code__startswith=community)
    assert len(placed) == len(by_building) == rows.count()
    assert all(by_building[row.pk] == row.place_code for row in rows)
    in_force = set(Grid.objects.in_force().filter(community_id=community).values_list("code", flat=True))
    assert set(by_building.values()) == in_force


def test_fewer_grids_are_merged_with_lineage(ground: Ground) -> None:
    worker = ground.world.worker(f"{ONE}004")
    plan = approved(ground, asked={ONE: 3})
    assert plan.state == "applied"
    whole()
    ended = Grid.objects.filter(community_id=ONE, valid_to=TODAY)
    assert len(ended) == 1
    took = set(
        GridLineage.objects.filter(before__in=ended, kind="merged").values_list("after__code", flat=True)
    )
    assert took and took == set(
        BuildingPlacement.objects.in_force()
        .filter(building__placements__grid__in=ended)
        .values_list("grid__code", flat=True)
    )
    if ended[0].code == f"{ONE}004":
        renewed = Appointment.objects.in_force().get(person_id=worker.person_id, post="grid_worker")
        assert renewed.places.get().code in took


def test_more_grids_are_split_and_their_worker_follows(ground: Ground) -> None:
    for number in (2, 3, 4):
        ground.world.worker(f"{ONE}{number:03}")
    plan = approved(ground, asked={ONE: 5})
    assert plan.state == "applied"
    whole()
    new = Grid.objects.get(community_id=ONE, valid_from=TODAY)
    assert (new.code, new.name, new.document) == (f"{ONE}005", "第五网格", DOCUMENT)
    gave = GridLineage.objects.filter(after=new)
    assert gave and {step.kind for step in gave} == {"split"}
    rows = Appointment.objects.in_force().filter(post="grid_worker", places__code=new.code)
    assert len(rows) == 1 and rows[0].places.count() == 2
    assert Notice.objects.filter(person_id=rows[0].person_id, about="grids.plan", about_id=plan.pk).exists()
    assert Notice.objects.filter(person=ground.world.people["secretary"], key="community").exists()


def test_the_sender_cannot_approve(ground: Ground) -> None:
    plan = sent(ground)
    with pytest.raises(NotAllowed, match="另一位"):
        services_plans.approve_plan(actor=ground.actor("street"), plan_id=plan.pk)


def test_it_takes_effect_on_its_day_and_once(ground: Ground) -> None:
    plan = approved(ground, LATER, asked={ONE: 5})
    assert plan.state == "approved"
    assert not Grid.objects.filter(community_id=ONE, code=f"{ONE}005").exists()
    system = system_actor("tests")
    assert services_plans.apply_due(actor=system) == 0
    with clock.fixed(LATER):
        assert services_plans.apply_due(actor=system) == 1
        assert services_plans.apply_due(actor=system) == 0
        whole()
        assert Grid.objects.filter(community_id=ONE, valid_from=LATER).count() == 1
        with pytest.raises(Conflict, match="已经生效"):
            services_plans.take_back(actor=ground.actor("street"), plan_id=plan.pk)


def test_taken_back_it_never_takes_effect(ground: Ground) -> None:
    plan = approved(ground, LATER)
    services_plans.take_back(actor=ground.actor("street"), plan_id=plan.pk)
    with clock.fixed(LATER):
        assert services_plans.apply_due(actor=system_actor("tests")) == 0
    plan.refresh_from_db()
    assert (plan.state, plan.approved_by) == ("ready", None)


def test_what_the_day_refuses_is_said(ground: Ground) -> None:
    plan = approved(ground, LATER, asked={ONE: 5})
    Grid.objects.create(
        code=f"{ONE}007",
        community_id=ONE,
        valid_from=TODAY,
        document="演批",
        name="第五网格",
        pinyin="x",
        initials="x",
    )
    with clock.fixed(LATER):
        assert services_plans.apply_due(actor=system_actor("tests")) == 0
    plan.refresh_from_db()
    assert plan.state == "refused" and "第五网格" in plan.error
    told = Notice.objects.get(about="grids.plan", key="refused")
    assert told.person_id == ground.world.people["street"].pk
    assert not Grid.objects.filter(code=f"{ONE}005").exists()


def test_approving_refuses_first_what_would_be_refused(ground: Ground) -> None:
    plan = sent(ground, LATER)
    building = Building.objects.create(
        place_code=ONE, name="新楼", pinyin="x", initials="x", longitude=121.6, latitude=38.9, households=10
    )
    with pytest.raises(RuleViolation, match="新楼"):
        services_plans.approve_plan(actor=ground.actor("street2"), plan_id=plan.pk)
    assert building.pk
    plan.refresh_from_db()
    assert plan.state == "sent"


def test_outlines_are_laid_anew(ground: Ground) -> None:
    for at, grid in enumerate(ground.grids):
        west = 121.5997 + at * 0.0006
        ring = [
            [west, 38.899],
            [west + 0.0006, 38.899],
            [west + 0.0006, 38.903],
            [west, 38.903],
            [west, 38.899],
        ]
        Outline.objects.create(
            place_code=grid.code, geometry={"type": "Polygon", "coordinates": [ring]}, west=west, south=38.899,
            east=west + 0.0006, north=38.903, source="演示", valid_from=grid.valid_from,
        )  # fmt: skip
    approved(ground, asked={ONE: 5})
    codes = set(Grid.objects.in_force().filter(community_id=ONE).values_list("code", flat=True))
    rows = Outline.objects.in_force().filter(place_code__startswith=ONE, valid_from=TODAY)
    assert rows and all(row.illustrative and row.source == DOCUMENT for row in rows)
    assert {row.place_code for row in Outline.objects.in_force().filter(place_code__startswith=ONE)} == codes


def test_a_plan_of_a_dropped_state_is_left_alone(ground: Ground) -> None:
    plan = computed(ground)
    services_plans.drop_plan(actor=ground.actor("street"), plan_id=plan.pk)
    plan_runs.run_plan(plan.pk)
    plan.refresh_from_db()
    assert plan.state == "dropped"


def test_what_changes_is_told_beforehand_and_as_it_was(ground: Ground) -> None:
    for number in (1, 2, 3, 4):
        ground.world.worker(f"{ONE}{number:03}")
    plan = sent(ground, asked={ONE: 5})
    before = selectors_plans.changes(ground.actor("secretary"), plan)
    assert before["problem"] == "" and [one["name"] for one in before["begun"]] == ["第五网格"]
    assert {one["kind"] for one in before["concerned"]} == {"appointment"}
    assert not Grid.objects.filter(code=f"{ONE}005").exists()
    plan = services_plans.approve_plan(actor=ground.actor("street2"), plan_id=plan.pk)
    assert selectors_plans.changes(ground.actor("secretary"), plan) == before


def test_plans_side_by_side(ground: Ground) -> None:
    one, other = computed(ground), computed(ground, asked={ONE: 5})
    rows, chart = comparison([one, other])
    assert [sum(series["values"]) for series in chart["series"]] == [4, 4, 5]
    assert rows[0].values == ["4", "5"]
