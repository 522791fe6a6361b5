"""Units, people and accounts for tests of authority: the fixed cast, made by the services."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.organisations.services import appoint, found_unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services import register_person
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.shared.names import name_keys

SYSTEM = system_actor("test")
DISTRICT, STREET, NEIGHBOUR = "210202", "210202005", "210202006"
COMMUNITY, NEXT_COMMUNITY = "210202005011", "210202006001"
SINCE = dt.date(2025, 1, 1)
PASSWORD = "Plum-Tree-0417"

# role: (post, kind of its unit, the unit's place, the appointment's own places)
CAST: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "grid_worker": ("grid_worker", "residents_committee", COMMUNITY, (COMMUNITY + "001",)),
    "community_secretary": ("community_secretary", "community_party_organisation", COMMUNITY, ()),
    "street_officer": ("street_officer", "street_office", STREET, ()),
    "district_officer": ("district_officer", "district_government", DISTRICT, ()),
    "hotline_officer": ("hotline_officer", "district_government", DISTRICT, ()),
    "department_officer": ("department_officer", "department", DISTRICT, ()),
    "property_manager": ("property_manager", "property_company", STREET, (COMMUNITY,)),
    "merchant": ("merchant_manager", "merchant", COMMUNITY, ()),
    "partner": ("unit_liaison", "company", COMMUNITY, ()),
    "outsider": ("community_secretary", "community_party_organisation", NEXT_COMMUNITY, ()),
    "outside_officer": ("street_officer", "street_office", NEIGHBOUR, ()),
    "system_administrator": ("system_administrator", "platform_administration", DISTRICT, ()),
    "security_administrator": ("security_administrator", "platform_administration", DISTRICT, ()),
    "audit_administrator": ("audit_administrator", "platform_administration", DISTRICT, ()),
}


@dataclass(frozen=True)
class Member:
    person: Person
    account: Account

    @property
    def actor(self) -> Actor:
        return actor_for(self.account)


def make_places() -> None:
    """The district with two streets, a community in each, and two grids in the first."""
    parent = None
    for code, level in (("", "nation"), ("21", "province"), ("2102", "city"), (DISTRICT, "county")):
        parent = _area(code, level, parent)
    for street, community in ((STREET, COMMUNITY), (NEIGHBOUR, NEXT_COMMUNITY)):
        area = _area(community, "community", _area(street, "street", parent))
        for serial in ("001", "002"):
            known = {"community": area, "name": f"演示网格{serial}", "valid_from": SINCE}
            Grid.objects.update_or_create(code=community + serial, defaults=known)


def _area(code: str, level: str, parent: Area | None) -> Area:
    known = {"level": level, "parent": parent, "edition": 2023, **name_keys(f"演示{level}{code}")}
    return Area.objects.update_or_create(code=code, defaults=known)[0]


def make_member(role: str, password: str | None = None, is_demo: bool = False) -> Member:
    """One of the cast, or "resident", with an account named like the role."""
    if role == "resident":
        person = register_person(actor=SYSTEM, name="演示居民", place_code=COMMUNITY, phone="13800000001")
    else:
        post, kind, place, places = CAST[role]
        person = register_person(actor=SYSTEM, name=f"演示{role}", place_code=place)
        appoint(
            actor=SYSTEM, person_id=person.pk, unit_id=_unit(kind, place).pk, post=post, valid_from=SINCE,
            places=places, document="演示任〔2025〕1号",
        )  # fmt: skip
    account = create_account(actor=SYSTEM, person=person, username=role, password=password, is_demo=is_demo)
    return Member(person, account)


def _unit(kind: str, place: str) -> Unit:
    known = Unit.objects.filter(kind=kind, versions__place_code=place).first()
    return known or found_unit(
        actor=SYSTEM, kind=kind, name=f"演示{kind}{place}", place_code=place, founded_on=SINCE,
        document="演示批〔2025〕1号",
    )  # fmt: skip
