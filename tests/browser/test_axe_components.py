"""Every component in Chromium: nothing serious for axe, nothing wider than the window, all of it usable by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import overflow, troubles

WIDTHS = (320, 360, 768, 1440)


def visit(browser: Browser, address: str, width: int = 1440, large_type: bool = False) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
    if large_type:
        context.add_cookies([{"name": "large_type", "value": "1", "url": address}])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(address, wait_until="networkidle")
    return page


@pytest.mark.parametrize("path", ["/desk", "/phone", "/scan", "/missing"])
def test_nothing_serious_for_axe_and_nothing_wider_than_the_window(
    browser: Browser, gallery: str, path: str
) -> None:
    for large_type in (False, True):
        page = visit(browser, gallery + path, large_type=large_type)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert overflow(page) <= 0, f"{path} at {width} px, large type {large_type}"
            if width in (360, 1440):
                assert troubles(page) == []
        page.context.close()


def test_the_map_says_what_its_colours_mean_and_that_its_lines_are_illustrative(
    browser: Browser, gallery: str
) -> None:
    page = visit(browser, f"{gallery}/desk")
    expect(page.locator("#map + .map-note")).to_be_visible()
    legend = page.locator("#map-legend")
    expect(legend.locator("li")).to_have_count(6)
    expect(legend).to_contain_text("还没有记录（1 个）")
    expect(page.locator("#map path")).to_have_count(6)
    page.locator("#map path").first.click()
    assert page.url.endswith("#place")


def test_the_side_panel_opens_on_a_row_and_gives_the_focus_back(browser: Browser, gallery: str) -> None:
    page = visit(browser, f"{gallery}/desk")
    link = page.get_by_role("link", name="第一党小组")
    link.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="第一党小组")
    expect(panel).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(link).to_be_focused()


def test_the_navigation_is_off_canvas_below_992_pixels(browser: Browser, gallery: str) -> None:
    page = visit(browser, f"{gallery}/desk", 768)
    navigation = page.get_by_role("navigation", name="导航")
    expect(navigation).to_be_hidden()
    page.get_by_role("button", name="菜单").click()
    expect(navigation).to_be_visible()


def test_a_figure_without_records_is_no_zero(browser: Browser, gallery: str) -> None:
    page = visit(browser, f"{gallery}/desk")
    figure = page.locator('[data-figure="disputes"]').first
    expect(figure).to_contain_text("还没有记录")
    expect(figure.locator("a")).to_have_count(0)


def test_on_paper_a_page_is_a_document(browser: Browser, gallery: str) -> None:
    page = visit(browser, f"{gallery}/desk")
    page.emulate_media(media="print")
    for part in (".topbar", "#side", ".pager", ".banner-demo"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.get_by_role("heading", name="组件", exact=True)).to_be_visible()
