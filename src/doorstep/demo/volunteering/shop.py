"""Programmes, merchants, items with their stock, and a month's slips."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from uuid import uuid5

from django.db.models import Sum

from doorstep.demo.names import office_phone, person_name
from doorstep.kernel.access.actors import Actor
from doorstep.kernel.ledger.models import Balance
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.services_bulk import NewAppointment, NewUnit, appoint_many, found_units
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.kernel.shared.place_codes import contains, within
from doorstep.modules.volunteering.models import Item, Programme, Slip, Volunteer
from doorstep.modules.volunteering.services_past_slips import PastSlip
from doorstep.modules.volunteering.services_programmes import (
    ItemData,
    ProgrammeData,
    add_fund,
    create_item,
    create_programme,
    deliver,
    keep_partner,
)

from .services import KEYS
from .words import ITEMS, PROGRAMMES, SHOPS

MERCHANTS = 40
FUND_FEN = 8_000_000  # 80,000 yuan for each programme
PIECES = 600
FAMILY = "演示商"
A_DAY = 9  # slips at most, once there are points to spend


def open_all(actor: Actor, district: str, today: dt.date) -> int:
    """Merchants, programmes, funds, items, stock: each once. Gives how many items there are."""
    since = today - dt.timedelta(days=735)
    merchants = _merchants(actor, district, today)
    organiser = (
        UnitVersion.objects.in_force(today).get(kind="volunteer_federation", place_code=district).unit_id
    )
    for number, (name, about, place) in enumerate(PROGRAMMES):
        programme = Programme.objects.filter(name=name, place_code=place).first() or create_programme(
            actor=actor,
            data=ProgrammeData(
                place_code=place, name=name, about=about, organiser_id=organiser, valid_from=since
            ),
        )
        add_fund(
            actor=actor, programme_id=programme.pk, fen=FUND_FEN, source="区级财政和爱心企业", day=since,
            document=f"演示积〔{since.year}〕{number + 1}号", key=uuid5(KEYS, f"fund {number}"),
        )  # fmt: skip
        _stock(actor, programme, merchants[number :: len(PROGRAMMES)], since)
    return Item.objects.count()


def _merchants(actor: Actor, district: str, today: dt.date) -> list[tuple[int, str]]:
    """Forty merchants with whoever runs them, those of the first load among them: unit and what it sells."""
    rows = (
        UnitVersion.objects.in_force(today)
        .filter(within("place_code", [district]), kind="merchant")
        .order_by("unit_id")
    )
    known = list(rows.values_list("unit_id", flat=True))
    areas = list(Area.objects.filter(within("code", [district]), level="community").order_by("code"))
    wanted = MERCHANTS - len(known)
    founded = today - dt.timedelta(days=1300)
    places = [areas[number * len(areas) // MERCHANTS] for number in range(max(0, wanted))]
    units = found_units(
        actor=actor,
        units=[
            NewUnit(
                kind="merchant", name=f"示例{SHOPS[(number + len(known)) % len(SHOPS)]}（{area.name}店）", place_code=area.code,
                founded_on=founded, phone=office_phone(7000 + number),
            )
            for number, area in enumerate(places)
        ],
    )  # fmt: skip
    people = register_people(
        actor=actor,
        people=[NewPerson(person_name(number, FAMILY), area.code) for number, area in enumerate(places)],
    )
    appoint_many(
        actor=actor,
        appointments=[
            NewAppointment(person_id=person.pk, post="merchant_manager", unit_id=unit.pk, valid_from=founded)
            for unit, person in zip(units, people, strict=True)
        ],
    )
    return [
        (unit, SHOPS[number % len(SHOPS)])
        for number, unit in enumerate([*known, *(unit.pk for unit in units)])
    ]


def _stock(actor: Actor, programme: Programme, merchants: Sequence[tuple[int, str]], since: dt.date) -> None:
    known = set(Item.objects.filter(programme=programme).values_list("merchant_id", "name"))
    for unit, shop in merchants:
        keep_partner(
            actor=actor, programme_id=programme.pk, merchant_id=unit, document="演示协议", valid_from=since
        )
        for name, kind, points, fen in ITEMS[shop]:
            if (unit, name) in known:
                continue
            item = create_item(
                actor=actor, programme_id=programme.pk,
                data=ItemData(
                    name=name, kind=kind, points=points, fen=fen, most=2, merchant_id=unit, place_code=programme.place_code,
                    valid_from=since,
                ),
            )  # fmt: skip
            deliver(
                actor=actor,
                item_id=item.pk,
                pieces=PIECES,
                day=since,
                key=uuid5(KEYS, f"stock {unit} {name}"),
            )


@dataclass
class Market:
    """What is there to be had, and by whom; read once for a month."""

    items: list[Item]
    clerks: dict[int, int]  # merchant → who runs it
    holders: list[tuple[Volunteer, int]]  # with what they hold
    stock: dict[int, int]  # item → pieces there

    @classmethod
    def read(cls, today: dt.date) -> Market:
        held = Balance.objects.values_list("account_id").annotate(held=Sum("amount"))
        amounts = dict(held.filter(account__in=Volunteer.objects.values("points")))
        rows = Volunteer.objects.filter(left_on=None).order_by("pk")
        posts = Appointment.objects.in_force(today).filter(post="merchant_manager")
        items = list(Item.objects.select_related("programme").order_by("points", "pk"))
        pieces = dict(held.filter(account__in=Item.objects.values("stock")))
        return cls(
            items=items,
            stock={item.pk: pieces.get(item.stock_id, 0) for item in items},
            clerks=dict(posts.values_list("unit_id", "person_id")),
            holders=[
                (row, amounts.get(row.points_id, 0)) for row in rows if amounts.get(row.points_id, 0) > 0
            ],
        )


def slips_of(market: Market, days: Sequence[dt.date]) -> Iterator[PastSlip]:
    """Everybody with enough points may take something within reach, once a month; most slips are used within days."""
    cheapest = market.items[0].points if market.items else 0
    random = Random(f"slips {days[0]}")
    able = [(row, held) for row, held in market.holders if held >= cheapest]
    random.shuffle(able)
    had: set[int] = set(
        Slip.objects.filter(made_at__date__gte=days[0].replace(day=1)).values_list("volunteer_id", flat=True)
    )
    for number, (row, held) in enumerate(able[: A_DAY * len(days)]):
        within_reach = [
            item
            for item in market.items
            if item.points <= held and market.stock[item.pk] > 0 and item.merchant_id in market.clerks
            and contains(item.place_code, row.place_code)
        ]  # fmt: skip
        if not within_reach or row.pk in had:
            continue
        item = random.choice(within_reach)
        market.stock[item.pk] -= 1
        made = dt.datetime.combine(
            days[0], dt.time(random.randrange(9, 20), random.randrange(60)), DISTRICT_ZONE
        )
        made += dt.timedelta(days=random.randrange(max(1, len(days) - 15)))
        used = random.random() < 0.93
        handed = made + dt.timedelta(minutes=random.lognormvariate(6.8, 1.3)) if used else None
        if handed is not None and handed > made + dt.timedelta(days=13):
            handed = made + dt.timedelta(days=12)
        yield PastSlip(
            key=uuid5(KEYS, f"slip {days[0]} {number}"), item_id=item.pk, volunteer_id=row.pk, made_at=made,
            handed_at=handed, clerk_id=market.clerks[item.merchant_id or 0],
        )  # fmt: skip
