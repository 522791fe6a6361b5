"""A small district for the chain's tests: two communities of one street, three grids each, buildings in a row.

Grid n of a community holds buildings n·10 to n·10+5, 60 m apart; neighbouring grids' rows lie 60 m apart too.
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field

from doorstep.kernel.access.actors import Actor, Grant, system_actor
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.places.models import Area, Building, BuildingPlacement, Grid
from doorstep.kernel.shared.names import initials_of, name_keys, pinyin_of
from doorstep.kernel.shared.place_codes import ancestors_of, level_of
from doorstep.modules.chain.rules import METRES_PER_DEGREE
from doorstep.modules.chain.services_bulk import (
    NewBranch,
    NewGroup,
    NewHousehold,
    NewTerm,
    designate_households,
    establish_branches,
    form_groups,
    start_terms,
)

TODAY = dt.date(2026, 6, 15)
BEGAN = dt.date(2024, 3, 1)
ONE, TWO, ELSEWHERE = "210202005011", "210202005012", "210202006001"
SYSTEM = system_actor("tests")
_names = itertools.count(1)


def officer(post: str, *places: str, unit_id: int = 0) -> Actor:
    grant = Grant(post=post, unit_id=unit_id, places=places, capabilities=capabilities_of(post))
    return Actor(account_id=7, name=f"演示{post}", grants=(grant,))


@dataclass
class World:
    communities: dict[str, Unit] = field(default_factory=dict)
    grids: dict[str, Grid] = field(default_factory=dict)
    buildings: dict[str, list[Building]] = field(default_factory=dict)

    def branch(self, *grids: str, full: int | None = 9, on: dt.date = BEGAN, **fields: object) -> Unit:
        community = self.communities[grids[0][:12]].pk
        given = {"name": f"演示党支部{grids[0][-3:]}", "document": "演批〔2024〕1号", **fields}
        new = NewBranch(community_id=community, grids=grids, established_on=on, full=full, **given)  # type: ignore[arg-type]  # tests pass any field
        return establish_branches(actor=SYSTEM, branches=[new])[0]

    def group(self, branch: Unit, buildings: list[Building], full: int | None = 3, **fields: object) -> Unit:
        given = {"name": "演示党小组", "document": "演批〔2024〕2号", "formed_on": BEGAN, **fields}
        new = NewGroup(branch_id=branch.pk, buildings=tuple(b.pk for b in buildings), full=full, **given)  # type: ignore[arg-type]  # tests pass any field
        return form_groups(actor=SYSTEM, groups=[new])[0]

    def household(self, building: Building, on: dt.date = BEGAN) -> object:
        new = NewHousehold(person_id=person().pk, building_id=building.pk, designated_on=on, door="1-101")
        return designate_households(actor=SYSTEM, households=[new])[0]

    def leader(self, unit: Unit, post: str, on: dt.date = BEGAN, who: Person | None = None) -> object:
        return organisations.appoint(
            actor=SYSTEM, person_id=(who or person()).pk, post=post, unit_id=unit.pk, valid_from=on
        )

    def term(self, unit: Unit, on: dt.date = BEGAN, size: int = 3, **fields: object) -> object:
        new = NewTerm(unit_id=unit.pk, number=1, valid_from=on, committee_size=size, **fields)  # type: ignore[arg-type]  # tests pass any field
        return start_terms(actor=SYSTEM, terms=[new])[0]


def person(name: str = "", place: str = ONE) -> Person:
    name = name or f"演示人{next(_names)}"
    return register_people(actor=SYSTEM, people=[NewPerson(name, place)])[0]


def build() -> World:
    world = World()
    _areas()
    for row, code in enumerate((ONE, TWO)):
        world.communities[code] = organisations.found_unit(
            actor=SYSTEM, kind="community_party_organisation", name=f"演示社区{row + 1}党委", place_code=code,
            founded_on=dt.date(2020, 1, 1), document="演批〔2020〕1号", phone="0411-8000000", hours="周一至周五",
        )  # fmt: skip
        for number in range(1, 4):
            _grid(world, code, number, row)
    return world


def _areas() -> None:
    codes = {part for code in (ONE, TWO, ELSEWHERE) for part in (*ancestors_of(code), code)}
    names = {ONE: "演示一社区", TWO: "演示二社区"}
    Area.objects.bulk_create(
        Area(
            code=code, level=level_of(code), edition=2023, parent_id=ancestors_of(code)[-1] if len(code) > 2 else None,
            **name_keys(names.get(code, f"演示{code}")),
        )
        for code in sorted(codes, key=len)
    )  # fmt: skip


def _grid(world: World, community: str, number: int, row: int) -> None:
    code = f"{community}{number:03}"
    grid = Grid.objects.create(
        code=code, community_id=community, name=f"第{number}网格", valid_from=dt.date(2019, 1, 1)
    )
    world.grids[code] = grid
    world.buildings[code] = [
        Building.objects.create(
            place_code=code, name=f"{number}区{serial}号楼", pinyin=pinyin_of("楼"), initials=initials_of("楼"),
            address=f"演示街{number}号", longitude=121.60 + row * 0.05,
            latitude=38.90 + (number * 6 + serial) * 60 / METRES_PER_DEGREE,
        )
        for serial in range(6)
    ]  # fmt: skip
    BuildingPlacement.objects.bulk_create(
        BuildingPlacement(building=building, grid=grid, valid_from=dt.date(2019, 1, 1))
        for building in world.buildings[code]
    )
