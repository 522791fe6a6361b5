"""The small district of grids with its cast, members in service who live there, a department that employs them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from doorstep.kernel.activities.checks import NewSession
from doorstep.kernel.activities.models import Session
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.modules.vanguard import services, services_callups, services_members, services_wishes
from doorstep.modules.vanguard.models import Callup, Holding, Member, Position, Post, Wish
from doorstep.modules.vanguard.services import NewKept
from doorstep.modules.vanguard.services_callups import NewCallup, NewPosition
from doorstep.modules.vanguard.services_members import NewMember
from doorstep.modules.vanguard.services_wishes import NewWish
from tests.grids import world as grids
from tests.grids.world import BEGAN, DISTRICT, ONE, STREET, SYSTEM, TODAY, World, person

HOUR = dt.timedelta(hours=1)


def build() -> World:
    """Members "member" and "other" live in the first community, "far" in the second; nobody has reported in yet."""
    world = grids.build()
    for role, place in (("member", ONE), ("other", ONE), ("far", grids.TWO)):
        newcomer(world, role, place)
    return world


def newcomer(world: World, role: str, place: str = ONE) -> Person:
    world.people[role] = person(f"演示党员{role}", place)
    world.accounts[role] = create_account(actor=SYSTEM, person=world.people[role], username=role)
    return world.people[role]


def party(place: str, world: World) -> int:
    return world.units["community_party_organisation", place].pk


def reported(
    world: World, role: str = "member", *, place: str = ONE, received: bool = True, **more: Any
) -> Member:
    """Somebody who reported in on their phone, and whom the community has seen."""
    given = {"employer_id": world.units["department", DISTRICT].pk} | more
    new = NewMember(person_id=world.people[role].pk, place_code=place, **given)
    row = services_members.report_in(actor=world.actor(role), new=new)
    if received:
        seen_by = "secretary" if place == ONE else "outsider"
        row = services_members.receive(actor=world.actor(seen_by), member_id=row.pk)
    return row


def wish(world: World, *, by: str = "secretary", place: str = ONE, **more: Any) -> Wish:
    """One on the board: taken down by the community for somebody without a phone, unless `helped_id` says otherwise."""
    given = {
        "category": "wish",
        "title": "想要一个放大镜",
        "text": "看药品说明用",
        "helped": "三号楼独居老人",
    } | more
    return services_wishes.collect_wish(actor=world.actor(by), new=NewWish(place_code=place, **given))


def served_wish(world: World, role: str = "member", **more: Any) -> Wish:
    """Claimed and done, waiting for the word of the person helped."""
    row = wish(world, **more)
    services_wishes.claim(actor=world.actor(role), wish_id=row.pk)
    return services_wishes.serve(actor=world.actor(role), wish_id=row.pk, note="送去了")


def post(world: World, name: str = "演示先锋岗", **more: Any) -> Post:
    given = {"place_code": ONE, "unit_id": party(ONE, world), "valid_from": BEGAN} | more
    return services.set_up_post(
        actor=world.actor("secretary"), new=NewKept(name=name, **given), kind="service"
    )


def held(world: World, row: Post, role: str = "member", **more: Any) -> Holding:
    given = {"unit_id": party(ONE, world), "valid_from": BEGAN} | more
    return services.give(
        actor=world.actor("secretary"), what="post", pk=row.pk, person_id=world.people[role].pk, **given
    )


def callup(world: World, **more: Any) -> Callup:
    given = {
        "place_code": STREET, "name": "演示马拉松", "unit_id": world.units["street_office", STREET].pk, "starts_on": TODAY,
        "ends_on": TODAY + dt.timedelta(days=3),
    } | more  # fmt: skip
    return services_callups.call_up(actor=world.actor("street"), new=NewCallup(**given), key=uuid.uuid4())


def at(hour: float, day: dt.date = TODAY) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), clock.DISTRICT_ZONE) + hour * HOUR


TOMORROW = TODAY + dt.timedelta(days=1)


def shift(start: float, hours: float = 3, day: dt.date = TOMORROW, capacity: int | None = 1) -> NewSession:
    return NewSession(starts_at=at(start, day), ends_at=at(start + hours, day), capacity=capacity)


def position(world: World, row: Callup, *shifts: NewSession, title: str = "起点服务岗") -> Position:
    return services_callups.add_position(
        actor=world.actor("street"), callup_id=row.pk, new=NewPosition(place_code=ONE, title=title, where="演示街口"),
        shifts=shifts or (shift(9), shift(12)), key=uuid.uuid4(),
    )  # fmt: skip


def sessions_of(row: Position) -> list[Session]:
    return list(Session.objects.filter(activity=row.activity_id).order_by("starts_at"))
