"""The pages people meet first, on the demo district: nothing serious for axe, nothing wider than the window."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import overflow, troubles

PAGES = [
    ("district", "/desk/cockpit/210202/"),
    ("district", "/desk/cockpit/210202/?by=community&indicator=chain.grid_branches"),
    ("street", "/desk/cockpit/210202005/"),
    ("secretary", "/desk/"),
    ("secretary", "/desk/cockpit/210202005011/"),
    ("secretary", "/desk/cockpit/210202005011001/"),
    ("training", "/desk/"),
    ("training", "/desk/cockpit/210299/"),
    ("district", "/desk/r/units/"),
    ("district", "/desk/r/appointments/"),
    ("district", "/desk/units/new/?kind=residents_committee&place=210202005011"),
    ("street", "/desk/matters/?box=place&urgency=urgent"),
    ("street", "/desk/filters/"),
    ("street", "/desk/overdue/"),
    ("district", "/desk/overdue/?place=210202"),
    ("street", "/desk/whistles/"),
    ("street", "/desk/whistles/record/?place=210202005"),
    ("street", "/desk/lists/route/new/"),
    ("district", "/desk/lists/item/new/"),
    ("district", "/desk/numbers/"),
    ("street", "/desk/r/requests.past/import/"),
    ("street", "/desk/call-backs/"),
    ("street", "/desk/rates/210202005/"),
    ("secretary", "/desk/take/"),
    ("hotline", "/desk/take/?source=hotline"),
    ("hotline", "/desk/hotline/"),
    ("hotline", "/desk/r/requests/import/"),
]


@pytest.mark.parametrize(("username", "path"), PAGES)
def test_nothing_serious_for_axe_and_nothing_wider_than_the_window(
    page_for: Callable[..., Page], username: str, path: str
) -> None:
    page = page_for(username, path=path)
    page.wait_for_load_state("networkidle")
    assert troubles(page) == []
    for width in (768, 360, 320):
        page.set_viewport_size({"width": width, "height": 740})
        assert overflow(page) <= 0, f"at {width} px"
    assert troubles(page) == []


def test_from_the_map_to_a_street_and_from_a_number_to_its_rows(page_for: Callable[..., Page]) -> None:
    page = page_for("district", path="/desk/cockpit/210202/?indicator=grids.workers")
    expect(page.locator("#map path")).to_have_count(6)
    page.locator("#map path").first.click()
    page.wait_for_url(re.compile(r"/desk/cockpit/210202\d{3}/\?indicator=grids\.workers&"))
    page.locator('[data-figure="grids.workers"] a').click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "/desk/r/" in page.url or "/desk/figures/" in page.url


def test_choosing_another_figure_re_scopes_page_and_address(page_for: Callable[..., Page]) -> None:
    page = page_for("district", path="/desk/cockpit/210202/")
    page.get_by_label("按哪个数着色").select_option("chain.member_households")
    page.wait_for_url("**indicator=chain.member_households**")
    expect(page.locator("#map-legend li").first).to_be_visible()
    expect(page.locator(".map-legend p")).to_contain_text("党员中心户")


def test_a_place_is_found_by_the_initials_of_its_name(page_for: Callable[..., Page]) -> None:
    page = page_for("district", path="/desk/")
    page.get_by_label("找地方").press_sequentially("rmljd")
    page.get_by_role("link", name="人民路街道").click()
    page.wait_for_url("**/desk/cockpit/210202005/")
    expect(page.get_by_role("heading", level=1)).to_have_text("人民路街道")
