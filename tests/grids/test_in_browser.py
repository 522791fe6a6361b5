"""Public pages of grids on a phone of 360 px: nothing serious for axe, nothing wider, the map drawn."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import overflow, troubles

GRID, COMMUNITY = "210202005011001", "210202005011"
PUBLIC = [f"/grids/{GRID}/", f"/grids/in/{COMMUNITY}/", f"/grids/in/{COMMUNITY}/law/"]


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_on_a_phone(phone: Page, path: str) -> None:
    phone.goto(path)
    phone.wait_for_load_state("networkidle")
    assert troubles(phone) == []
    for width in (360, 320):
        phone.set_viewport_size({"width": width, "height": 740})
        assert overflow(phone) <= 0, f"at {width} px"


def test_the_map_draws_the_grid_and_leads_to_a_neighbour(phone: Page) -> None:
    phone.goto(f"/grids/{GRID}/")
    paths = phone.locator("#grid-map path")
    expect(paths.nth(1)).to_be_visible()
    expect(phone.locator(".map-note")).to_be_visible()
    neighbour = phone.request.get(f"/grids/{GRID}/map.geojson").json()["features"]
    assert sum(1 for each in neighbour if each["properties"]["value"] == 1) == 1
    heading = phone.get_by_role("heading", level=1).inner_text()
    phone.locator("#grid-map path[stroke-dasharray]").first.dispatch_event("click")
    phone.wait_for_url(re.compile(r"/grids/\d{15}/$"))
    expect(phone.get_by_role("heading", level=1)).not_to_have_text(heading)


@pytest.mark.parametrize("path", ["/grids/visits/new/"])
def test_a_worker_notes_a_visit_in_two_taps(page_for: Callable[..., Page], path: str) -> None:
    page = page_for("worker", device="phone", path=path)
    assert troubles(page) == []
    assert overflow(page) <= 0
    for button in page.locator("fieldset button").all():
        box = button.bounding_box()
        assert box is not None and box["height"] >= 44


@pytest.mark.parametrize(
    "path", [f"/desk/grids/workers/{COMMUNITY}/", "/desk/grids/new/force/", "/desk/grids/new/slot/"]
)
def test_desk_pages(page_for: Callable[..., Page], path: str) -> None:
    page = page_for("secretary", path=path)
    page.wait_for_load_state("networkidle")
    assert troubles(page) == []
    for width in (768, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert overflow(page) <= 0, f"at {width} px"
