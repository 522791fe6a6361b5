"""Reading programmes at the desk: what is there, what is promised, what is owed; what waits to be settled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.ledger.selectors import balances
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.volunteering.models import Fund, Item, Partner, Programme, Settlement, Slip
from doorstep.modules.volunteering.models_redemption import HELD, OFFERED
from doorstep.modules.volunteering.numbers_redemption import redemption_numbers
from doorstep.modules.volunteering.policies_redemption import HAND, RUN, SETTLE
from doorstep.modules.volunteering.rules_redemption import in_yuan, month_of
from doorstep.modules.volunteering.selectors_redemption import (
    Shown,
    handed_unsettled,
    names_of_merchants,
    on_offer,
    shown_slip,
)

MOST = 200


@dataclass(frozen=True)
class Money:
    """Fen of a programme: there to spend, promised to open slips, owed to merchants."""

    free: int
    pledged: int
    owed: int

    @property
    def free_yuan(self) -> str:
        return in_yuan(self.free)

    @property
    def pledged_yuan(self) -> str:
        return in_yuan(self.pledged)

    @property
    def owed_yuan(self) -> str:
        return in_yuan(self.owed)


@dataclass(frozen=True)
class ItemLine:
    item: Item
    where: str
    left: int
    reserved: int
    low: bool

    @property
    def yuan(self) -> str:
        return in_yuan(self.item.fen)


@dataclass(frozen=True)
class PartnerLine:
    partner: Partner
    name: str
    owed: int

    @property
    def yuan(self) -> str:
        return in_yuan(self.owed)


@dataclass(frozen=True)
class Overview:
    """A programme with all that hangs on it. `may_keep`, `may_settle`: for the reader."""

    programme: Programme
    organiser: str
    money: Money
    items: tuple[ItemLine, ...]
    partners: tuple[PartnerLine, ...]
    funds: tuple[Fund, ...]
    may_keep: bool


def programme_of(actor: Actor, pk: int, action: str = "view") -> Programme:
    """Raises NotVisible, NotAllowed."""
    row = policy_for(Programme).visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    policy_for(Programme).require(actor, action, row)
    return row


def item_of(actor: Actor, pk: int, action: str = "keep") -> Item:
    """Raises NotVisible, NotAllowed."""
    row = policy_for(Item).visible_to(actor).select_related("programme").filter(pk=pk).first()
    if row is None:
        raise NotVisible("")
    policy_for(Item).require(actor, action, row)
    return row


def overview(actor: Actor, pk: int) -> Overview:
    """Seven queries."""
    programme = programme_of(actor, pk)
    partners = list(Partner.objects.filter(in_force(), programme=programme).order_by("pk")[:MOST])
    items = list(Item.objects.filter(in_force(), programme=programme).order_by("pk")[:MOST])
    held = balances(
        [
            programme.fund_id, programme.pledged_id, *(row.account_id for row in partners),
            *(account for item in items for account in (item.stock_id, item.reserved_id)),
        ]
    )  # fmt: skip
    owed = held_by_partners([programme])
    low = redemption_numbers()["low_stock"]
    names = names_of_merchants(
        [
            programme.organiser_id,
            *(row.merchant_id for row in partners),
            *(item.merchant_id for item in items),
        ]
    )
    return Overview(
        programme=programme, organiser=names.get(programme.organiser_id, ""),
        money=Money(held.get(programme.fund_id, 0), held.get(programme.pledged_id, 0), owed.get(programme.pk, 0)),
        items=tuple(
            ItemLine(
                item, names.get(item.merchant_id or 0, ""), left := held.get(item.stock_id, 0),
                held.get(item.reserved_id, 0), left < low,
            )
            for item in items
        ),
        partners=tuple(
            PartnerLine(row, names.get(row.merchant_id, ""), held.get(row.account_id, 0)) for row in partners
        ),
        funds=tuple(Fund.objects.filter(programme=programme).order_by("-day", "-pk")[:20]),
        may_keep=policy_for(Programme).can(actor, "keep", programme),
    )  # fmt: skip


def held_by_partners(programmes: Sequence[Programme]) -> dict[int, int]:
    """What each programme owes its merchants now: programme → fen. Two queries."""
    pairs = set(
        Partner.objects.filter(programme__in=programmes).values_list("programme_id", "account_id").distinct()
    )
    held = balances({account for _programme, account in pairs})
    owed: dict[int, int] = {}
    for programme, account in pairs:
        owed[programme] = owed.get(programme, 0) + held.get(account, 0)
    return owed


def money_of(programmes: Sequence[Programme]) -> dict[int, Money]:
    """By programme. Three queries, however many."""
    held = balances([account for row in programmes for account in (row.fund_id, row.pledged_id)])
    owed = held_by_partners(programmes)
    return {
        row.pk: Money(held.get(row.fund_id, 0), held.get(row.pledged_id, 0), owed.get(row.pk, 0))
        for row in programmes
    }


def merchants_at(place_code: str) -> list[tuple[int, str]]:
    """Merchants that stand in the place of a programme: number and name."""
    rows = UnitVersion.objects.filter(
        in_force(), within("place_code", [place_code]), kind="merchant", unit__ended_on=None
    )
    return list(rows.order_by("name", "pk").values_list("unit_id", "name")[:MOST])


def partners_of(programme: Programme) -> list[tuple[int, str]]:
    """Merchants that take part today: number and name."""
    ids = Partner.objects.filter(in_force(), programme=programme).values_list("merchant_id", flat=True)
    names = names_of_merchants(ids)
    return sorted(names.items(), key=lambda pair: pair[1])


def organisers_for(actor: Actor) -> list[tuple[int, str]]:
    """Units that may stand as organisers where the actor runs programmes."""
    rows = UnitVersion.objects.filter(
        in_force(), within("place_code", actor.places_for(RUN)),
        kind__in=["district_government", "street_office", "residents_committee", "social_organisation", "volunteer_federation"],
        unit__ended_on=None,
    )  # fmt: skip
    return list(rows.order_by("place_code", "pk").values_list("unit_id", "name")[:MOST])


@dataclass(frozen=True)
class ToSettle:
    programme_id: int
    programme: str
    merchant_id: int
    merchant: str
    month: dt.date
    count: int
    fen: int

    @property
    def yuan(self) -> str:
        return in_yuan(self.fen)


def to_settle(actor: Actor) -> list[ToSettle]:
    """Handed until the end of last month, not settled, where the actor settles. Two queries."""
    until = month_of(clock.today())
    condition = within("programme__place_code", actor.places_for(SETTLE))
    rows = list(handed_unsettled(until, condition).order_by("programme", "merchant")[:MOST])
    names = names_of_merchants(row["merchant"] for row in rows)
    month = month_of(until - dt.timedelta(days=1))
    return [
        ToSettle(
            row["programme"], row["programme__name"], row["merchant"], names.get(row["merchant"], ""), month, row["n"],
            row["all"],
        )
        for row in rows
    ]  # fmt: skip


def settlements_open(actor: Actor) -> list[tuple[Settlement, str]]:
    """Made and not paid yet, where the actor settles, with the merchant's name. Two queries."""
    rows = Settlement.objects.filter(within("place_code", actor.places_for(SETTLE)), paid_on=None)
    found = list(rows.select_related("programme").order_by("month", "pk")[:MOST])
    names = names_of_merchants(row.merchant_id for row in found)
    return [(row, names.get(row.merchant_id, "")) for row in found]


