"""Boundaries, buildings, grids and venues kept on their pages: by the district officer with a map, by a secretary."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.test_desk_journey import sound
from tests.browsers import LiveServer

PageFor = Callable[..., Page]
COMMUNITY, GRID = "210202005011", "210202005011001"


def bow_tie(west: float, south: float, size: float = 0.004) -> dict:
    east, north = west + size, south + size
    ring = [[west, south], [east, north], [east, south], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_a_boundary_is_uploaded_looked_at_and_laid(
    page_for: PageFor, fresh_live_server: LiveServer, tmp_path: Path
) -> None:
    shape = {"type": "Feature", "properties": {"code": GRID}, "geometry": bow_tie(121.645, 38.912)}
    file = tmp_path / "边界.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}))
    page = page_for("district", server=fresh_live_server)
    page.goto("/places/outlines/new/")
    sound(page)
    page.get_by_label("GeoJSON 文件").set_input_files(file)
    page.get_by_label("来源").fill("演示测绘")
    page.get_by_label("示意边界").check()
    page.get_by_role("button", name="上传并核对").click()
    expect(page.locator("h1")).to_have_text("核对边界")
    expect(page.locator("#outlines path.leaflet-interactive")).to_have_count(1)
    expect(page.get_by_text("示意边界，非法定界线")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="自相交叉")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="划定这 1 个边界").click()
    expect(page.get_by_text("已划定 1 个地方的边界。")).to_be_visible()


def test_a_building_is_corrected_and_a_grid_renamed_from_their_registers(
    page_for: PageFor, fresh_live_server: LiveServer
) -> None:
    page = page_for("street", server=fresh_live_server)
    page.goto(f"/desk/r/places.buildings/?place={GRID}")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="划入网格").click()
    sound(page)
    page.go_back()
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="更正", exact=True).click()
    sound(page)
    page.get_by_label("经度").fill("122.5")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".notice").get_by_text(re.compile("本区范围以外约"))).to_be_visible()
    expect(page.get_by_text("position")).to_have_count(0)  # the history names what it tells
    page.goto(f"/places/grids/{GRID}/name/")
    sound(page)
    page.get_by_label("网格名称").fill("演示新名网格")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("h1")).to_contain_text("演示新名网格")
