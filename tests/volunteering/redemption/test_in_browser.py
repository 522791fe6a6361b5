"""Two phones side by side: the slip on one, the clerk on the other; every page for axe and at 320 px."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from playwright.sync_api import Page, expect

from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.modules.volunteering import services_programmes
from doorstep.modules.volunteering.cards import card_index, new_card_code, paper_code
from doorstep.modules.volunteering.models import Item, Programme, Slip, Volunteer
from doorstep.modules.volunteering.services_programmes import ItemData, ProgrammeData
from doorstep.modules.volunteering.services_slips import make_slip_by_card
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers
from tests.browser.axe import overflow, troubles
from tests.browsers import LiveServer
from tests.volunteering.redemption.world import BEGAN, ONE, STREET, SYSTEM, TODAY, actor_for, give

PageFor = Callable[..., Page]


@dataclass
class Shop:
    server: LiveServer
    programme: Programme
    bread: Item
    soap: Item
    volunteer: Volunteer


def _unit(kind: str, place: str) -> int:
    rows = UnitVersion.objects.filter(kind=kind, place_code=place, valid_to=None)
    return int(rows.values_list("unit_id", flat=True)[0])


@pytest.fixture
def shop(fresh_live_server: LiveServer, clock_fixed: dt.date) -> Iterator[Shop]:
    with fresh_live_server.connected():
        merchant = organisations.found_unit(
            actor=SYSTEM,
            kind="merchant",
            name="演示便民商店",
            place_code=ONE,
            founded_on=BEGAN,
            document="演商1号",
        )
        clerk = register_people(actor=SYSTEM, people=[NewPerson("演示店员甲", ONE)])[0]
        organisations.appoint(
            actor=SYSTEM, person_id=clerk.pk, post="merchant_manager", unit_id=merchant.pk, valid_from=BEGAN
        )
        TOTP.activate(
            create_account(actor=SYSTEM, person=clerk, username="clerk"), generate_totp_secret()
        )  # staff come in with a second factor alone
        programme = services_programmes.create_programme(
            actor=SYSTEM,
            data=ProgrammeData(
                place_code=STREET, name="五福林海", organiser_id=_unit("street_office", STREET), valid_from=BEGAN,
                about="做好事、攒积分、换用品。",
            ),
        )  # fmt: skip
        services_programmes.add_fund(
            actor=SYSTEM, programme_id=programme.pk, fen=1_000_000, source="社区基金", document="演基〔2026〕1号",
            day=TODAY, key=uuid.uuid4(),
        )  # fmt: skip
        services_programmes.keep_partner(
            actor=SYSTEM,
            programme_id=programme.pk,
            merchant_id=merchant.pk,
            document="演协1号",
            valid_from=BEGAN,
        )
        items = []
        for name, points, fen, pieces, unit in (
            ("全麦面包一袋", 30, 500, 40, merchant.pk), ("香皂", 20, 0, 6, None), ("理发一次（六十岁以上老人优先，须提前预约）", 60, 1500, 0, merchant.pk),
        ):  # fmt: skip
            item = services_programmes.create_item(
                actor=SYSTEM, programme_id=programme.pk,
                data=ItemData(
                    name=name, kind="goods", points=points, fen=fen, place_code=STREET, merchant_id=unit,
                    valid_from=BEGAN, about="当天新鲜制作。",
                ),
            )  # fmt: skip
            if pieces:
                services_programmes.deliver(
                    actor=SYSTEM, item_id=item.pk, pieces=pieces, day=TODAY, key=uuid.uuid4()
                )
            items.append(item)
        person = Account.objects.get(username="resident").person
        volunteer = register_volunteers(
            actor=SYSTEM, volunteers=[NewVolunteer(person_id=person.pk, place_code=ONE)]
        )[0]
        give(volunteer, 55)
        yield Shop(fresh_live_server, programme, items[0], items[1], volunteer)


def looked_at(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name.strip('/').replace('/', '-')}.png", full_page=True)
    assert troubles(page) == [], name
    usual = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    assert overflow(page) <= 0, name
    page.set_viewport_size(usual)  # type: ignore[arg-type]  # a page has one


def test_two_phones(shop: Shop, page_for: PageFor) -> None:
    phone = page_for("resident", device="phone", server=shop.server, path="/shop/")
    looked_at(phone, "shop")
    phone.get_by_text("全麦面包一袋").click()
    looked_at(phone, "item")
    phone.get_by_role("button", name="用 30 分兑换").click()
    expect(phone.get_by_role("img")).to_be_visible()
    looked_at(phone, "slip")
    number = phone.url.rstrip("/").rpartition("/")[2]
    clerk = page_for("clerk", device="phone", server=shop.server, path="/merchant/")
    clerk.get_by_label("小票编号").fill(number[:-1] + str((int(number[-1]) + 1) % 10))
    clerk.get_by_role("button", name="查看").click()
    expect(clerk.get_by_text("编号不对")).to_be_visible()
    looked_at(clerk, "merchant")
    clerk.get_by_label("小票编号").fill(f"{number[:4]} {number[4:7]} {number[7:]}")
    clerk.get_by_role("button", name="查看").click()
    looked_at(clerk, "the clerk's slip")
    clerk.get_by_role("button", name="核对无误").click()
    confirm = phone.get_by_role("button", name="东西拿到了，确认")
    expect(confirm).to_be_visible(timeout=10_000)  # by itself, without a reload
    looked_at(phone, "offered")
    looked_at(clerk, "waiting")
    confirm.click()
    expect(phone.locator("#now").get_by_text("已兑换")).to_be_visible()
    expect(clerk.get_by_text("顾客已确认")).to_be_visible(timeout=10_000)
    looked_at(clerk, "handed")
    clerk.goto(f"{shop.server.url}/merchant/months/")
    expect(clerk.get_by_text("5.00 元")).to_be_visible()
    looked_at(clerk, "months")
    phone.goto(f"{shop.server.url}/shop/slips/")
    looked_at(phone, "slips")
    with shop.server.connected():
        assert Slip.objects.get().state == "handed"


def test_the_desk(shop: Shop, page_for: PageFor) -> None:
    with shop.server.connected():
        code = new_card_code()
        Volunteer.objects.filter(pk=shop.volunteer.pk).update(card_index=card_index(code))
        make_slip_by_card(
            actor=actor_for(Account.objects.get(username="secretary")), item_id=shop.soap.pk, key=uuid.uuid4(),
            card=code,
        )  # fmt: skip
        number = Slip.objects.get().number
    page = page_for("street", server=shop.server)
    base = f"/desk/programmes/{shop.programme.pk}/"
    for path in (
        base, f"{base}change/", f"{base}fund/", f"{base}partners/new/", f"{base}items/new/", "/desk/programmes/new/",
        f"/desk/items/{shop.bread.pk}/deliver/", "/desk/redeem/", f"/desk/redeem/{number}/", "/desk/settlements/",
        "/desk/r/volunteering.programmes/", "/desk/r/volunteering.items/", "/desk/r/volunteering.slips/",
    ):  # fmt: skip
        page.goto(shop.server.url + path)
        looked_at(page, path)


def test_a_slip_on_paper(shop: Shop, page_for: PageFor) -> None:
    """Made and vouched for at the desk; what the code on the paper opens on the clerk's phone."""
    with shop.server.connected():
        card = new_card_code()
        Volunteer.objects.filter(pk=shop.volunteer.pk).update(card_index=card_index(card))
        secretary = actor_for(Account.objects.get(username="secretary"))
        slip = make_slip_by_card(actor=secretary, item_id=shop.bread.pk, key=uuid.uuid4(), card=card)
        code = paper_code(slip.number, slip.key)
    desk = page_for("street", server=shop.server, path="/desk/redeem/")
    desk.get_by_role("link", name="核对并签字").click()
    expect(desk.get_by_role("button", name="核对无误，签字")).to_be_visible()
    looked_at(desk, "to vouch for")
    desk.get_by_label("卡号").fill(card)
    desk.get_by_role("button", name="核对无误，签字").click()
    expect(desk.get_by_role("link", name="打印小票")).to_be_visible()
    looked_at(desk, "vouched for")
    clerk = page_for("clerk", device="phone", server=shop.server, path=f"/merchant/?c={code}&n={slip.number}")
    expect(clerk.get_by_label("纸质小票上的取货码")).to_have_value(code)
    looked_at(clerk, "the paper's slip")
    clerk.get_by_role("button", name="东西已给，收下小票").click()
    expect(clerk.get_by_text("请把纸质小票收好")).to_be_visible()
    looked_at(clerk, "taken")
