import pytest
from django.test import Client

from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.shared import clock
from tests.chain import world as district
from tests.chain.world import BEGAN, ONE, SYSTEM, World, person
from tests.sign_in import client_of

G1, G2 = f"{ONE}001", f"{ONE}002"
STREET = "210202005"


@pytest.fixture(autouse=True)
def today():
    with clock.fixed(district.TODAY) as day:
        yield day


@pytest.fixture
def world(db) -> district.World:
    return district.build()


def officer(post: str, kind: str, place: str) -> Client:
    unit = organisations.found_unit(
        actor=SYSTEM,
        kind=kind,
        name=f"演示{post}{place}",
        place_code=place,
        founded_on=BEGAN,
        document="演批1号",
    )
    who = person(place=place)
    organisations.appoint(actor=SYSTEM, person_id=who.pk, post=post, unit_id=unit.pk, valid_from=BEGAN)
    return client_of(Account.objects.create(username=f"{post}{place}", person=who))


@pytest.fixture
def chain(world) -> World:
    """Two branches, a group in each, leaders, one household."""
    world.left, world.right = world.branch(G1, full=9), world.branch(G2, full=12, name="演示党支部002")
    world.team = world.group(world.left, world.buildings[G1][:3])
    world.leader(world.left, "branch_secretary")
    world.term(world.left)
    world.home = world.household(world.buildings[G1][0])
    return world


@pytest.fixture
def street(chain) -> Client:
    return officer("street_officer", "street_working_committee", STREET)
