from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.places.models import Building
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.names import name_keys
from tests.chain import world as district

PHONE = "13800000001"


@pytest.fixture
def world(db: None, clock_fixed: dt.date) -> Iterator[district.World]:
    with clock.fixed(clock_fixed):
        yield district.build()


@pytest.fixture
def whole(world: district.World) -> Building:
    """A building whose chain has all five links; everybody in it has a private number."""
    grid = next(iter(world.grids))
    building = world.buildings[grid][0]
    keys = name_keys("一号楼")
    Building.objects.filter(pk=building.pk).update(**keys)
    branch = world.branch(grid)
    group = world.group(branch, world.buildings[grid][:3])
    committee = organisations.found_unit(
        actor=district.SYSTEM, kind="residents_committee", name="演示居委会", place_code=district.ONE,
        founded_on=dt.date(2020, 1, 1), document="文", phone="0411-8000009",
    )  # fmt: skip
    posts = {
        "group_leader": (group, ()), "branch_secretary": (branch, ()), "grid_worker": (committee, (grid,)),
        "community_secretary": (world.communities[district.ONE], ()),
    }  # fmt: skip
    people = [NewPerson(f"演示{post}", district.ONE, phone=PHONE) for post in posts]
    for person, (post, (unit, places)) in zip(
        register_people(actor=district.SYSTEM, people=people), posts.items(), strict=True
    ):
        organisations.appoint(
            actor=district.SYSTEM,
            person_id=person.pk,
            post=post,
            unit_id=unit.pk,
            valid_from=district.BEGAN,
            places=places,
        )
    building.refresh_from_db()
    return building