def waiting_at_desk(actor: Actor) -> list[Slip]:
    """Offered at the desk and waiting for a second officer (or for the volunteer's phone). One query."""
    minutes = redemption_numbers()["offer_minutes"]
    rows = Slip.objects.filter(
        within("place_code", actor.places_for(HAND)), state=OFFERED, merchant=None,
        offered_at__gt=clock.now() - dt.timedelta(minutes=minutes),
    )  # fmt: skip
    return list(rows.select_related("item", "volunteer").order_by("offered_at", "pk")[:MOST])


def left_at_desk(actor: Actor) -> list[Slip]:
    """Made here for a card and not handed in time: to be offered anew, or given back. One query."""
    rows = Slip.objects.filter(
        within("place_code", actor.places_for(HAND)),
        state=HELD,
        card=True,
        merchant=None,
        expires_at__gt=clock.now(),
    )
    return list(rows.select_related("item").order_by("pk")[:MOST])


def on_paper(actor: Actor) -> list[Slip]:
    """Slips for a merchant's goods, made here for a card and not used yet: to be vouched for, or printed. One query."""
    rows = Slip.objects.filter(
        within("place_code", actor.places_for(HAND)),
        state=HELD,
        issued_by__isnull=False,
        expires_at__gt=clock.now(),
    )
    return list(rows.select_related("item").order_by("pk")[:MOST])


def desk_slip(actor: Actor, number: str) -> Shown:
    """Any slip that exists for an officer. Raises NotVisible."""
    return shown_slip(policy_for(Slip).visible_to(actor).filter(number=number))


def listed_slip(actor: Actor, number: str) -> Shown:
    """A slip as the list of slips has it. Raises NotVisible."""
    if not actor.is_staff:
        raise NotVisible("")
    return desk_slip(actor, number)


def listed_settlement(actor: Actor, pk: int) -> Settlement:
    """A settlement as the list of settlements has it. Raises NotVisible."""
    rows = (
        policy_for(Settlement).visible_to(actor).filter(pk=pk)
        if actor.is_staff
        else Settlement.objects.none()
    )
    row: Settlement | None = rows.select_related("programme").first()
    if row is None:
        raise NotVisible(_("没有找到这次结算。"))
    return row


def low_items(actor: Actor, most: int) -> tuple[list[tuple[Item, int]], int]:
    """Items in force with few pieces left, where the actor runs programmes: the first of them, and how many."""
    items = Item.objects.filter(
        in_force(), in_force(prefix="programme__"), within("place_code", actor.places_for(RUN))
    )
    low = redemption_numbers()["low_stock"]
    stocks: dict[int, Any] = dict(items.values_list("stock_id", "pk")[:5000])
    held = balances(stocks)
    few = {stocks[account]: held.get(account, 0) for account in stocks if held.get(account, 0) < low}
    rows = Item.objects.filter(pk__in=sorted(few, key=lambda pk: (few[pk], pk))[:most]).select_related(
        "programme"
    )
    return sorted(((row, few[row.pk]) for row in rows), key=lambda pair: (pair[1], pair[0].pk)), len(few)


def desk_items(actor: Actor) -> list[Item]:
    """What is had with a card where the actor hands: at the desk, or with a slip on paper at a merchant's. One query."""
    places = actor.places_for(HAND)
    above = {place[:length] for place in places for length in (6, 9, 12) if len(place) >= length}
    rows = Item.objects.filter(on_offer())
    return list(
        rows.filter(Q(place_code__in=above) | within("place_code", places)).select_related("programme").order_by("pk")[:MOST]
    )  # fmt: skip
