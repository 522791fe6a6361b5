"""Matters for tests: a street with communities and grids, the offices that handle, a resident who reports."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from doorstep.kernel.access.actors import Actor, Grant, system_actor
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.matters import services
from doorstep.kernel.matters.models import Matter, TimeLimit
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.organisations.services import found_unit
from doorstep.kernel.people.models import Person
from tests.organisations.world import (
    COMMUNITY,
    DISTRICT,
    GRID,
    NEIGHBOUR,
    START,
    STREET,
    build_places,
    person,
)

SYSTEM = system_actor("tests")
UNTIL = dt.date(2026, 7, 10)  # until when a matter is suspended


@dataclass
class World:
    """The cast: actors by role, and the units they serve in."""

    committee: Unit
    street: Unit
    department: Unit
    abroad: Unit
    people: dict[str, Person]
    actors: dict[str, Actor]

    def __getitem__(self, role: str) -> Actor:
        return self.actors[role]


def build() -> World:
    build_places()
    set_limits()
    committee = unit("residents_committee", "演示居委会", COMMUNITY)
    street = unit("street_office", "演示街道办", STREET)
    department = unit("department", "演示城管局", DISTRICT)
    abroad = unit("street_office", "演示邻街道办", NEIGHBOUR)
    posts = {
        "worker": ("grid_worker", committee, (GRID,)),
        "second_worker": ("grid_worker", committee, (GRID,)),
        "community": ("community_worker", committee, (COMMUNITY,)),
        "street": ("street_officer", street, (STREET,)),
        "district": ("district_officer", department, (DISTRICT,)),
        "department": ("department_officer", department, (DISTRICT,)),
        "outsider": ("street_officer", abroad, (NEIGHBOUR,)),
    }
    people = {role: person(f"演示{role}") for role in [*posts, "resident", "neighbour"]}
    actors = {
        role: Actor(
            account_id=number, person_id=people[role].pk, name=people[role].name,
            grants=(Grant(post, unit.pk, places, capabilities_of(post)),),
        )
        for number, (role, (post, unit, places)) in enumerate(posts.items(), start=1)
    }  # fmt: skip
    for number, role in enumerate(["resident", "neighbour"], start=50):
        actors[role] = Actor(account_id=number, person_id=people[role].pk, name=people[role].name)
    return World(committee, street, department, abroad, people, actors)


def unit(kind: str, name: str, place: str) -> Unit:
    return found_unit(
        actor=SYSTEM, kind=kind, name=name, place_code=place, founded_on=START, document="演示〔2024〕1号"
    )


def set_limits(kind: str = "request") -> None:
    for clock, urgency, amount, measure in [
        ("respond", "", 1, "working_days"), ("resolve", "", 7, "natural_days"),
        ("respond", "emergency", 2, "hours"), ("resolve", "emergency", 24, "hours"),
        ("resolve", "urgent", 3, "working_days"),
    ]:  # fmt: skip
        TimeLimit.objects.create(
            kind=kind, clock=clock, urgency=urgency, amount=amount, measure=measure, clause="演示时限",
            valid_from=dt.date(2024, 1, 1),
        )  # fmt: skip


def opened(world: World, by: str = "resident", **more: Any) -> Matter:
    values: dict[str, Any] = {
        "kind": "request", "place_code": GRID, "title": "楼道灯不亮", "text": "三单元二楼的灯坏了两天",
        "source": "phone", "reporter_id": world.people["resident"].pk, "holder_id": world.committee.pk,
        "key": uuid.uuid4(),
    }  # fmt: skip
    return services.open_matter(actor=world[by], new=services.NewMatter(**(values | more))).matter


def step(world: World, who: str, matter: Matter, name: str, **inputs: Any) -> Matter:
    return services.apply_transition(
        actor=world[who], matter_id=matter.pk, name=name, inputs=services.Inputs(**inputs)
    )
