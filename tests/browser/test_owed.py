"""What is owed in Chromium: a unit's year and its minutes on a phone, a place and a rule's dates at a desk."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from doorstep.demo import meetings
from doorstep.kernel.organisations.models import UnitVersion
from tests.browser.axe import overflow, troubles
from tests.browsers import LiveServer

COMMUNITY, DISTRICT = "210202005011", "210202"


def sound(page: Page) -> None:
    """Nothing serious for axe, nothing wider than the window."""
    assert troubles(page) == []
    assert overflow(page) <= 0, page.url


def test_a_meeting_recorded_on_a_phone_keeps_what_was_owed(
    page_for: Callable[..., Page], fresh_live_server: LiveServer
) -> None:
    with fresh_live_server.connected():
        meetings.load()
        rows = UnitVersion.objects.in_force().filter(
            kind="grid_party_branch", place_code__startswith=COMMUNITY
        )
        unit = rows.order_by("pk")[0].unit_id
    page = page_for("secretary", "phone", server=fresh_live_server, path=f"/desk/owed/units/{unit}/")
    expect(page.get_by_role("heading", name="一年一览")).to_be_visible()
    sound(page)
    page.get_by_role("link", name="登记会议记录").click()
    sound(page)
    page.get_by_label("会议", exact=False).first.select_option("lecture")
    page.locator("#id_day").fill("2026-06-12")
    page.locator("#id_starts").fill("19:00")
    page.locator("#id_ends").fill("20:00")
    page.locator("#id_where").fill("党群服务中心")
    page.locator("#id_entitled").fill("20")
    page.locator("#id_present").fill("18")
    page.locator("#id_agenda").fill("书记讲党课")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(re.compile(r"/desk/owed/units/\d+/"))
    expect(page.locator("main")).to_contain_text("已登记党课")
    page.get_by_role("button", name="要一个日历地址").click()
    expect(page.get_by_role("region", name="放进日历")).to_contain_text("只显示这一次")
    sound(page)

    desk = page_for("district", server=fresh_live_server, path=f"/desk/owed/places/{DISTRICT}/")
    sound(desk)
    desk.set_viewport_size({"width": 390, "height": 844})
    sound(desk)
    desk.set_viewport_size({"width": 1440, "height": 900})
    desk.locator("#by-place").scroll_into_view_if_needed()
    desk.goto("/desk/r/obligations.rules/")
    desk.get_by_role("link", name="新设规则").click()
    sound(desk)
    desk.locator("#id_code").fill("theme_day")
    desk.locator("#id_name").fill("主题党日")
    desk.get_by_label("网格党支部", exact=True).check()
    desk.locator("#id_proof").select_option("lecture")
    desk.locator("#id_clause").fill("演示依据")
    desk.get_by_role("button", name="看日期").click()
    expect(desk.get_by_role("heading", name="接下来几次")).to_be_visible()
    sound(desk)
    desk.get_by_role("button", name="按这些日期保存").click()
    desk.wait_for_url(re.compile(r"/desk/r/obligations.rules/"))
    expect(desk.locator("main")).to_contain_text("主题党日")
