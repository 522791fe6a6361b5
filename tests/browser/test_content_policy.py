"""The cockpit's map and chart are drawn under the content policy."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

PageFor = Callable[..., Page]


def test_map_and_chart_are_drawn_under_the_policy(page_for: PageFor) -> None:
    page = page_for("district")
    answer = page.goto("/desk/cockpit/210202/?indicator=chain.grid_branches")
    assert answer is not None
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-store"
    expect(page.locator("[data-map] path").first).to_be_attached()
    expect(page.locator("[data-chart] canvas, [data-chart] svg").first).to_be_visible()


@pytest.mark.parametrize("kind", ["line", "bar"])
def test_each_kind_of_chart_is_drawn_under_the_policy(page_for: PageFor, kind: str) -> None:
    """The policy's complaints about any script of the page fail the test by themselves."""
    page = page_for("district")

    def of_this_kind(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('"kind": "line"', f'"kind": "{kind}"'))

    page.route(
        re.compile(r"/desk/cockpit/210202/\?"), of_this_kind
    )  # the page alone, not what it loads later
    page.goto("/desk/cockpit/210202/?indicator=chain.grid_branches")
    assert f'"kind": "{kind}"' in page.content()
    expect(page.locator("[data-chart] svg path").first).to_be_attached()
    page.locator("[data-chart]").hover()
