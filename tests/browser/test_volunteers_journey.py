"""From a leader's announcement to the merchant's month, through pages alone: a volunteer's phone, the leader's, a merchant's,
and a desk. One day at noon, as the service begins, and after it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from doorstep.demo.volunteering import cast_life, past
from doorstep.kernel.access.actors import system_actor
from tests.browser.axe import overflow, troubles
from tests.browsers import DEMO_DAY, LiveServer, at_moment

TITLE = "门前除草"
BEGINS, OVER = (datetime.combine(DEMO_DAY, moment) for moment in (time(13, 20), time(15, 40)))


@pytest.fixture
def lived_in(fresh_live_server: LiveServer, clock_fixed: object) -> LiveServer:
    """A district with teams, merchants and their goods, and what the cast has in hand."""
    with fresh_live_server.connected():
        past.set_up(system_actor("demo"), DEMO_DAY)
        cast_life.play(DEMO_DAY)
    return fresh_live_server


def looked_at(page: Page) -> None:
    assert troubles(page) == [], page.url
    assert overflow(page) <= 0, page.url


def announced(leader: Page) -> str:
    """A service this afternoon; gives its number."""
    leader.goto("/organise/new/")
    leader.get_by_label("名称").fill(TITLE)
    leader.get_by_label("地点").fill("2号院花坛")
    leader.get_by_label("类别").select_option(label="环境清洁和绿化")
    leader.get_by_label("开始").fill(f"{DEMO_DAY}T13:30")
    leader.get_by_label("结束").fill(f"{DEMO_DAY}T15:30")
    looked_at(leader)
    leader.get_by_role("button", name="发布").tap()
    expect(leader.get_by_text("已发布。")).to_be_visible()
    found = re.search(r"/organise/(\d+)/", leader.url)
    assert found is not None
    return found[1]


def code_shown(leader: Page, server: LiveServer, session: str) -> str:
    leader.goto(f"{server.url}/organise/{session}/")
    leader.get_by_role("link", name="打开到场码").tap()
    return leader.locator(".code-typed").inner_text()


def joined(volunteer: Page) -> None:
    volunteer.goto("/on/")
    volunteer.get_by_role("link", name=re.compile(TITLE)).first.tap()
    volunteer.get_by_role("button", name="报名").tap()
    expect(volunteer.get_by_text("报名好了")).to_be_visible()
    looked_at(volunteer)


def came(volunteer: Page, leader: Page, server: LiveServer, session: str) -> None:
    volunteer.goto(f"{server.url}/on/{session}/")
    volunteer.get_by_role("link", name="我到了").tap()
    volunteer.get_by_label("组织者屏幕上的码").fill("000 000")
    volunteer.get_by_role("button", name="登记到场").tap()
    expect(volunteer.get_by_text("这个码不对")).to_be_visible()
    volunteer.get_by_label("组织者屏幕上的码").fill(code_shown(leader, server, session))
    volunteer.get_by_role("button", name="登记到场").tap()
    expect(volunteer.get_by_text("已登记到场")).to_be_visible()


def went(volunteer: Page, leader: Page, server: LiveServer, session: str) -> None:
    volunteer.goto(f"{server.url}/on/{session}/here/")
    volunteer.get_by_label("组织者屏幕上的码").fill(code_shown(leader, server, session))
    volunteer.get_by_role("button", name="登记离场").tap()
    expect(volunteer.get_by_text("一共 140 分钟")).to_be_visible()


def confirmed(leader: Page, server: LiveServer, session: str) -> None:
    leader.goto(f"{server.url}/organise/{session}/")
    looked_at(leader)
    leader.get_by_role("button", name="确认", exact=True).tap()
    expect(leader.get_by_text("已确认。由另一位工作人员审核后")).to_be_visible()


def approved(desk: Page, server: LiveServer) -> None:
    """By the community's secretary, who neither confirmed nor was there."""
    desk.goto(f"{server.url}/desk/volunteering/approve/")
    desk.get_by_role("button", name=f"审核通过：{TITLE}").click()
    expect(desk.get_by_text("已审核 1 场：1 人次计入，共 2 小时")).to_be_visible()
    expect(desk.get_by_role("button", name=f"审核通过：{TITLE}")).to_have_count(0)


def text_of(pdf: Path) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(pdf).pages)


def downloaded(page: Page, link: str, target: Path) -> Path:
    """What a link of the page gives, as this phone would keep it."""
    answer = page.request.get(str(page.get_by_role("link", name=link).evaluate("link => link.href")))
    assert answer.ok
    target.write_bytes(answer.body())
    return target


