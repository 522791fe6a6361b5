"""Open matters when grids are drawn anew: in the grid that has their place, in the hand of who works it."""

from __future__ import annotations

import pytest

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.models import Building, BuildingPlacement, Grid, GridLineage
from doorstep.kernel.shared import clock
from doorstep.modules.grids import selectors_plans, services_plans
from doorstep.modules.grids.models import GridPlan
from tests.grids.plans.test_effect import DOCUMENT, LATER, approved, sent
from tests.grids.plans.test_making import computed
from tests.grids.plans.world import ONE, TODAY, Ground
from tests.grids.reports import in_hand


class Workers:
    """A worker in each grid of the first community, by the grid's code."""

    def __init__(self, ground: Ground) -> None:
        self.world = ground.world
        self.workers = {f"{ONE}001": ground.world.posts["worker"]}
        for number in (2, 3, 4):
            code = f"{ONE}{number:03}"
            self.workers[code] = ground.world.worker(code)

    def matter(self, code: str, building: Building | None = None) -> Matter:
        """In hand of who works the grid, at the building where one is given."""
        matter = in_hand(self.world, code, code, self)
        if building is not None:
            Matter.objects.filter(pk=matter.pk).update(
                longitude=building.longitude, latitude=building.latitude
            )
        return matter

    def now_at(self, code: str) -> set[int]:
        """Two where a grid took in the place of another: its worker comes along."""
        rows = Appointment.objects.in_force().filter(
            post="grid_worker", places__code=code, substitute_for=None
        )
        return set(rows.values_list("person_id", flat=True))


@pytest.fixture
def workers(ground: Ground) -> Workers:
    return Workers(ground)


def steps(matter: Matter) -> list[str]:
    return list(History.objects.filter(matter=matter).order_by("number").values_list("name", flat=True))


def test_matters_of_an_ended_grid_go_to_who_works_the_place(ground: Ground, workers: Workers) -> None:
    """At every building one, and one without a position, in every grid: whatever the plan ends, they lie and are held right."""
    at = {row.pk: workers.matter(row.place_code, row) for row in ground.buildings}
    adrift = {code: workers.matter(code) for code in workers.workers}
    before = {row.pk: row.place_code for row in ground.buildings}
    plan = approved(ground, asked={ONE: 3})
    (ended,) = Grid.objects.filter(community_id=ONE, valid_to=TODAY)
    placed = dict(BuildingPlacement.objects.in_force().values_list("building_id", "grid__code"))
    moved = 0
    for building, matter in at.items():
        matter.refresh_from_db()
        assert matter.place_code == placed[building]
        changed = before[building] != placed[building]
        moved += changed
        assert steps(matter).count("follow_grid") == changed
        kept = workers.workers[before[building]].person_id
        holds = {
            one.code
            for row in Appointment.objects.in_force().filter(person_id=kept)
            for one in row.places.all()
        }
        if placed[building] in holds:
            assert matter.handler_id == kept and "hand_over" not in steps(matter)
        else:
            assert (
                matter.handler_id in workers.now_at(placed[building])
                and steps(matter).count("hand_over") == 1
            )
    assert moved
    heir = GridLineage.objects.filter(before=ended).values_list("after__code", flat=True)
    for code, matter in adrift.items():
        matter.refresh_from_db()
        assert matter.place_code == code if code != ended.code else matter.place_code in heir
    assert plan.outcome["concerned"] and any(one["kind"] == "matters" for one in plan.outcome["concerned"])


