"""Two at the same moment, on two connections: one wins, the other is told, and nothing stands twice."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, Refused, RuleViolation
from doorstep.modules.coverage import services, services_covering, services_gaps
from doorstep.modules.coverage.models import Covering, Gap, Profile
from tests.coverage import world as district
from tests.coverage.world import TODAY, World, code, establish, new, registered


@pytest.fixture
def world(fresh_database: str) -> World:
    world = district.build()
    district.draw()
    return world


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each gave, or its refusal, in order."""
    found: list[Any] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(place: int) -> None:
        with clock.fixed(TODAY):
            gate.wait()
            try:
                found[place] = acts[place]()
            except Refused as refusal:
                found[place] = refusal
            finally:
                connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_one_code_registered_by_two_officers(world: World) -> None:
    given = new(credit_code=code(950))
    actors = world.actor("street"), world.actor("district")
    found = together(
        *(lambda actor=actor: services.register_organisation(actor=actor, new=given) for actor in actors)
    )
    assert sorted(type(one).__name__ for one in found) in (
        ["Conflict", "Profile"],
        ["Profile", "RuleViolation"],
    )
    assert Profile.objects.count() == 1


def test_the_last_place_of_a_joint_branch(world: World) -> None:
    rows = [registered(world, full=1) for _ in range(6)]
    party = establish(world, *rows[:4], form="joint")
    actor = world.actor("street")
    found = together(
        *(
            lambda row=row: services_covering.join(
                actor=actor,
                party_id=party.pk,
                organisation_id=row.pk,
                valid_from=TODAY,
                document="演批〔2026〕1号",
            )
            for row in rows[4:]
        )
    )
    assert sorted(type(one).__name__ for one in found) == ["Covering", "RuleViolation"]
    assert Covering.objects.filter(party=party).count() == 5


def test_one_organisation_covered_twice(world: World) -> None:
    row = registered(world, full=5)
    founded = dt.date(2026, 3, 2)
    found = together(
        *(
            lambda name=name: establish(world, row, name=name, founded_on=founded)
            for name in ("甲支部", "乙支部")
        )
    )
    refused = [one for one in found if isinstance(one, Conflict | RuleViolation)]
    assert len(refused) == 1 and Covering.objects.count() == 1


def test_gaps_found_by_two_workers(world: World) -> None:
    for _ in range(6):
        registered(world, full=1)
    together(services_gaps.find_gaps, services_gaps.find_gaps)
    services_gaps.find_gaps()
    assert Gap.objects.count() == 6
