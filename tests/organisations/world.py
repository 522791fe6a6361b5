"""A small world for tests: two streets with communities and grids, people, and officers with grants."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.access.actors import Actor, Grant, system_actor
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.organisations import services
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.names import name_keys
from doorstep.kernel.shared.place_codes import level_of, parent_of

DISTRICT, STREET, NEIGHBOUR = "210202", "210202005", "210202006"
COMMUNITY, SISTER, ABROAD = "210202005011", "210202005012", "210202006011"
GRID, SECOND_GRID, GRID_ABROAD = "210202005011001", "210202005011002", "210202006011001"
START = dt.date(2024, 1, 1)
SYSTEM = system_actor("tests")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def build_places() -> None:
    for code in ["21", "2102", DISTRICT, STREET, NEIGHBOUR, COMMUNITY, SISTER, ABROAD]:
        Area.objects.create(
            code=code,
            parent_id=parent_of(code),
            level=level_of(code),
            edition=2023,
            **name_keys(f"地方{code}"),
        )
    for code in [GRID, SECOND_GRID, GRID_ABROAD]:
        Grid.objects.create(code=code, community_id=code[:12], name=f"第{code[12:]}网格", valid_from=START)


def person(name: str, place: str = COMMUNITY) -> Person:
    return Person.objects.create(created_at=clock.now(), place_code=place, **name_keys(name))


def officer(post: str, *places: str, unit_id: int = 0, person_id: int | None = None, name: str = "") -> Actor:
    """An actor as an appointment of this post over these places would make it."""
    grant = Grant(post=post, unit_id=unit_id, places=places, capabilities=capabilities_of(post))
    return Actor(account_id=1, person_id=person_id, name=name or post, grants=(grant,))


def party(name: str = "演示社区党委", place: str = COMMUNITY, **more: object) -> Unit:
    values: dict = {
        "founded_on": START,
        "document": "演示〔2024〕1号",
        "kind": "community_party_organisation",
    }
    return services.found_unit(actor=SYSTEM, name=name, place_code=place, **(values | more))


def branch(name: str = "演示第一支部", place: str = COMMUNITY, **more: object) -> Unit:
    return party(name, place, **({"kind": "grid_party_branch"} | more))


def committee(name: str = "演示居委会", place: str = COMMUNITY, **more: object) -> Unit:
    return party(name, place, **({"kind": "residents_committee"} | more))
