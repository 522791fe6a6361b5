"""Requests for tests: the world of matters with a building, an outline, a street officer who calls back."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from doorstep.kernel.access.actors import Actor, Grant
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.places.location import renew_token
from doorstep.kernel.places.models import Building, Outline
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.names import name_keys
from doorstep.modules.requests import services
from tests.matters import world as matters_world
from tests.matters.world import World
from tests.organisations.world import COMMUNITY, DISTRICT, GRID, SECOND_GRID, SISTER, START, STREET, person

__all__ = [
    "COMMUNITY",
    "DISTRICT",
    "GRID",
    "SECOND_GRID",
    "SISTER",
    "STREET",
    "TODAY",
    "World",
    "add_actor",
    "add_unit",
    "build",
    "clock",
    "reported",
    "step",
]

TODAY = dt.date(2026, 6, 15)
# a square kilometre about the first grid, and the district around it
SQUARE = {"west": 121.640, "south": 38.915, "east": 121.652, "north": 38.924}
AROUND = {"west": 121.60, "south": 38.88, "east": 121.70, "north": 38.96}
INSIDE, OUTSIDE = (121.646, 38.920), (121.90, 39.20)


def build() -> World:
    world = matters_world.build()
    Building.objects.create(
        **name_keys("1号楼"), place_code=GRID, address="演示街1号", longitude=121.646, latitude=38.920
    )
    outline(GRID, SQUARE)
    outline(DISTRICT, AROUND)
    renew_token()
    add_actor(world, "caller", "street_officer", world.street, STREET)
    add_actor(world, "cleaner", "department_officer", add_unit("department", "演示环卫处"), DISTRICT)
    return world


def outline(code: str, box: dict[str, float]) -> None:
    west, south, east, north = box.values()
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    Outline.objects.create(
        place_code=code,
        geometry={"type": "Polygon", "coordinates": [ring]},
        source="演示",
        valid_from=START,
        **box,
    )


def add_unit(kind: str, name: str, place: str = DISTRICT) -> Unit:
    return matters_world.unit(kind, name, place)


def add_actor(world: World, role: str, post: str, unit: Unit, *places: str) -> Actor:
    world.people[role] = person(f"演示{role}")
    grant = Grant(post, unit.pk, places, capabilities_of(post))
    number = 100 + len(world.actors)
    world.actors[role] = Actor(
        account_id=number, person_id=world.people[role].pk, name=f"演示{role}", grants=(grant,)
    )
    return world.actors[role]


def reported(world: World, by: str = "resident", **more: Any) -> services.Reported:
    values: dict[str, Any] = {
        "source": "phone", "text": "楼道灯不亮好几天了", "place_code": GRID, "item_code": "env.lamp",
        "key": uuid.uuid4(),
    }  # fmt: skip
    return services.report(actor=world[by], new=services.Report(**(values | more)))


def step(world: World, who: str, matter: Matter, name: str, **inputs: Any) -> Matter:
    return matters.apply_transition(actor=world[who], matter_id=matter.pk, name=name, inputs=Inputs(**inputs))


def closed(world: World, **more: Any) -> Matter:
    matter = reported(world, **more).matter
    step(world, "worker", matter, "accept")
    step(world, "worker", matter, "handle", note="换好了")
    return step(world, "community", matter, "verify", note="看过了")
