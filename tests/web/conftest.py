"""A small made-up district, its cast signed in through real accounts, and a register declared as packages do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from django.test import Client

from doorstep.kernel.authority.models import Account
from doorstep.kernel.declarations import registers
from doorstep.kernel.organisations.models import Appointment, AppointmentPlace, Unit, UnitVersion
from doorstep.kernel.people.ciphers import current_suite, new_key
from doorstep.kernel.people.models import Person, PersonKey
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.names import name_keys
from tests.sign_in import client_of
from tests.web import declared

DAY = dt.date(2026, 6, 15)
START = dt.date(2024, 1, 1)
SignIn = Callable[..., Client]


@pytest.fixture
def district(db: None, settings: object) -> Iterator[None]:
    yield from make_district(settings)


@pytest.fixture
def own_district(fresh_database: str, settings: object) -> Iterator[None]:
    """The same in a database of its own, for work in the background."""
    yield from make_district(settings)


def make_district(settings: object) -> Iterator[None]:
    """County 990101 with streets 001 (communities 001, 002) and 002 (community 001), one grid in each community."""
    settings.HOME_PLACE = "990101"  # type: ignore[attr-defined]  # pytest-django's settings take any name
    for code, level, name in [
        ("99", "province", "演示省"), ("9901", "city", "演示市"), ("990101", "county", "演示区"),
        ("990101001", "street", "演示路街道"), ("990101002", "street", "邻近街道"),
        ("990101001001", "community", "甲社区"), ("990101001002", "community", "乙社区"),
        ("990101002001", "community", "丙社区"),
    ]:  # fmt: skip
        parent = {"city": 2, "county": 4, "street": 6, "community": 9}.get(level)
        Area.objects.create(
            code=code, level=level, edition=2023, parent_id=code[:parent] if parent else None, **name_keys(name)
        )  # fmt: skip
        if level == "community":
            Grid.objects.create(code=f"{code}001", community_id=code, name=f"{name}一网格", valid_from=START)
    with clock.fixed(DAY):
        yield


@pytest.fixture
def test_registers(monkeypatch: pytest.MonkeyPatch) -> registers.Register:
    """Only the test's own registers are declared."""
    mine = (declared.UNITS, declared.PEOPLE, declared.SLOW_UNITS, declared.LARGE_UNITS, declared.BULK_UNITS)
    known = {item.key: item for item in mine}
    monkeypatch.setattr(registers, "_registers", known)
    return declared.UNITS


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Declare the units' register again with parts changed."""

    def again(**parts: object) -> None:
        monkeypatch.setitem(registers._registers, "test_units", replace(declared.UNITS, **parts))  # type: ignore[arg-type]  # parts are the dataclass's own

    return again


def unit(
    name: str, place: str, *, kind: str = "building_party_group", since: dt.date = START,
    until: dt.date | None = None, **fields: object,
) -> UnitVersion:  # fmt: skip
    identity = Unit.objects.create(kind=kind, founded_on=since, ended_on=until)
    return UnitVersion.objects.create(
        unit=identity, kind=kind, place_code=place, valid_from=since, valid_to=until, **name_keys(name), **fields
    )  # fmt: skip


def account(post: str, unit_kind: str, *places: str, name: str = "演示甲一", username: str = "") -> Account:
    """An account whose person holds `post` in a new unit at the first place, over all of them."""
    home = unit(f"{name}的单位", places[0], kind=unit_kind)
    person = Person.objects.create(place_code=places[0][:12], created_at=clock.now(), **name_keys(name))
    PersonKey.objects.create(person=person, cipher=current_suite().name, wrapped=new_key(person.pk)[1])
    held = Appointment.objects.create(
        person=person, post=post, unit=home.unit, place_code=places[0], valid_from=START
    )
    for code in places:
        AppointmentPlace.objects.create(appointment=held, code=code)
    return Account.objects.create(username=username or f"{post}-{places[0]}", person=person)


def signed_in(post: str, unit_kind: str, *places: str) -> Client:
    return client_of(account(post, unit_kind, *places))


@pytest.fixture
def district_officer(district: None) -> Client:
    return signed_in("district_officer", "district_government", "990101")


@pytest.fixture
def street_officer(district: None) -> Client:
    return signed_in("street_officer", "street_office", "990101001")


@pytest.fixture
def neighbour(district: None) -> Client:
    """The same post in the neighbouring street."""
    return signed_in("street_officer", "street_office", "990101002")
