"""From reporting in on the phone to the word of the person helped, and a call-up from the desk to a substitute's phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from doorstep.demo.vanguard import cast_life
from tests.browser.axe import overflow, troubles
from tests.browsers import DEMO_DAY, LiveServer

TITLE = "想换一个亮一点的灯泡"
POSITION = "终点递水岗"


@pytest.fixture
def lived_in(fresh_live_server: LiveServer, clock_fixed: object) -> LiveServer:
    """A district with what the cast has in hand: a call-up of the street, wishes on the board."""
    with fresh_live_server.connected():
        cast_life.play(DEMO_DAY)
    return fresh_live_server


def looked_at(page: Page) -> None:
    assert troubles(page) == [], page.url
    assert overflow(page) <= 0, page.url


def reported_in(member: Page) -> None:
    member.goto("/mine/")
    member.get_by_role("link", name=re.compile("在职党员报到")).tap()
    expect(member.get_by_role("heading", name="在职党员报到")).to_be_visible()
    member.get_by_label("工作单位").fill("演示设计院")
    looked_at(member)
    member.get_by_role("button", name="报到").tap()
    expect(member.get_by_text("报到好了")).to_be_visible()
    looked_at(member)


def received(desk: Page) -> None:
    """Both who reported in are on the secretary's first page; each is received with one press."""
    for _number in range(2):
        desk.goto("/desk/")
        desk.get_by_role("link", name=re.compile("收到：一位在职党员来报到")).first.click()
        desk.get_by_role("button", name="收到").click()
        expect(desk.get_by_text("他可以认领心愿")).to_be_visible()


def taken_down(desk: Page) -> None:
    desk.goto("/desk/vanguard/wishes/new/")
    desk.get_by_label("想要什么，或者难在哪里").fill(TITLE)
    desk.get_by_label("帮谁").first.fill("二号楼独居老人")
    looked_at(desk)
    desk.get_by_role("button", name="保存").click()
    expect(desk.get_by_text("已收下并公布")).to_be_visible()


def claimed_and_done(member: Page) -> None:
    member.goto("/member/")
    member.get_by_role("link", name=re.compile("看身边的")).first.tap()
    expect(member.get_by_role("heading", name=re.compile("等人认领的"))).to_be_visible()
    looked_at(member)
    member.get_by_role("link", name=re.compile(TITLE)).tap()
    member.get_by_role("button", name="我来办").tap()
    expect(member.get_by_text("认领好了")).to_be_visible()
    looked_at(member)
    member.get_by_label("办了什么").fill("换好了")
    member.get_by_role("button", name="办好了").tap()
    expect(member.get_by_text("社区会去问他本人")).to_be_visible()


def asked(desk: Page) -> None:
    desk.goto("/desk/vanguard/wishes/")
    desk.get_by_role("link", name=TITLE).click()
    expect(desk.get_by_role("heading", name=TITLE)).to_be_visible()
    desk.get_by_label("当面问的").check()
    desk.get_by_label("办成了").check()
    desk.get_by_label("本人的话").fill("亮了，谢谢")
    looked_at(desk)
    desk.get_by_role("button", name="记下").click()
    expect(desk.get_by_text("已办成", exact=False).first).to_be_visible()


def test_from_reporting_in_to_the_word_of_who_was_helped(
    page_for: Callable[..., Page], lived_in: LiveServer
) -> None:
    member = page_for("member", device="phone", server=lived_in)
    desk = page_for("secretary", server=lived_in)
    member.set_viewport_size({"width": 360, "height": 740})
    reported_in(member)
    received(desk)
    taken_down(desk)
    claimed_and_done(member)
    asked(desk)
    member.goto("/member/")
    expect(member.get_by_text("一共服务 1 人次")).to_be_visible()
    street = page_for("street", server=lived_in)
    _answered(page_for("partner", device="phone", server=lived_in), street)
    _call_up(street, member, page_for("leader", device="phone", server=lived_in))


def _answered(partner: Page, street: Page) -> None:
    """The liaison of a unit that is called answers on a phone; the board of who called up says so."""
    partner.set_viewport_size({"width": 360, "height": 740})
    partner.goto("/mine/")
    partner.get_by_role("link", name="本单位：集结通知").tap()
    expect(partner.get_by_role("heading", name="集结通知")).to_be_visible()
    looked_at(partner)
    partner.get_by_role("link", name=re.compile("演示城市马拉松保障")).tap()
    expect(partner.get_by_text("还没答复")).to_be_visible()
    looked_at(partner)
    partner.get_by_label("能来", exact=True).check()
    partner.get_by_label("来几人").fill("3")
    partner.get_by_role("button", name="答复").tap()
    expect(partner.get_by_text("已答复。")).to_be_visible()
    street.goto("/desk/vanguard/callups/")
    street.get_by_role("link", name="演示城市马拉松保障").first.click()
    expect(street.get_by_text("共请 16 人，答复来 13 人")).to_be_visible()
    looked_at(street)


