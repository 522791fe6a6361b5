"""Units and appointments with scripts on: a place is picked by pinyin, a unit founded after its preview, a grid worker
appointed over two grids."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.axe import overflow, troubles
from tests.browsers import LiveServer

COMMUNITY = "210202005011"


def pick(page: Page, box: str, text: str) -> None:
    page.locator(box).fill(text)
    page.locator(f"{box}-list [data-pick]").first.click()


def sound(page: Page) -> None:
    """Nothing serious for axe, nothing wider than a small phone's window."""
    assert troubles(page) == []
    page.set_viewport_size({"width": 320, "height": 740})
    assert overflow(page) <= 0, page.url
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_unit_is_founded_and_somebody_appointed_over_two_grids(
    page_for: Callable[..., Page], fresh_live_server: LiveServer
) -> None:
    page = page_for("street", server=fresh_live_server, path="/desk/r/units/")
    page.get_by_role("link", name="登记新单位").click()
    page.locator("#kind").select_option("residents_committee")
    pick(page, "#unit-place", COMMUNITY)
    sound(page)
    page.get_by_role("button", name="下一步").click()
    page.locator("#id_name").fill("演示第二居民委员会")
    page.locator("#id_document").fill("演示〔2026〕1号")
    page.locator("#id_phone").fill("0411-82000000")
    page.get_by_role("button", name="看看会变什么").click()
    expect(page.locator("#changes")).to_contain_text("演示第二居民委员会")
    sound(page)
    page.get_by_role("button", name="办理", exact=True).click()
    page.wait_for_url(re.compile(r"/desk/r/units/record/\d+/"))
    page.get_by_role("link", name="任命", exact=True).click()
    page.locator("#q").fill("演示")
    page.get_by_role("button", name="查找").click()
    page.locator("#id_person").select_option(index=0)
    page.locator("#id_post").select_option("grid_worker")
    pick(page, "#id_places", f"{COMMUNITY}001")
    pick(page, "#id_places_2", f"{COMMUNITY}002")
    sound(page)
    page.locator("main").get_by_role("button", name="保存").click()
    page.wait_for_url(re.compile(r"/desk/r/units/record/\d+/"))
    expect(page.locator("main")).to_contain_text("专职网格员")
