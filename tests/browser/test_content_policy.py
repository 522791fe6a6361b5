"""The cockpit's map and chart are drawn under the content policy."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

PageFor = Callable[..., Page]


def test_map_and_chart_are_drawn_under_the_policy(page_for: PageFor) -> None:
    page = page_for("district")
    answer = page.goto("/desk/cockpit/210202/?indicator=chain.grid_branches")
    assert answer is not None
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-store"
    expect(page.locator("[data-map] path").first).to_be_attached()
    expect(page.locator("[data-chart] canvas, [data-chart] svg").first).to_be_visible()