def test_an_area_is_drawn_on_the_map(page_for: Callable[..., Page], fresh_live_server: LiveServer) -> None:
    """Corner by corner, one taken back; what was drawn is a line over the grids. Without the map the lines are the field."""
    desk = page_for("secretary", server=fresh_live_server, path="/desk/vanguard/new/area/?place=210202005011")
    drawing = desk.locator("#area-outline")
    expect(desk.locator("[data-outline-status]")).to_contain_text("一点一点点一圈")
    for x, y in ((-20, -20), (20, -20), (20, 20), (-20, 20), (60, 60)):
        box = drawing.bounding_box()
        assert box is not None
        drawing.click(position={"x": box["width"] / 2 + x, "y": box["height"] / 2 + y})
    desk.get_by_role("button", name="退一个点").click()
    expect(desk.locator("[data-outline-status]")).to_contain_text("已点 4 个点")
    looked_at(desk)
    desk.get_by_text("不用图，填经纬度").click()
    lines = desk.get_by_label("每行一个点").input_value().splitlines()
    assert len(lines) == 4 and all(re.fullmatch(r"121\.\d{6}, 38\.\d{6}", line) for line in lines)
    desk.locator("#id_name").fill("演示沿街责任区")
    desk.get_by_role("button", name="保存").click()
    expect(desk.get_by_text("已登记。")).to_be_visible()
    desk.goto("/desk/vanguard/areas/?place=210202005011")
    expect(desk.locator("#areas-map-legend")).to_contain_text("图上画的责任区")
    expect(desk.get_by_role("row", name=re.compile("演示沿街责任区"))).to_contain_text("公顷")
    looked_at(desk)
    desk.set_viewport_size({"width": 360, "height": 740})
    looked_at(desk)


def test_a_tap_before_the_map_is_there_is_no_corner(
    page_for: Callable[..., Page], fresh_live_server: LiveServer
) -> None:
    """It would be one somewhere else: the map has yet to move to its place. Once it has, taps count."""
    desk = page_for("secretary", server=fresh_live_server, path="/desk/vanguard/")
    waiting: list[Route] = []
    desk.route("**/map.geojson", lambda route: waiting.append(route))
    desk.goto("/desk/vanguard/new/area/?place=210202005011")
    status, drawing = desk.locator("[data-outline-status]"), desk.locator("#area-outline")
    expect(status).to_contain_text("地图正在打开")
    drawing.click()
    expect(status).to_contain_text("地图正在打开")
    waiting[0].continue_()
    expect(status).to_contain_text("一点一点点一圈")
    drawing.click()
    expect(status).to_contain_text("已点 1 个点")


def _call_up(street: Page, member: Page, leader: Page) -> None:
    """A position is set up; the member takes its one place, asks for a stand-in, and the leader stands in with one press."""
    street.goto("/desk/vanguard/callups/")
    street.get_by_role("link", name="演示城市马拉松保障").first.click()
    street.get_by_role("link", name="设岗位和班次").first.click()
    street.get_by_label("岗位名称").fill(POSITION)
    street.get_by_label("具体地点").fill("东日广场")
    for label, value in (("每天几班", "1"), ("每班几个人", "1"), ("每天几点开始", "14:00")):
        street.get_by_label(label).fill(value)
    looked_at(street)
    street.get_by_role("button", name="保存").click()
    expect(street.get_by_role("row", name=re.compile(POSITION))).to_contain_text("缺 1")
    looked_at(street)
    member.goto("/member/shifts/")
    member.get_by_role("link", name=re.compile(POSITION)).first.tap()
    expect(member.get_by_role("button", name="我来站这一班")).to_be_visible()
    looked_at(member)
    member.get_by_role("button", name="我来站这一班").tap()
    member.get_by_role("button", name="请人接替").tap()
    expect(member.get_by_role("button", name="不用接替了，我来")).to_be_visible()
    leader.goto(member.url)
    leader.get_by_role("button", name="有人请人接替，我来接").tap()
    expect(leader.get_by_text("接替好了")).to_be_visible()
    street.reload()
    expect(street.get_by_role("row", name=re.compile(POSITION))).not_to_contain_text("缺 1")
    street.get_by_role("link", name="打印名单").click()
    expect(street.get_by_role("row", name=re.compile(POSITION)).first).to_be_visible()
    looked_at(street)
