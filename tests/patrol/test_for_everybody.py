"""Large type, small windows, both languages, a thumb: the pages of the patrol for whoever holds the phone."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from doorstep.kernel.web.assets import DIST, bundle
from tests.browser.axe import overflow, troubles
from tests.browsers import LiveServer
from tests.patrol.phones import colleague_accepts, expect_waiting, ready_for_offline, report_in_grid

PageFor = Callable[..., Page]
LONG = "三单元楼道灯不亮，晚上老人下楼看不见，物业说要等配件，已经等了一个星期还没有人来修"
SMALL_TARGETS = """() => [...document.querySelectorAll(
        "main a, main button, main select, main input:not([type=hidden]), main textarea, main summary, .phone-strip a"
    )].filter((each) => each.checkVisibility())
      .map((each) => [each.getBoundingClientRect(), each])
      .filter(([box]) => box.width && box.height < 43.9)
      .map(([box, each]) => `${each.tagName} ${each.textContent.trim().slice(0, 20)} ${box.height}`)"""


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_page_in_large_type_and_small_windows(
    page_for: PageFor, fresh_live_server: LiveServer, language: str
) -> None:
    number, other = report_in_grid(fresh_live_server, LONG), report_in_grid(fresh_live_server, "楼顶漏水")
    page = page_for("worker", device="phone", server=fresh_live_server)
    url = fresh_live_server.url
    page.context.add_cookies([{"name": "django_language", "value": language, "url": url}])
    addresses = [
        "/patrol/",
        "/patrol/?box=place",
        f"/patrol/m/{number}/",
        "/patrol/new/",
        "/patrol/phone/",
        "/patrol/offline/",
    ]
    for large in ("0", "1"):
        page.context.add_cookies([{"name": "large_type", "value": large, "url": url}])
        for address in addresses:
            page.goto(address, wait_until="networkidle")
            for details in page.locator("main details").all():
                details.evaluate("each => (each.open = true)")
            for width in (360, 320):
                page.set_viewport_size({"width": width, "height": 740})
                assert overflow(page) <= 0, (address, width, large)
            assert troubles(page) == [], (address, large)
            assert page.evaluate(SMALL_TARGETS) == [], (address, large)
            page.set_viewport_size({"width": 360, "height": 740})
    page.context.add_cookies([{"name": "large_type", "value": "0", "url": url}])

    colleague_accepts(fresh_live_server, number)
    page.goto(f"/patrol/m/{other}/")
    page.context.set_offline(True)
    page.locator("form[data-action=on_the_spot] button").tap()
    expect_waiting(page, 1)
    expect(page.locator(".patrol-card")).to_have_count(1)
    assert troubles(page) == [] and overflow(page) <= 0 and page.evaluate(SMALL_TARGETS) == []


def test_a_conflict_is_readable_for_everybody(page_for: PageFor, fresh_live_server: LiveServer) -> None:
    number = report_in_grid(fresh_live_server, LONG)
    page = page_for("worker", device="phone", server=fresh_live_server, path="/patrol/")
    ready_for_offline(page)
    page.goto(f"/patrol/m/{number}/")
    colleague_accepts(fresh_live_server, number)
    page.locator("form[data-action=on_the_spot] button").tap()
    expect(page.locator(".patrol-card.error")).to_be_visible()
    for address in (f"/patrol/m/{number}/", "/patrol/phone/", "/patrol/?box=place"):
        page.goto(address)
        expect(page.locator("#patrol")).to_contain_text("1 件没有办成")
        assert troubles(page) == [] and overflow(page) <= 0 and page.evaluate(SMALL_TARGETS) == [], address


def test_my_work_leads_here(page_for: PageFor, fresh_live_server: LiveServer) -> None:
    page = page_for("worker", device="phone", server=fresh_live_server, path="/desk/")
    page.locator("main").get_by_role("link", name="手机办件").tap()
    page.wait_for_url("**/patrol/")
    street = page_for("street", device="phone", server=fresh_live_server, path="/desk/")
    expect(street.get_by_role("link", name="手机办件")).to_have_count(0)


def test_the_scripts_and_styles_of_a_first_visit_are_small() -> None:
    found = bundle("patrol")
    files = [found.script, *found.styles, *found.preloads]
    assert sum(len(gzip.compress((DIST / path).read_bytes())) for path in files) < 110_000
    assert not [path for path in files if "/map." in path or "/chart." in path]
