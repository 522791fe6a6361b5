"""Figures against the books and against what was done, row by row."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from doorstep.kernel.declarations.indicators import Scope, indicator
from doorstep.kernel.declarations.registers import ImportRow, register
from doorstep.kernel.declarations.work import all_providers
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.ledger.services import Move, Posting, post
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.volunteering import books
from doorstep.modules.volunteering.models import Settlement
from doorstep.modules.volunteering.services_settlement import (
    agree_settlement,
    make_settlement,
    pay_settlement,
)
from doorstep.modules.volunteering.services_slip_ends import end_slips
from doorstep.modules.volunteering.services_slips import confirm_slip, make_slip, offer_slip, void_slip
from tests.volunteering.redemption.world import STREET, SYSTEM, TODAY, World

APRIL, JULY = dt.date(2026, 4, 1), dt.date(2026, 7, 2)


def value(key: str, on: dt.date = TODAY, since: dt.date = APRIL):
    found = indicator(key)
    rows = found.rows(Scope(place_code=STREET, on=on, since=since))
    return rows.aggregate(value=found.aggregate)["value"]


def at(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), clock.DISTRICT_ZONE)


def test_points(world: World) -> None:
    first, second, third = world.more(3, 100)
    world.handed(first)
    world.slip(second)
    void = world.handed(third)
    void_slip(actor=world.actor("secretary"), number=void.number, reason="坏的")
    assert value("points.programmes") == 1 and value("points.documents") == 2
    assert value("points.redeemed") == 30
    held = sum(balance(each.points_id) for each in world.volunteers)
    assert value("points.outstanding") == held == 70 + 70 + 100
    assert value("points.outstanding", TODAY - dt.timedelta(days=1)) in (0, None)
    assert value("points.expired") is None
    book = books.book(books.POINTS)
    move = Move(first.points_id, books.standing(book, books.EXPIRED).pk, 5)
    post(actor=SYSTEM, posting=Posting(book=book, key=uuid.uuid4(), kind=books.EXPIRE, moves=(move,)))
    assert value("points.expired") == 5 and value("points.outstanding") == held - 5


def test_a_volunteer_without_slips_holds_one_document(world: World) -> None:
    assert value("points.documents") is None
    world.more(2)
    assert value("points.documents") == 1


def test_slips(world: World) -> None:
    volunteers = world.more(4, 100)
    for hours, volunteer in zip((1, 2, 6), volunteers, strict=False):
        with clock.fixed(at(TODAY, 9)):
            slip = world.slip(volunteer)
            made = at(TODAY, 9 + hours)
        with clock.fixed(made):
            offer_slip(actor=world.clerk, number=slip.number)
            confirm_slip(actor=world.of(volunteer), number=slip.number)
    world.slip(volunteers[3])
    assert value("redemption.slips") == 4 and value("redemption.handed") == 3
    assert value("redemption.hours") == pytest.approx(2)
    assert value("redemption.used") == 100 and value("redemption.by_card") == 0
    with clock.fixed(JULY):
        end_slips()
    assert value("redemption.used", JULY) == pytest.approx(75)
    assert value("redemption.merchants") == 1


def test_what_is_owed_is_what_the_books_say(world: World) -> None:
    for volunteer in world.more(3, 100):
        world.handed(volunteer)
    world.slip(world.volunteer(100))
    void_slip(actor=world.actor("secretary"), number=world.handed(world.volunteer(100)).number, reason="坏的")
    _free, pledged, owed = world.money
    assert value("redemption.liability") * 100 == pledged + owed == 2000
    with clock.fixed(JULY):
        end_slips()
        made = make_settlement(
            actor=SYSTEM, programme_id=world.programme.pk, merchant_id=world.shop.pk, month=TODAY
        )
        assert value("redemption.liability", JULY) == 15
        agree_settlement(actor=world.clerk, settlement_id=made.pk)
        pay_settlement(actor=world.actor("street"), settlement_id=made.pk, paid_on=JULY, document="演付1")
        assert value("redemption.liability", JULY) is None and world.money[1:] == (0, 0)
        assert value("redemption.liability", TODAY) == 20  # as it was


def work(world: World, key: str, role: str) -> int:
    provider = next(each for each in all_providers() if each.key == f"volunteering.{key}")
    items, count = provider.items(world.actor(role), clock.today(), 10)
    assert len(list(items)) == min(10, count)
    return count


def test_work_that_waits(world: World) -> None:
    world.handed(world.volunteer(100))
    assert work(world, "low_stock", "street") == 0
    world.item("快没了", 5, 3)
    assert work(world, "low_stock", "street") == 1 and work(world, "low_stock", "outsider") == 0
    assert work(world, "to_settle", "street") == 0
    with clock.fixed(JULY):
        assert work(world, "to_settle", "street") == 1 and work(world, "to_settle", "secretary") == 0
        made = make_settlement(
            actor=world.actor("street"),
            programme_id=world.programme.pk,
            merchant_id=world.shop.pk,
            month=TODAY,
        )
        assert work(world, "to_settle", "street") == 0
        assert work(world, "to_agree", "merchant") == 1 and work(world, "to_agree", "street") == 0
        agree_settlement(actor=world.clerk, settlement_id=made.pk)
        assert work(world, "to_agree", "merchant") == 0 and work(world, "to_pay", "street") == 1
    slip = make_slip(actor=world.of(world.volunteer(100)), item_id=world.soap.pk, key=uuid.uuid4())
    offer_slip(actor=world.actor("secretary"), number=slip.number)
    assert work(world, "waiting_offers", "secretary") == 0 and work(world, "waiting_offers", "deputy") == 1
    assert Settlement.objects.count() == 1


def test_sheets_say_the_same_twice(world: World) -> None:
    street = world.actor("street")
    office = "演示street_office" + STREET
    sheets = {
        "programmes": {
            "place": STREET, "name": "微光望海", "organiser": office, "about": None, "slip_days": None, "void_days": None,
            "valid_from": APRIL, "valid_to": None,
        },
        "partners": {
            "place": STREET, "programme": "微光望海", "merchant": "演示便民商店", "document": "演协9", "valid_from": APRIL,
            "valid_to": None,
        },
        "items": {
            "place": STREET, "programme": "微光望海", "name": "牛奶", "kind": "goods", "points": 25,
            "merchant": "演示便民商店", "yuan": 3.5, "most": None, "about": None, "offered_in": None, "valid_from": APRIL,
            "valid_to": None,
        },
    }  # fmt: skip
    for key, values in sheets.items():
        importer = register(f"volunteering.{key}").importer
        row = ImportRow(1, values)
        assert importer.row_service(street, row) == "added", key
        assert importer.row_service(street, row) == "unchanged", key
    importer = register("volunteering.items").importer
    assert importer.row_service(street, ImportRow(1, sheets["items"] | {"points": 26})) == "changed"
    for wrong in ({"programme": "没有的"}, {"merchant": "没有的"}, {"yuan": 0.001}, {"points": 0}):
        with pytest.raises(RuleViolation) as refusal:
            importer.row_service(street, ImportRow(1, sheets["items"] | wrong))
        assert refusal.value.field == next(iter(wrong))
