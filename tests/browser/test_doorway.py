"""A resident's phone: from the first page to the five cards, with and without scripts, with and without a position."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import overflow, troubles
from tests.browsers import LiveServer
from tests.doorway.test_weight import LIMIT

COMMUNITY = "/door/in/210202005011/"


def keep_a_door(page: Page) -> None:
    page.goto(COMMUNITY)
    page.locator("main .phone-lines a").first.click()
    page.get_by_role("button", name="我住这里").click()


def test_from_typing_to_the_five_cards(phone: Page) -> None:
    phone.goto("/")
    phone.get_by_role("link", name="告诉我您住哪栋楼").click()
    phone.get_by_role("searchbox").press_sequentially("drsq")
    phone.get_by_role("link", name=re.compile("东日社区")).click()
    phone.locator("main .phone-lines a").first.click()
    expect(phone.locator(".chain > li")).to_have_count(5)
    phone.get_by_role("button", name="我住这里").click()
    expect(phone.get_by_role("link", name="有事说一声")).to_have_attribute("href", "/report/")
    expect(phone.locator(".phone-head .where")).to_contain_text("东日社区")


def test_by_position(browser: Browser, live_server_on_demo: LiveServer) -> None:
    context = browser.new_context(
        base_url=live_server_on_demo.url, viewport={"width": 360, "height": 740}, permissions=["geolocation"],
        geolocation={"longitude": 121.6455, "latitude": 38.9155},
    )  # fmt: skip
    page = context.new_page()
    page.goto("/door/")
    page.get_by_role("button", name="用我现在的位置").click()
    expect(page.get_by_role("heading", name="附近的楼栋")).to_be_visible()
    expect(page.locator("main .phone-lines a").first).to_contain_text("米")
    assert "121.6" not in page.url
    context.close()


def test_a_refused_position_is_said(browser: Browser, live_server_on_demo: LiveServer) -> None:
    context = browser.new_context(
        base_url=live_server_on_demo.url, viewport={"width": 360, "height": 740}, permissions=[]
    )
    page = context.new_page()
    page.goto("/door/")
    page.get_by_role("button", name="用我现在的位置").click()
    expect(page.locator("[data-position-says]")).to_contain_text("没有取到位置", timeout=15000)
    context.close()


def test_everything_works_without_scripts(browser: Browser, live_server_on_demo: LiveServer) -> None:
    context = browser.new_context(
        base_url=live_server_on_demo.url, viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/door/")
    expect(page.get_by_role("button", name="用我现在的位置")).to_be_hidden()
    page.get_by_role("link", name="人民路街道").click()
    page.get_by_role("link", name="东日社区").click()
    page.locator("main .phone-lines a").first.click()
    expect(page.locator(".chain > li")).to_have_count(5)
    page.get_by_role("button", name="我住这里").click()
    page.goto("/door/?q=drsq")
    expect(page.locator("#found").get_by_role("link", name=re.compile("东日社区"))).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_nothing_is_wider_than_the_window_and_axe_is_content(
    browser: Browser, live_server_on_demo: LiveServer, width: int
) -> None:
    context = browser.new_context(base_url=live_server_on_demo.url, viewport={"width": width, "height": 740})
    page = context.new_page()
    keep_a_door(page)
    page.goto(COMMUNITY)
    door = page.locator("main .phone-lines a").first.get_attribute("href")
    for address in ["/", "/door/", "/door/?q=东日", COMMUNITY, door, "/nearby/", "/mine/"]:
        page.goto(str(address), wait_until="networkidle")
        assert not overflow(page), address
        if width == 360:
            assert not troubles(page), address
    context.close()


def test_the_first_page_over_the_wire_is_small(phone: Page) -> None:
    """What is really fetched, compressed as it is sent."""
    weights: list[int] = []
    phone.on("requestfinished", lambda request: weights.append(request.sizes()["responseBodySize"]))
    phone.goto("/", wait_until="networkidle")
    assert 0 < sum(weights) < LIMIT
