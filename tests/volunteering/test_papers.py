"""Papers read back: sizes, what stands on them and what must not, who has them, and what is said when they cannot be made."""

from __future__ import annotations

import base64
import datetime as dt
import io
import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.kernel.web.papers import fonts
from doorstep.launch import catalogue
from doorstep.modules.volunteering import selectors_papers
from doorstep.modules.volunteering import selectors_redemption as redemption
from doorstep.modules.volunteering.models import Item, RuleValue, Settlement, Slip, Volunteer
from doorstep.modules.volunteering.services_settlement import agree_settlement, make_settlement
from doorstep.modules.volunteering.services_slips import offer_slip
from tests.sign_in import client_of
from tests.volunteering.redemption import world as shops
from tests.volunteering.world import DISTRICT, TODAY, approved, volunteers, with_account

MM = 72 / 25.4
MARKUP = '#panic("x") *粗* $x^2$ <b> = 标题'


@pytest.fixture(autouse=True)
def home(settings):
    settings.HOME_PLACE, settings.DEMO = DISTRICT, True


@pytest.fixture
def shop(db) -> shops.World:
    return shops.build()


def read(answer) -> PdfReader:
    assert answer.status_code == 200, answer.status_code
    assert answer["Content-Type"] == "application/pdf"
    assert (
        answer["Content-Disposition"].startswith("inline; filename")
        and ".pdf" in answer["Content-Disposition"]
    )
    assert answer["Cache-Control"] == "private, no-store"
    return PdfReader(io.BytesIO(answer.content))


def size(reader: PdfReader) -> tuple[float, float]:
    box = reader.pages[0].mediabox
    return round(float(box.width) / MM, 1), round(float(box.height) / MM, 1)


def said(reader: PdfReader) -> str:
    """Without spaces: lines are broken where there is room."""
    return close("".join(page.extract_text() for page in reader.pages))


def close(text: str) -> str:
    return re.sub(r"\s", "", text)


def phone_of(world: shops.World, volunteer: Volunteer) -> Client:
    return client_of(world.account_of(volunteer))


def member(world: shops.World, role: str) -> Client:
    return client_of(world.district.accounts[role])


def test_a_slip_on_the_roll_says_what_both_sides_see(shop):
    volunteer = shop.volunteer(100)
    number = shop.slip(volunteer).number
    phone = phone_of(shop, volunteer)
    reader = read(phone.get(f"/shop/slips/{number}.pdf"))
    text = said(reader)
    assert size(reader)[0] == 58.0 and len(reader.pages) == 1
    shown = redemption.own_slip(shop.of(volunteer), number)
    for word in (
        number,
        "面包",
        "合计积分30",
        "待兑换",
        "五福林海",
        "演示便民商店",
        close(shown.digest),
        shown.last_day.isoformat(),
    ):
        assert word in text, word
    assert "演*****" in text and volunteer.person.name not in text and "经办" not in text
    offer_slip(actor=shop.clerk, number=number)
    clerk = Person.objects.get(pk=shop.clerk.person_id).name
    text = said(read(phone.get(f"/shop/slips/{number}.pdf")))
    assert "商户已确认" in text and f"经办{clerk[0]}*" in text and clerk not in text
    assert f'href="/shop/slips/{number}.pdf"' in phone.get(f"/shop/slips/{number}/").content.decode()


def test_a_slip_that_is_over_no_longer_says_until_when(shop):
    volunteer = shop.volunteer(100)
    number, phone = shop.handed(volunteer).number, phone_of(shop, volunteer)
    text = said(read(phone.get(f"/shop/slips/{number}.pdf")))
    assert "已兑换" in text and "兑换时间" in text and "有效期至" not in text
    number = shop.slip(volunteer, shop.item("毛巾", 10, 5)).number
    Slip.objects.filter(number=number).update(
        expires_at=clock.now(), made_at=clock.now() - dt.timedelta(days=9)
    )
    text = said(read(phone.get(f"/shop/slips/{number}.pdf")))
    assert "已过期" in text and "有效期至" not in text


def test_a_slip_is_there_for_whom_its_page_is_there_for(shop):
    volunteer, other = shop.volunteer(100), shop.volunteer(100)
    number = shop.slip(volunteer).number
    own, merchant, desk = (f"/{part}/slips/{number}.pdf" for part in ("shop", "merchant", "desk"))
    pages = {
        own: own.replace(".pdf", "/"), merchant: merchant.replace(".pdf", "/"),
        desk: f"/desk/r/volunteering.slips/record/{Slip.objects.get().pk}/",
    }  # fmt: skip
    roles = ("merchant", "street", "secretary", "worker", "property", "outsider", "resident")
    clients = {role: member(shop, role) for role in roles} | {"stranger": phone_of(shop, other)}
    found = {
        paper: {role for role, client in clients.items() if client.get(paper).status_code == 200} for paper in pages
    }  # fmt: skip
    for paper, page in pages.items():
        for role, client in clients.items():
            assert client.get(page).status_code == (200 if role in found[paper] else 404), (page, role)
        answer = Client().get(paper)
        assert answer.status_code == 302 and "/sign-in/" in answer.url
        assert clients["street"].post(paper).status_code == 405
    assert found == {own: set(), merchant: {"merchant"}, desk: {"merchant", "street", "secretary"}}
    holder = phone_of(shop, volunteer)
    assert [holder.get(address).status_code for address in (own, merchant, desk)] == [200, 404, 404]
    for paper in (merchant, desk):
        assert paper in clients["merchant"].get(pages[paper]).content.decode()
    assert said(read(clients["street"].get(desk))) == said(read(holder.get(own)))