def test_a_new_grid_of_another_worker_takes_its_matters_along(ground: Ground, workers: Workers) -> None:
    plan = computed(ground, asked={ONE: 5})
    actor, new = ground.actor("street"), plan.grids.get(code="")
    inside = [
        pk for pk, number in zip(plan.buildings, plan.current.labels, strict=True) if number == new.number
    ]
    building = Building.objects.get(pk=inside[0])
    chosen = next(row for code, row in workers.workers.items() if code != building.place_code)
    matter = workers.matter(building.place_code, building)
    services_plans.choose_worker(actor=actor, plan_id=plan.pk, number=new.number, appointment_id=chosen.pk)
    services_plans.send_plan(actor=actor, plan_id=plan.pk, effective_on=TODAY, document=DOCUMENT)
    plan.refresh_from_db()
    told = selectors_plans.changes(actor, plan)
    assert any("未结事项移交给" in one["name"] for one in told["concerned"])
    matter.refresh_from_db()
    assert matter.place_code == building.place_code, "told, not done"
    services_plans.approve_plan(actor=ground.actor("street2"), plan_id=plan.pk)
    matter.refresh_from_db()
    assert (matter.place_code, matter.handler_id) == (f"{ONE}005", chosen.person_id)
    assert steps(matter)[-2:] == ["follow_grid", "hand_over"]
    note, handed = History.objects.filter(matter=matter).order_by("number")[2:]
    assert note.data == {"place_code": [building.place_code, f"{ONE}005"]} and DOCUMENT in handed.internal
    assert Notice.objects.filter(matter=matter, key="hand_over", person_id=chosen.person_id).count() == 1


def test_on_its_day_by_the_platform_and_once(ground: Ground, workers: Workers) -> None:
    matters = [workers.matter(row.place_code, row) for row in ground.buildings]
    plan = approved(ground, LATER, asked={ONE: 3})
    assert not History.objects.filter(name__in=["follow_grid", "hand_over"]).exists(), "tried, not done"
    with clock.fixed(LATER):
        assert services_plans.apply_due(actor=system_actor("tests")) == 1
        services_plans.apply_due(actor=system_actor("tests"))
    rows = list(
        History.objects.filter(name__in=["follow_grid", "hand_over"]).values_list("matter_id", "name")
    )
    assert rows and len(rows) == len(set(rows)) and {pk for pk, _name in rows} <= {one.pk for one in matters}
    assert GridPlan.objects.get(pk=plan.pk).state == "applied"


def test_what_the_day_refuses_leaves_matters_alone(ground: Ground, workers: Workers) -> None:
    for row in ground.buildings:
        workers.matter(row.place_code, row)
    plan = approved(ground, LATER, asked={ONE: 3})
    Building.objects.create(
        place_code=ONE, name="新楼", pinyin="x", initials="x", longitude=121.6, latitude=38.9, households=10
    )
    with clock.fixed(LATER):
        assert services_plans.apply_due(actor=system_actor("tests")) == 0
    plan.refresh_from_db()
    assert plan.state == "refused"
    assert not History.objects.filter(name__in=["follow_grid", "hand_over"]).exists()


def test_where_nobody_works_the_place_it_stays_in_hand(ground: Ground, workers: Workers) -> None:
    """The worker of the grid that ends leaves on the day; nobody follows there."""
    at = {row.pk: workers.matter(row.place_code, row) for row in ground.buildings}
    for row in workers.workers.values():
        Appointment.objects.filter(pk=row.pk).update(valid_to=TODAY)
    approved(ground, asked={ONE: 3})
    for building, matter in at.items():
        handler = matter.handler_id
        matter.refresh_from_db()
        assert matter.handler_id == handler
        assert matter.place_code == BuildingPlacement.objects.in_force().get(building_id=building).grid.code


def test_who_handles_it_for_the_community_keeps_it(ground: Ground, workers: Workers) -> None:
    """The secretary is no worker of the grid: the place changes, the hand does not."""
    building = ground.buildings[-1]
    matter = workers.matter(building.place_code, building)
    Matter.objects.filter(pk=matter.pk).update(handler_id=ground.world.people["secretary"].pk)
    approved(ground, asked={ONE: 3})
    matter.refresh_from_db()
    assert matter.handler_id == ground.world.people["secretary"].pk


def test_a_few_statements_for_any_number(ground: Ground, workers: Workers) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for row in ground.buildings:
        workers.matter(row.place_code, row)
    first = sent(ground, asked={ONE: 3})
    with CaptureQueriesContext(connection) as few:
        selectors_plans.changes(ground.actor("street"), first)
    for row in ground.buildings:
        for _ in range(2):
            workers.matter(row.place_code, row)
    with CaptureQueriesContext(connection) as many:
        selectors_plans.changes(ground.actor("street"), first)
    assert len(many) - len(few) <= 2, (len(few), len(many))
