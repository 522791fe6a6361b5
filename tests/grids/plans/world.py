"""Two communities of one street with sixteen buildings each in a square, and those who plan there."""

from __future__ import annotations

from dataclasses import dataclass, field

from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.places.models import Building, BuildingPlacement, Compound, Grid
from doorstep.kernel.shared.names import name_keys
from tests.grids import world as district
from tests.grids.world import BEGAN, DISTRICT, ONE, STREET, SYSTEM, TODAY, World

__all__ = ["DISTRICT", "ONE", "STREET", "TODAY", "Ground", "build"]

LEFT, LOW, STEP = 121.60, 38.90, 0.0006  # degrees: about 50 m


@dataclass
class Ground:
    """The first community's buildings in rows; grid n has column n of four at first, 40 households in each building but 80 in
    the first column."""

    world: World
    buildings: list[Building] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    compound: Compound | None = None

    def actor(self, role: str):
        return self.world.actor(role)


def build(rows: int = 4) -> Ground:
    """`rows`: how many buildings each grid has."""
    world = district.build()
    for role, post, kind, place in (
        ("street2", "street_officer", "street_office", STREET),
        ("district2", "district_officer", "district_government", DISTRICT),
    ):
        _officer(world, role, post, kind, place)
    ground = Ground(world)
    ground.compound = Compound.objects.create(place_code=ONE, **name_keys("演示小区"))
    ground.grids = list(Grid.objects.filter(community_id=ONE).order_by("code"))
    ground.grids.append(
        Grid.objects.create(
            code=f"{ONE}004", community_id=ONE, valid_from=ground.grids[0].valid_from, document="演批〔2019〕4号",
            **name_keys("第4网格"),
        )
    )  # fmt: skip
    for column, grid in enumerate(ground.grids):
        for row in range(rows):
            values = {
                "compound": ground.compound, "longitude": LEFT + column * STEP, "latitude": LOW + row * STEP,
                "households": 80 if column == 0 else 40, **name_keys(f"{column * rows + row + 1}号楼"),
            }  # fmt: skip
            known = world.buildings.get(grid.code) if row == 0 else None
            if known is not None:
                Building.objects.filter(pk=known.pk).update(**values)
                ground.buildings.append(Building.objects.get(pk=known.pk))
                continue
            building = Building.objects.create(place_code=grid.code, **values)
            BuildingPlacement.objects.create(building=building, grid=grid, valid_from=grid.valid_from)
            ground.buildings.append(building)
    return ground


def _officer(world: World, role: str, post: str, kind: str, place: str) -> Account:
    world.people[role] = district.person(f"演示{role}")
    world.posts[role] = organisations.appoint(
        actor=SYSTEM, person_id=world.people[role].pk, post=post, unit_id=world.units[kind, place].pk, valid_from=BEGAN,
        places=(), document="演任〔2024〕1号",
    )  # fmt: skip
    account = world.accounts[role] = create_account(actor=SYSTEM, person=world.people[role], username=role)
    return account