def test_markup_in_names_stays_text(shop):
    Item.objects.filter(pk=shop.bread.pk).update(name=MARKUP)
    volunteer = shop.volunteer(100)
    number = shop.slip(volunteer).number
    phone = phone_of(shop, volunteer)
    assert close(MARKUP) in said(read(phone.get(f"/shop/slips/{number}.pdf")))
    assert close(MARKUP) in said(read(phone.get("/mine/passbook.pdf")))


def test_the_statement_of_a_month_for_both_sides(shop):
    first, second = shop.volunteer(100), shop.volunteer(100)
    numbers = [shop.handed(each).number for each in (first, second)]
    month = TODAY.replace(day=1)
    with clock.fixed(dt.date(2026, 7, 2)):
        row = make_settlement(
            actor=shop.actor("street"), programme_id=shop.programme.pk, merchant_id=shop.shop.pk, month=month
        )
        members = {
            role: member(shop, role) for role in ("merchant", "street", "property", "outsider", "resident")
        }
        clerk, street = members["merchant"], members["street"]
        own, desk = f"/merchant/months/{row.pk}.pdf", f"/desk/settlements/{row.pk}.pdf"
        reader = read(clerk.get(own))
        text = said(reader)
        assert size(reader) == (210.0, 297.0)
        for word in (*numbers, "面包", "演示便民商店", "2026-06", "合计10.00", "还没有核对", "还没有付款"):
            assert word in text, word
        assert not any(each.person.name in text or "演*" in text for each in (first, second))
        assert own in clerk.get("/merchant/months/?month=2026-06").content.decode()
        assert desk in street.get("/desk/settlements/").content.decode()
        assert desk in street.get(f"/desk/r/volunteering.settlements/record/{row.pk}/").content.decode()
        agree_settlement(actor=shop.clerk, settlement_id=row.pk)
        assert "商户核对2026-07-02" in said(read(street.get(desk)))
        for role, at_own, at_desk in (
            ("merchant", 200, 200), ("street", 404, 200), ("property", 404, 404), ("outsider", 404, 404),
            ("resident", 404, 404),
        ):  # fmt: skip
            client = members[role]
            assert (client.get(own).status_code, client.get(desk).status_code) == (at_own, at_desk), role
        assert "/sign-in/" in Client().get(own).url and "/sign-in/" in Client().get(desk).url
    assert Settlement.objects.count() == 1


@pytest.fixture
def served(world):
    """A volunteer with an account and three services."""
    (row,) = volunteers(1)
    with_account(world, "one", row.person)
    for days in (9, 6, 3):
        approved(world, [row.person_id], day=TODAY - dt.timedelta(days=days), hours=2.5)
    return row


def client(world, role: str) -> Client:
    return client_of(world.accounts[role])


def test_the_passbook_of_points_and_of_hours(world, served):
    phone = client(world, "one")
    points, hours = (read(phone.get(f"/mine/passbook.pdf{more}")) for more in ("", "?book=minutes"))
    assert size(points) == (105.0, 148.0)
    text = said(points)
    assert "志愿服务积分存折" in text and served.number in text and "演***" in text
    assert served.person.name not in text
    assert (
        "06-06到场150分钟" in text and "2028-06-06到期" in text and "合计750" in text and "现有75分" in text
    )
    text = said(hours)
    assert "志愿服务时长存折（分钟）" in text and "合计4500" in text and "共7.5小时" in text
    page = phone.get("/mine/passbook/?book=minutes").content.decode()
    assert 'href="/mine/passbook.pdf?book=minutes"' in page


def test_a_paper_is_in_the_readers_language(world, served):
    catalogue.compile_catalogue()
    phone = client(world, "one")
    phone.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    text = said(read(phone.get("/mine/passbook.pdf")))
    assert (
        "Passbookofvolunteerpoints" in text
        and "Balance" in text
        and "Page1of1" in text
        and "结余" not in text
    )


