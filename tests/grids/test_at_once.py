"""Two at the same moment: one visit sent twice, one time taken twice, one force attached twice."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.modules.grids import services, services_lists
from doorstep.modules.grids.models import GridForce, Visit
from doorstep.modules.grids.models_roster import RosterSlot
from doorstep.modules.grids.services import NewVisit
from doorstep.modules.grids.services_lists import NewForce, NewProfessional, NewSlot
from tests.grids.world import FIRST, ONE, TODAY, World, build

TIMES = 6


@pytest.fixture
def world(fresh_database: str) -> World:
    return build()


def together(act: Callable[[], Any]) -> list[Any]:
    """What each of several threads got: a value, or the refusal."""
    gate, found = threading.Barrier(TIMES), []

    def run() -> None:
        try:
            gate.wait(timeout=20)
            with clock.fixed(TODAY):
                found.append(act())
        except Exception as trouble:
            found.append(trouble)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(TIMES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


def test_one_visit_sent_at_once_is_one(world: World) -> None:
    actor, token = world.actor("worker"), uuid.uuid4()
    new = NewVisit(place_code=FIRST, visited_on=TODAY, kind="hazard", token=token)
    found = together(lambda: services.record_visit(actor=actor, new=new).pk)
    assert found == [Visit.objects.get().pk] * TIMES


def test_one_time_is_taken_once(world: World) -> None:
    actor = world.actor("secretary")
    new = NewProfessional(
        place_code=ONE, kind="lawyer", name="演示律甲", unit="演示律所", valid_from=dt.date(2026, 1, 1)
    )
    person = services_lists.enrol_professionals(actor=actor, professionals=[new])[0][0]
    slot = NewSlot(
        professional_id=person.pk,
        starts=dt.time(9),
        ends=dt.time(11),
        venue="演示中心",
        valid_from=TODAY,
        weekday=2,
    )
    found = together(lambda: services_lists.add_slots(actor=actor, slots=[slot]))
    assert RosterSlot.objects.count() == 1
    assert sum(isinstance(each, RuleViolation) for each in found) == TIMES - 1


def test_one_force_is_attached_once(world: World) -> None:
    actor = world.actor("secretary")
    new = NewForce(place_code=FIRST, kind="police", unit="演示派出所", valid_from=TODAY)
    found = together(lambda: services_lists.attach_forces(actor=actor, forces=[new])[0][1])
    assert GridForce.objects.count() == 1
    assert found.count("added") == 1
    assert all(each in ("added", "unchanged") or isinstance(each, Conflict) for each in found)
