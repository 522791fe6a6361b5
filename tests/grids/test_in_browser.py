"""Public pages of grids on a phone of 360 px: nothing serious for axe, nothing wider, the map drawn."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from doorstep.modules.grids.models import DUTIES, Visit
from tests.browser.axe import overflow, troubles
from tests.browsers import LiveServer
from tests.patrol.phones import expect_all_sent, expect_waiting, ready_for_offline

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


def visits(server: LiveServer) -> list[str]:
    with server.connected():
        return list(Visit.objects.filter(token__isnull=False).order_by("pk").values_list("kind", flat=True))


def test_a_worker_notes_a_visit_in_two_taps(
    page_for: Callable[..., Page], fresh_live_server: LiveServer
) -> None:
    page = page_for("worker", device="phone", server=fresh_live_server, path="/patrol/")
    before = len(visits(fresh_live_server))
    page.get_by_role("link", name="记一次走访").tap()
    expect(page.get_by_role("heading", name="记一次走访")).to_be_visible()
    assert troubles(page) == []
    for width in (320, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert overflow(page) <= 0
    for button in page.locator("fieldset button").all():
        box = button.bounding_box()
        assert box is not None and box["height"] >= 44
    page.get_by_role("button", name=str(dict(DUTIES)["hazard"])).tap()
    page.wait_for_url("**/patrol/")
    expect(page.locator("#patrol")).to_contain_text("走访已记下")
    assert visits(fresh_live_server)[before:] == ["hazard"]


def test_a_visit_without_a_network_is_noted_once_when_it_is_back(
    page_for: Callable[..., Page], fresh_live_server: LiveServer
) -> None:
    page = page_for("worker", device="phone", server=fresh_live_server, path="/patrol/")
    before = len(visits(fresh_live_server))
    ready_for_offline(page)
    page.context.set_offline(True)
    page.get_by_role("link", name="记一次走访").tap()  # never opened before
    page.get_by_role("button", name=str(dict(DUTIES)["hazard"])).tap()
    expect(page.locator("#patrol")).to_contain_text("已存在手机里")
    page.get_by_text("写几句").tap()
    page.get_by_label("情况").fill("楼道里停了两辆电动车")
    page.get_by_role("button", name=str(dict(DUTIES)["opinion"])).tap()
    expect_waiting(page, 2)
    assert len(visits(fresh_live_server)) == before
    page.context.set_offline(False)
    expect_waiting(page, 0)
    expect_all_sent(page)
    assert visits(fresh_live_server)[before:] == ["hazard", "opinion"]


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
