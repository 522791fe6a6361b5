"""Plans of workers on the demo district: a street in effect, the whole district within a request."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids import selectors_staffing, services_staffing
from doorstep.modules.grids.findings import without_worker
from doorstep.modules.grids.models import StaffPlan, StandIn
from doorstep.modules.grids.services_staffing import StaffingData
from doorstep.modules.grids.staff_ground import ground_of
from tests.browsers import DEMO_DAY
from tests.grids.plans.test_on_the_demo import STREET, actor_of

pytestmark = pytest.mark.usefixtures("demo_database")


def test_a_street_in_effect(django_assert_max_num_queries) -> None:
    street = actor_of("street")
    worked = _in_hand()
    plan = services_staffing.create_staffing(
        actor=street, data=StaffingData(place_code=STREET, title="演示", keep="even")
    )
    assert plan.problems == {} and plan.current.figures["changed"] > 0
    services_staffing.send_staffing(
        actor=street, plan_id=plan.pk, effective_on=DEMO_DAY, document="演任〔2026〕1号"
    )
    with django_assert_max_num_queries(700):
        plan = services_staffing.approve_staffing(actor=actor_of("district"), plan_id=plan.pk)
    assert plan.state == "applied"
    _everybody_right(plan)
    moved = {pk: (handler, place) for pk, (handler, place) in _in_hand().items() if handler != worked[pk][0]}
    rows = list(
        History.objects.filter(name="hand_over", at__date=DEMO_DAY).values_list("matter_id", flat=True)
    )
    assert sorted(set(rows) & set(moved)) == sorted(moved) and plan.outcome["matters"] == len(moved)
    for handler, place in moved.values():
        assert handler in _workers()[place]
    assert StandIn.objects.filter(plan=plan).count() == len(plan.workers)


def _in_hand() -> dict[int, tuple[int, str]]:
    rows = Matter.objects.filter(within("place_code", [STREET]), is_open=True, handler__isnull=False)
    return {pk: (handler, place) for pk, handler, place in rows.values_list("pk", "handler_id", "place_code")}


def _workers() -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    rows = Appointment.objects.in_force().filter(post="grid_worker", substitute_for=None)
    for code, person in rows.filter(within("places__code", [STREET])).values_list(
        "places__code", "person_id"
    ):
        found.setdefault(code, []).append(person)
    return found


def _everybody_right(plan: StaffPlan) -> None:
    """Each grid one worker of its community, each worker one grid or two that lie side by side."""
    found = _workers()
    codes = set(
        Grid.objects.in_force().filter(within("code", [STREET]), kind="basic").values_list("code", flat=True)
    )
    assert set(found) == codes and all(len(persons) == 1 for persons in found.values())
    assert not without_worker(DEMO_DAY).filter(within("code", [STREET])).exists()
    ground = ground_of(plan)
    beside = {(plan.grids[one], plan.grids[other]) for one, other in ground.beside}
    held: dict[int, list[str]] = {}
    for code, (person,) in sorted(found.items()):
        held.setdefault(person, []).append(code)
    for mine in held.values():
        assert len({code[:12] for code in mine}) == 1
        assert len(mine) == 1 or (len(mine) == 2 and tuple(mine) in beside)


def test_the_whole_district_within_a_request() -> None:
    actor = actor_of("district")
    began = time.perf_counter()
    with CaptureQueriesContext(connection) as asked:
        plan = services_staffing.create_staffing(
            actor=actor, data=StaffingData(place_code="210202", title="全区")
        )
    took = time.perf_counter() - began
    print(f"{len(plan.grids)} grids, {len(plan.workers)} workers: {took:.1f} s")
    assert plan.problems == {} and len(plan.grids) > 600
    assert len(asked) <= 30, len(asked)
    with CaptureQueriesContext(connection) as asked:
        view = selectors_staffing.staffing(actor, plan)
    assert len(asked) <= 12 and len(view.workers) == len(plan.workers)
    began = time.perf_counter()
    one = next(grid for grid in view.grids if grid.worker is not None)
    other = next(w for w in view.workers if w.community == one.community and w.number != one.worker)
    services_staffing.move_grid(actor=actor, plan_id=plan.pk, grid=one.code, worker=other.id)
    print(f"a grid moved: {time.perf_counter() - began:.1f} s")
