"""A small district for grids: two communities of two streets, three grids each, the cast that serves there."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment, Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.places.models import Area, Building, BuildingPlacement, Grid
from doorstep.kernel.shared.names import name_keys
from doorstep.kernel.shared.place_codes import ancestors_of, level_of

TODAY = dt.date(2026, 6, 15)
BEGAN = dt.date(2024, 3, 1)
DISTRICT, STREET, ONE, TWO = "210202", "210202005", "210202005011", "210202006001"
FIRST, SECOND, THIRD = (f"{ONE}{n:03}" for n in (1, 2, 3))
SYSTEM = system_actor("tests")
_names = itertools.count(1)


@dataclass
class World:
    committees: dict[str, Unit] = field(default_factory=dict)
    units: dict[tuple[str, str], Unit] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    posts: dict[str, Appointment] = field(default_factory=dict)
    buildings: dict[str, Building] = field(default_factory=dict)

    def actor(self, role: str) -> Actor:
        return actor_for(self.accounts[role])

    def worker(self, *grids: str, name: str = "", on: dt.date = BEGAN) -> Appointment:
        return organisations.appoint(
            actor=SYSTEM, person_id=person(name).pk, post="grid_worker", unit_id=self.committees[grids[0][:12]].pk,
            valid_from=on, places=grids,
        )  # fmt: skip


def person(name: str = "", place: str = ONE) -> Person:
    name = name or f"演示人{next(_names)}"
    return register_people(actor=SYSTEM, people=[NewPerson(name, place)])[0]


CAST = {
    "worker": ("grid_worker", "residents_committee", ONE, (FIRST,)),
    "secretary": ("community_secretary", "community_party_organisation", ONE, ()),
    "deputy": ("community_deputy_secretary", "community_party_organisation", ONE, ()),
    "street": ("street_officer", "street_office", STREET, ()),
    "district": ("district_officer", "district_government", DISTRICT, ()),
    "department": ("department_officer", "department", DISTRICT, ()),
    "property": ("property_manager", "property_company", STREET, (ONE,)),
    "outsider": ("community_secretary", "community_party_organisation", TWO, ()),
}


def build() -> World:
    world = World()
    codes = {part for code in (ONE, TWO) for part in (*ancestors_of(code), code)}
    Area.objects.bulk_create(
        Area(
            code=code, level=level_of(code), edition=2023,
            parent_id=(ancestors_of(code) or [""])[-1],
            **name_keys({ONE: "演示一社区", TWO: "演示二社区"}.get(code, f"演示{code}")),
        )
        for code in sorted(codes, key=len)
    )  # fmt: skip
    for code in (ONE, TWO):
        world.committees[code] = world.units["residents_committee", code] = organisations.found_unit(
            actor=SYSTEM, kind="residents_committee", name=f"演示居委会{code[-3:]}", place_code=code,
            founded_on=dt.date(2020, 1, 1), document="演批〔2020〕1号", phone="0411-80000001", hours="周一至周五",
        )  # fmt: skip
        for number in (1, 2, 3):
            _grid(world, f"{code}{number:03}")
    for role, cast in CAST.items():
        _member(world, role, *cast)
    world.people["resident"] = person("演示居民")
    world.accounts["resident"] = create_account(
        actor=SYSTEM, person=world.people["resident"], username="resident"
    )
    return world


def _grid(world: World, code: str) -> None:
    grid = Grid.objects.create(
        code=code,
        community_id=code[:12],
        valid_from=dt.date(2019, 1, 1),
        **name_keys(f"第{int(code[12:])}网格"),
    )
    building = world.buildings[code] = Building.objects.create(
        place_code=code,
        address="演示街1号",
        longitude=121.6,
        latitude=38.9,
        **name_keys(f"{code[-1]}区1号楼"),
    )
    BuildingPlacement.objects.create(building=building, grid=grid, valid_from=dt.date(2019, 1, 1))


def _member(world: World, role: str, post: str, kind: str, place: str, places: tuple[str, ...]) -> None:
    unit = world.units.get((kind, place)) or organisations.found_unit(
        actor=SYSTEM, kind=kind, name=f"演示{kind}{place}", place_code=place, founded_on=dt.date(2020, 1, 1),
        document="演批〔2020〕2号",
    )  # fmt: skip
    world.units[kind, place] = unit
    world.people[role] = person(f"演示{role}", place if len(place) == 12 else ONE)
    world.posts[role] = organisations.appoint(
        actor=SYSTEM, person_id=world.people[role].pk, post=post, unit_id=unit.pk, valid_from=BEGAN, places=places,
        document="演任〔2024〕1号",
    )  # fmt: skip
    world.accounts[role] = create_account(actor=SYSTEM, person=world.people[role], username=role)
