"""Two streets with the same post each; everything that one's address can name, asked by the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.shared import clock
from tests.chain import world as district

OURS, THEIRS = district.ONE[:9], district.ELSEWHERE[:9]
UNIT_KINDS = {
    "street_officer": "street_office", "district_officer": "district_government", "department_officer": "department",
    "community_secretary": "community_party_organisation", "security_administrator": "platform_administration",
}  # fmt: skip


@pytest.fixture
def world(db: None, clock_fixed: dt.date, settings: Any) -> Iterator[district.World]:
    settings.DEMO = True  # the accounts below sign in without a second factor, as the demo cast does
    with clock.fixed(clock_fixed):
        yield district.build()


@pytest.fixture
def sign_in(world: district.World) -> Callable[..., Client]:
    def signed_in(post: str, place: str) -> Client:
        unit = organisations.found_unit(
            actor=district.SYSTEM, kind=UNIT_KINDS[post], name=f"演示{post}{place}", place_code=place,
            founded_on=district.BEGAN, document="文",
        )  # fmt: skip
        (person,) = register_people(actor=district.SYSTEM, people=[NewPerson(f"演示{post}", district.ONE)])
        organisations.appoint(
            actor=district.SYSTEM, person_id=person.pk, post=post, unit_id=unit.pk, valid_from=district.BEGAN
        )
        client = Client()
        client.force_login(
            Account.objects.create(username=f"{post}{place}", person=person, is_demo=True),
            backend="doorstep.kernel.authority.backends.AccountBackend",
        )
        return client

    return signed_in


@pytest.fixture
def ours(sign_in: Callable[..., Client]) -> Client:
    return sign_in("street_officer", OURS)


@pytest.fixture
def theirs(sign_in: Callable[..., Client]) -> Client:
    return sign_in("street_officer", THEIRS)


@pytest.fixture
def branch(world: district.World) -> UnitVersion:
    unit = world.branch(district.ONE + "001")
    return UnitVersion.objects.get(unit=unit)
