"""A community with two branches whose buildings stand in a row, groups in the first, and who plans there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.test import Client

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.places.models import Building
from doorstep.modules.chain import services_group_plans as plans
from doorstep.modules.chain.models import GroupBuilding, GroupPlan
from doorstep.modules.chain.services_group_plans import GroupPlanData
from doorstep.modules.chain.services_members import NewBuildingCount, record_building_members
from tests.chain import world as district
from tests.chain.world import BEGAN, ONE, SYSTEM, TODAY, TWO, World, person

STREET, DISTRICT = "210202005", "210202"
G1, G2, G3 = (f"{ONE}00{n}" for n in (1, 2, 3))
ROLES = (
    ("street", "street_officer", "street_office", STREET),
    ("street2", "street_officer", "street_office", STREET),
    ("district", "district_officer", "district_government", DISTRICT),
    ("secretary", "community_secretary", "", ONE),
    ("deputy", "community_deputy_secretary", "", ONE),
    ("neighbour", "community_secretary", "", TWO),
    ("branch", "branch_secretary", "branch", G1),
)


@dataclass
class Ground:
    """Branch left covers the first grid, right the other two. Groups of today: three buildings each in the first grid, led."""

    world: World
    left: Unit
    right: Unit
    groups: list[Unit] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)  # signed in

    def actor(self, role: str) -> Actor:
        return actor_for(self.accounts[role])

    @property
    def buildings(self) -> list[Building]:
        return [one for code in (G1, G2, G3) for one in self.world.buildings[code]]

    def count(self, members: list[int], on: dt.date = TODAY) -> None:
        """Full members of the buildings in their order, as somebody counted them."""
        counts = [
            NewBuildingCount(building_id=one.pk, counted_on=on, full=full)
            for one, full in zip(self.buildings, members, strict=False)
        ]
        record_building_members(actor=SYSTEM, counts=counts)

    def made(self, role: str = "secretary", **asked: object) -> GroupPlan:
        data = GroupPlanData(place_code=ONE, title="演示方案", **asked)  # type: ignore[arg-type]  # tests ask anything
        return fresh(plans.create_plan(actor=self.actor(role), data=data))


def fresh(plan: GroupPlan) -> GroupPlan:
    return GroupPlan.objects.select_related("current").get(pk=plan.pk)


def build() -> Ground:
    world = district.build()
    ground = Ground(world, world.branch(G1, full=14), world.branch(G2, G3, full=27, name="演示党支部002"))
    own = world.buildings[G1]
    for number, buildings in enumerate((own[:3], own[3:])):
        group = world.group(ground.left, buildings, full=5, name=f"第{'一二'[number]}党小组")
        world.leader(group, "group_leader")
        ground.groups.append(group)
    world.leader(ground.left, "branch_secretary")
    world.leader(ground.right, "branch_secretary")
    Building.objects.all().update(households=30)
    units: dict[tuple[str, str], Unit] = {}
    for role, post, kind, place in ROLES:
        if kind == "branch":
            ground.accounts[role] = _account(role, _leader_of(ground.left))
            continue
        unit = ground.world.communities.get(place) or units.get((kind, place))
        if unit is None:
            unit = units[kind, place] = organisations.found_unit(
                actor=SYSTEM, kind=kind, name=f"演示{kind}{place}", place_code=place, founded_on=BEGAN, document="演批1号"
            )  # fmt: skip
        who = person(f"演示{role}", place if len(place) == 12 else ONE)
        organisations.appoint(actor=SYSTEM, person_id=who.pk, post=post, unit_id=unit.pk, valid_from=BEGAN)
        ground.accounts[role] = _account(role, who)
    return ground


def _leader_of(unit: Unit):
    return unit.appointments.get(post="branch_secretary").person


def _account(role: str, who: object) -> Account:
    return create_account(actor=SYSTEM, person=who, username=role)


def covering(on: dt.date = TODAY) -> dict[int, int]:
    """Building → group."""
    return dict(GroupBuilding.objects.in_force(on).values_list("building_id", "group_id"))
