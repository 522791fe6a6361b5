"""A programme with money, a merchant with a clerk, goods of the merchant and of the desk, volunteers with points."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.ledger.services import Move, Posting, post_many
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.shared.errors import Refused
from doorstep.modules.volunteering import books, services_programmes
from doorstep.modules.volunteering.models import Item, Programme, Slip, Volunteer
from doorstep.modules.volunteering.services_programmes import ItemData, ProgrammeData
from doorstep.modules.volunteering.services_slips import confirm_slip, make_slip, offer_slip
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers
from tests.grids import world as district
from tests.grids.world import BEGAN, DISTRICT, ONE, STREET, SYSTEM, TODAY
from tests.grids.world import TWO as TWO_STREET

__all__ = [
    "BEGAN", "DISTRICT", "ONE", "STREET", "SYSTEM", "TODAY", "TWO_STREET", "World", "actor_for", "build", "give",
    "item_data", "together",
]  # fmt: skip


@dataclass
class World:
    district: district.World
    programme: Programme
    shop: Unit
    bread: Item  # 30 points, 500 fen, of the shop
    soap: Item  # 20 points, at the desk
    volunteers: list[Volunteer] = field(default_factory=list)
    accounts: dict[int, Account] = field(default_factory=dict)

    def actor(self, role: str) -> Actor:
        return self.district.actor(role)

    def of(self, volunteer: Volunteer) -> Actor:
        return actor_for(self.account_of(volunteer))

    def account_of(self, volunteer: Volunteer) -> Account:
        if volunteer.pk not in self.accounts:
            self.accounts[volunteer.pk] = create_account(
                actor=SYSTEM, person=volunteer.person, username=f"volunteer{volunteer.pk}"
            )
        return self.accounts[volunteer.pk]

    @property
    def clerk(self) -> Actor:
        return self.actor("merchant")

    def second_clerk(self) -> Actor:
        """Another of the shop's, appointed beside the first by the community's secretary."""
        other = register_people(actor=SYSTEM, people=[NewPerson("演示店员乙", ONE)])[0]
        organisations.appoint(
            actor=self.actor("secretary"), person_id=other.pk, post="merchant_clerk", unit_id=self.shop.pk,
            valid_from=BEGAN,
        )  # fmt: skip
        return actor_for(create_account(actor=SYSTEM, person=other, username=f"clerk{other.pk}"))

    def volunteer(self, points: int = 100, ends: dt.date | None = None, place: str = ONE) -> Volunteer:
        return self.more(1, points, ends, place)[0]

    def more(
        self, count: int, points: int = 100, ends: dt.date | None = None, place: str = ONE
    ) -> list[Volunteer]:
        at = len(self.volunteers)
        people = register_people(
            actor=SYSTEM, people=[NewPerson(f"演示志愿者{at + n}", place) for n in range(count)]
        )
        made = register_volunteers(
            actor=SYSTEM, volunteers=[NewVolunteer(person_id=each.pk, place_code=place) for each in people]
        )
        self.volunteers += made
        for each in made:
            if points:
                give(each, points, ends)
        return made

    def slip(self, volunteer: Volunteer, item: Item | None = None) -> Slip:
        return make_slip(actor=self.of(volunteer), item_id=(item or self.bread).pk, key=uuid.uuid4())

    def handed(self, volunteer: Volunteer, item: Item | None = None, clerk: Actor | None = None) -> Slip:
        slip = self.slip(volunteer, item)
        offer_slip(actor=clerk or self.clerk, number=slip.number)
        return confirm_slip(actor=self.of(volunteer), number=slip.number)

    def item(
        self, name: str, points: int, pieces: int, fen: int = 0, most: int = 1, merchant: bool = True
    ) -> Item:
        made = services_programmes.create_item(
            actor=SYSTEM, programme_id=self.programme.pk,
            data=item_data(self, name, points, fen, most, merchant),
        )  # fmt: skip
        if pieces:
            services_programmes.deliver(
                actor=SYSTEM, item_id=made.pk, pieces=pieces, day=TODAY, key=uuid.uuid4()
            )
        return made

    def left(self, item: Item) -> tuple[int, int]:
        """Pieces in stock, and promised."""
        return balance(item.stock_id), balance(item.reserved_id)

    @property
    def money(self) -> tuple[int, int, int]:
        """Fen to spend, pledged, owed to the shop."""
        owed = self.programme.partners.get(merchant=self.shop).account_id
        return balance(self.programme.fund_id), balance(self.programme.pledged_id), balance(owed)


def item_data(
    world: World, name: str = "毛巾", points: int = 10, fen: int = 0, most: int = 1, merchant: bool = True
) -> ItemData:
    return ItemData(
        name=name, kind="goods", points=points, fen=fen, most=most, place_code=world.programme.place_code,
        merchant_id=world.shop.pk if merchant else None, valid_from=BEGAN,
    )  # fmt: skip


def give(volunteer: Volunteer, points: int, ends: dt.date | None = None) -> None:
    book = books.book(books.POINTS)
    move = Move(books.standing(book, books.ISSUE).pk, volunteer.points_id, points, ends)
    post_many(
        actor=SYSTEM,
        postings=[Posting(book=book, key=uuid.uuid4(), kind=books.EARN, moves=(move,), day=TODAY)],
    )


def build(pieces: int = 100, fen: int = 1_000_000) -> World:
    around = district.build()
    shop = organisations.found_unit(
        actor=SYSTEM, kind="merchant", name="演示便民商店", place_code=ONE, founded_on=dt.date(2020, 1, 1),
        document="演商〔2020〕1号",
    )  # fmt: skip
    around.units["merchant", ONE] = shop
    district._member(around, "merchant", "merchant_manager", "merchant", ONE, ())
    for role, post, kind in (("clerk2", "community_worker", "residents_committee"),):
        district._member(around, role, post, kind, ONE, ())
    programme = services_programmes.create_programme(
        actor=SYSTEM,
        data=ProgrammeData(
            place_code=STREET,
            name="五福林海",
            organiser_id=around.units["street_office", STREET].pk,
            valid_from=BEGAN,
        ),
    )
    if fen:
        services_programmes.add_fund(
            actor=SYSTEM, programme_id=programme.pk, fen=fen, source="社区基金", document="演基〔2026〕1号", day=TODAY,
            key=uuid.uuid4(),
        )  # fmt: skip
    services_programmes.keep_partner(
        actor=SYSTEM,
        programme_id=programme.pk,
        merchant_id=shop.pk,
        document="演协〔2026〕1号",
        valid_from=BEGAN,
    )
    world = World(around, programme, shop, None, None)  # type: ignore[arg-type]  # filled in below
    world.bread = world.item("面包", 30, pieces, fen=500)
    world.soap = world.item("香皂", 20, pieces, merchant=False)
    return world


def together(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Begun together on connections of their own; what each gives or is refused with."""
    results: list[Any] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(number: int) -> None:
        try:
            gate.wait(30)
            results[number] = acts[number]()
        except Refused as refusal:
            results[number] = refusal
        except BaseException as error:  # seen by the test, not lost with the thread
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    return results