def test_of_a_long_passbook_the_newest_lines_are_printed_in_their_order(world, served, monkeypatch):
    monkeypatch.setattr(selectors_papers, "MOST_LINES", 2)
    text = said(read(client(world, "one").get("/mine/passbook.pdf")))
    assert "06-06到场" not in text and text.index("06-09到场") < text.index("06-12到场")
    assert "所列合计500" in text and "只印最近2笔" in text


def test_an_empty_passbook_says_so_and_who_is_no_volunteer_has_none(world):
    (row,) = volunteers(1)
    with_account(world, "one", row.person)
    phone = client(world, "one")
    assert "还没有记录" in said(read(phone.get("/mine/passbook.pdf")))
    assert "还没有记录" in said(read(phone.get("/mine/record.pdf")))
    resident = client(world, "resident")
    for path in ("/mine/passbook.pdf", "/mine/record.pdf"):
        assert resident.get(path).status_code == 404
        assert "/sign-in/" in Client().get(path).url


def test_a_thousand_lines_take_as_many_statements_as_three(world, served):
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            selectors_papers.passbook_paper_data(served, "points")
        return len(seen)

    statements()
    few = statements()
    for days in range(10, 20):
        approved(world, [served.person_id], day=TODAY - dt.timedelta(days=days))
    assert statements() == few <= 7


def test_the_record_is_a_record_and_no_certificate(world, served):
    Person.objects.filter(pk=served.person_id).update(name=MARKUP)
    phone = client(world, "one")
    reader = read(phone.get("/mine/record.pdf"))
    text = said(reader)
    assert size(reader) == (210.0, 297.0)
    unit = close(selectors_papers.record_shown(served)["lines"][0]["unit"])
    for word in (
        "志愿服务记录",
        close(MARKUP),
        served.number,
        "演示一社区",
        "7.5小时",
        "演示服务",
        unit,
        "以全国志愿服务信息系统的记录为准",
    ):
        assert word in text, word
    assert "证书" not in text and "证明" not in text
    assert 'href="/mine/record.pdf"' in phone.get("/mine/record/").content.decode()


def test_a_milestone_stands_on_the_record(world, served):
    value = RuleValue.objects.in_force().get(key="milestones")
    value.value = [5, 10]
    value.save()
    assert "7.5小时（已满5小时）" in said(read(client(world, "one").get("/mine/record.pdf")))


def test_a_card_is_in_the_page_that_shows_it_once(world, served):
    desk, path = client(world, "secretary"), f"/desk/volunteering/volunteers/{served.pk}/card/"
    assert "data:application/pdf" not in desk.get(path).content.decode()
    answer = desk.post(path)
    page = answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    reader = PdfReader(
        io.BytesIO(base64.b64decode(re.search(r"data:application/pdf;base64,([A-Za-z0-9+/=]+)", page)[1]))
    )
    groups = re.search(r"[A-Z2-7]{4}(?: [A-Z2-7]{4}){3}", page)[0]
    assert size(reader) == (85.6, 54.0) and len(reader.pages) == 1
    text = said(reader)
    assert close(groups) in text and served.number in text and served.person.name not in text


def test_what_cannot_be_printed_is_said_in_words(world, served, monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    phone = client(world, "one")
    for path, page in (
        ("/mine/passbook.pdf", "/mine/passbook/"), ("/mine/passbook.pdf?book=minutes", "/mine/passbook/?book=minutes"),
        ("/mine/record.pdf", "/mine/record/"),
    ):  # fmt: skip
        answer = phone.get(path, follow=True)
        assert answer.redirect_chain == [(page, 302)] and "缺少打印用的字体" in answer.content.decode()
    card = client(world, "secretary").post(f"/desk/volunteering/volunteers/{served.pk}/card/")
    page = card.content.decode()
    assert "缺少打印用的字体" in page and re.search(r"[A-Z2-7]{4}(?: [A-Z2-7]{4}){3}", page)


def test_a_slip_and_a_statement_that_cannot_be_printed(shop, monkeypatch, tmp_path):
    volunteer = shop.volunteer(100)
    slip = shop.handed(volunteer)
    with clock.fixed(dt.date(2026, 7, 2)):
        row = make_settlement(
            actor=shop.actor("street"), programme_id=shop.programme.pk, merchant_id=shop.shop.pk,
            month=TODAY.replace(day=1),
        )  # fmt: skip
        monkeypatch.setattr(fonts, "FOLDER", tmp_path)
        merchant, street = member(shop, "merchant"), member(shop, "street")
        for client_, path in (
            (phone_of(shop, volunteer), f"/shop/slips/{slip.number}.pdf"), (merchant, f"/merchant/slips/{slip.number}.pdf"),
            (street, f"/desk/slips/{slip.number}.pdf"), (merchant, f"/merchant/months/{row.pk}.pdf"),
            (street, f"/desk/settlements/{row.pk}.pdf"),
        ):  # fmt: skip
            answer = client_.get(path, follow=True)
            assert answer.status_code == 200 and "缺少打印用的字体" in answer.content.decode(), path
