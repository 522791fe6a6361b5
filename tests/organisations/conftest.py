import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations import services
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.shared import clock
from tests.organisations import world
from tests.organisations.world import COMMUNITY, START, STREET, SYSTEM, party
from tests.sign_in import client_of


@pytest.fixture(autouse=True)
def today():
    with clock.fixed(dt.date(2026, 6, 15)) as day:
        yield day


@pytest.fixture
def places(db):
    world.build_places()


@pytest.fixture
def street(fresh_database: str, monkeypatch: Any, settings: Any, tmp_path: Path) -> Client:
    monkeypatch.setenv("DOORSTEP_TODAY", "2026-06-15")
    settings.MEDIA_ROOT, settings.DEMO = tmp_path, True
    world.build_places()
    office = party("演示街道办", STREET, kind="street_office")
    (person,) = register_people(actor=SYSTEM, people=[NewPerson("演示街道员", COMMUNITY)])
    services.appoint(
        actor=SYSTEM, person_id=person.pk, post="street_officer", unit_id=office.pk, valid_from=START
    )
    return client_of(Account.objects.create(username="street", person=person, is_demo=True))