def credited(volunteer: Page, server: LiveServer, folder: Path) -> None:
    volunteer.goto(f"{server.url}/mine/passbook/")
    line = volunteer.get_by_role("listitem").filter(has_text=TITLE)
    expect(line).to_contain_text("到场 120 分钟，计入 120 分钟")
    looked_at(volunteer)
    assert TITLE in text_of(downloaded(volunteer, "打印 / PDF", folder / "passbook.pdf"))


def slip_taken(volunteer: Page, server: LiveServer, where: str, folder: Path) -> str:
    """For something of this merchant; gives its number. Its paper has it, its proof holds, a changed one does not."""
    volunteer.goto(f"{server.url}/shop/")
    volunteer.get_by_role("link").filter(has_text=where).filter(
        has_not_text=re.compile("还差|上限|已兑完")
    ).first.tap()
    volunteer.get_by_role("button", name=re.compile(r"用 \d+ 分兑换")).tap()
    expect(volunteer.get_by_role("img", name=re.compile("二维码"))).to_be_visible()
    looked_at(volunteer)
    number = volunteer.url.rstrip("/").rpartition("/")[2]
    paper = downloaded(volunteer, "打印 / PDF", folder / "slip.pdf")
    assert number in text_of(paper)
    assert float(PdfReader(paper).pages[0].mediabox.width) == pytest.approx(58 / 25.4 * 72, abs=1)
    proof = downloaded(volunteer, "下载凭证", folder / "proof.json")
    told, holds = checked(proof)
    assert holds
    assert f"slip:{number}" in told
    known = json.loads(proof.read_text(encoding="utf-8"))
    amount = json.loads(told[: told.rindex("}") + 1])["moves"][0]["amount"]
    forged = folder / "forged.json"
    forged.write_text(
        json.dumps(known | {"text": known["text"].replace(str(amount), str(amount + 1))}), encoding="utf-8"
    )
    told, holds = checked(forged)
    assert not holds
    assert "签名不对" in told
    return number


def checked(proof: Path) -> tuple[str, bool]:
    """What `doorstep ledger check-proof` says of it, and whether it holds."""
    said = StringIO()
    try:
        call_command("check_ledger_proof", str(proof), stdout=said)
    except SystemExit as end:
        return said.getvalue(), end.code == 0
    return said.getvalue(), True


def redeemed(volunteer: Page, merchant: Page, server: LiveServer, number: str) -> None:
    merchant.goto(f"{server.url}/merchant/")
    merchant.get_by_label("小票编号").fill(f"{number[:4]} {number[4:7]} {number[7:]}")
    merchant.get_by_role("button", name="查看").tap()
    offer = merchant.get_by_role("button", name="核对无误，请顾客确认")
    expect(offer).to_be_visible()
    looked_at(merchant)
    offer.tap()
    expect(merchant.get_by_text("请顾客在 15:50 以前确认")).to_be_visible()
    volunteer.get_by_role("button", name="东西拿到了，确认").tap()  # it comes by itself
    expect(volunteer.locator("#now").get_by_text("已兑换")).to_be_visible()
    expect(merchant.get_by_text("顾客已确认")).to_be_visible()


def in_books(merchant: Page, server: LiveServer, number: str, before: int) -> None:
    merchant.goto(f"{server.url}/merchant/")
    line = merchant.get_by_role("listitem").filter(has_text=number)
    expect(line).to_contain_text("15:40")
    looked_at(merchant)
    merchant.get_by_role("link", name="每月结算").tap()
    expect(merchant.get_by_role("heading", name="每月结算")).to_be_visible()
    looked_at(merchant)
    assert slips_of(merchant) == before + 1


def slips_of(merchant: Page) -> int:
    """Slips of the month that is shown, all programmes together."""
    return sum(int(count) for count in re.findall(r"(\d+) 张", merchant.locator("main").inner_text()))


def test_from_the_announcement_to_the_merchants_month(
    page_for: Callable[..., Page], lived_in: LiveServer, tmp_path: Path
) -> None:
    volunteer, leader, merchant = (
        page_for(name, device="phone", server=lived_in) for name in ("resident", "leader", "merchant")
    )
    session = announced(leader)
    joined(volunteer)
    merchant.goto("/merchant/")
    where = merchant.locator("h1 + p").inner_text()
    merchant.goto("/merchant/months/")
    before = slips_of(merchant)
    with at_moment(lived_in, BEGINS) as server:
        came(volunteer, leader, server, session)
    with at_moment(lived_in, OVER) as server:
        went(volunteer, leader, server, session)
        confirmed(leader, server, session)
        approved(page_for("secretary", server=lived_in), server)
        credited(volunteer, server, tmp_path)
        number = slip_taken(volunteer, server, where, tmp_path)
        redeemed(volunteer, merchant, server, number)
        in_books(merchant, server, number, before)
