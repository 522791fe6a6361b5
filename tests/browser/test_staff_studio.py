"""A plan of who works which grid in the browser: made, a grid dragged to another worker, taken back, sent, approved by a second person
and in effect; the same by the keyboard and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import F
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import overflow, troubles
from tests.browser.test_plan_studio import data, drag, status, without_scripts
from tests.browsers import DEMO_DAY, LiveServer

PageFor = Callable[..., Page]
COMMUNITY, STREET = "210202005011", "210202005"


@pytest.fixture
def street(page_for: PageFor, studio_server: LiveServer) -> Iterator[Page]:
    yield page_for("street", server=studio_server)


def make(page: Page, place: str = COMMUNITY, title: str = "东日网格员") -> None:
    page.goto(f"/desk/grids/staffing/new/{place}/")
    page.get_by_label("方案名称").fill(title)
    page.get_by_role("button", name="算一个方案").click()
    page.wait_for_url(re.compile(r"/staffing/\d+/$"))


def workers(page: Page) -> dict[str, int]:
    """The number of each grid's worker."""
    return {one[9]: one[5] for one in data(page)["buildings"] if one[5] is not None}


def beside(page: Page) -> tuple[int, int]:
    """A building of a worker with two grids, and the nearest of another worker's of the community who has one: the plan changes no
    more than asked for."""
    rows = [one for one in data(page)["buildings"] if one[5] is not None and one[8] == COMMUNITY]
    grids: dict[int, set[str]] = {}
    for one in rows:
        grids.setdefault(one[5], set()).add(one[9])
    pairs = [
        ((a[2] - b[2]) ** 2 + (a[3] - b[3]) ** 2, a[0], b[0])
        for a in rows
        for b in rows
        if len(grids[a[5]]) == 2 and len(grids[b[5]]) == 1
    ]
    _away, one, other = min(pairs)
    return one, other


def of(page: Page, building: int) -> tuple[str, int]:
    """Its grid and the number of who works it."""
    found = next(one for one in data(page)["buildings"] if one[0] == building)
    return found[9], found[5]


def test_from_the_first_question_to_other_workers(
    street: Page, page_for: PageFor, studio_server: LiveServer
) -> None:
    street.goto("/desk/grids/staffing/")
    expect(street.get_by_text("还没有网格员方案")).to_be_visible()
    make(street)
    address = street.url
    expect(street.get_by_role("heading", name="谁管哪个网格")).to_be_visible()
    one, other = beside(street)
    before = workers(street)
    (grid, _mine), (_theirs, target) = of(street, one), of(street, other)
    drag(street, one, other)
    expect(status(street)).to_contain_text("已交给这个人")
    after = workers(street)
    assert after[grid] == target, "the whole grid went to whose it was let go on"
    street.get_by_role("button", name="撤销一步").click()
    expect(status(street)).to_contain_text("已退回上一步")
    assert workers(street) == before
    drag(street, one, other)
    expect(status(street)).to_contain_text("已交给这个人")
    street.get_by_role("link", name="看影响、送审").click()
    expect(street.get_by_role("heading", name="谁的网格有变化")).to_be_visible()
    street.get_by_label("生效日期").fill(DEMO_DAY.isoformat())
    street.get_by_label("文号").fill("演任〔2026〕9号")
    street.get_by_role("button", name="送审").click()
    expect(street.get_by_text("送审的人不能自己批准").first).to_be_visible()
    expect(street.get_by_role("button", name="批准")).to_have_count(0)
    second = page_for("district", server=studio_server, path="/desk/")
    second.get_by_role("link", name="审批方案").first.click()
    second.get_by_role("link", name="看影响、批准").click()
    second.get_by_role("button", name="批准").click()
    expect(second.get_by_text("已批准")).to_be_visible()
    street.goto(address)
    expect(street.locator("#studio-lead")).to_contain_text("已生效")


def chosen(page: Page) -> tuple[str, str, int]:
    """A grid, and the appointment and number of a worker beside it."""
    one, other = beside(page)
    (grid, _mine), (_theirs, number) = of(page, one), of(page, other)
    name = dict(data(page)["grids"])[number]
    options = page.locator("#target option").all()
    value = next(one.get_attribute("value") for one in options if one.inner_text() == name)
    return grid, value or "", number


def test_refused_without_scripts_and_by_the_keyboard(
    browser: Browser, street: Page, studio_server: LiveServer
) -> None:
    make(street)
    one, other = beside(street)
    before = workers(street)
    from doorstep.modules.grids.models import StaffPlan

    with studio_server.connected():
        StaffPlan.objects.filter(state="ready").update(lock_version=F("lock_version") + 1)
    drag(street, one, other)
    expect(status(street)).to_contain_text("改过这个方案")
    expect(street.locator("#studio-notices")).to_contain_text("改过这个方案")
    assert workers(street) == before, "the grid is put back"

    grid, worker, number = chosen(street)
    with without_scripts(browser, street, studio_server) as page:
        page.locator(f"input[name='grid'][value='{grid}']").check()
        page.get_by_role("combobox", name="网格员", exact=True).select_option(worker)
        page.get_by_role("button", name="交给这个人").click()
        expect(page.get_by_text("已交给这个人")).to_be_visible()
    street.reload()
    assert workers(street)[grid] == number

    grid, worker, number = chosen(street)
    street.locator(f"input[name='grid'][value='{grid}']").press("Space")
    expect(street.locator("[data-picked]")).not_to_be_empty()
    street.get_by_role("combobox", name="网格员", exact=True).select_option(worker)
    street.get_by_role("button", name="定给这个人").press("Enter")
    expect(status(street)).to_contain_text("已记下要求")
    assert workers(street)[grid] == number


def test_pages_for_everybody(street: Page) -> None:
    """Nothing serious for axe and nothing wider than the window, on each page of these plans."""
    ids = []
    for title in ("全街网格员", "全街另一个"):
        make(street, STREET, title)
        ids.append(re.findall(r"\d+", street.url)[-1])
    studio = street.url
    why = street.get_by_role("link", name="为什么这样").first.get_attribute("href")
    paths: list[Any] = [
        "/desk/grids/staffing/", "/desk/grids/staffing/new/", f"/desk/grids/staffing/new/{STREET}/", f"{studio}{why}",
        f"{studio}changes/", f"/desk/grids/staffing/compare/?plan={ids[0]}&plan={ids[1]}",
    ]  # fmt: skip
    for path in paths:
        for width in (1440, 768, 360):
            street.set_viewport_size({"width": width, "height": 900})
            street.goto(path)
            street.wait_for_load_state("networkidle")
            assert troubles(street) == [], f"{path} at {width} px"
            assert overflow(street) <= 0, f"{path} at {width} px"
    drawn_when_there_is_room(street, f"{studio}{why}")


def drawn_when_there_is_room(page: Page, address: str) -> None:
    """A map that has no height yet when its script comes (a slow page opened at #why) is drawn as soon as it has."""
    page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => {"
        " document.querySelector('[data-studio]').style.display = 'none'; })"
    )
    page.goto(address)
    page.wait_for_function("document.querySelector('[data-studio].leaflet-container')")
    page.locator("[data-studio]").evaluate("map => { map.style.display = ''; }")
    page.wait_for_timeout(500)
    box = page.locator("[data-studio]").bounding_box()
    circle = page.locator("[data-studio] path.leaflet-interactive").first.bounding_box()
    assert box is not None and circle is not None and box["height"] > 200
    assert box["x"] < circle["x"] < box["x"] + box["width"], (box, circle)
    assert box["y"] < circle["y"] < box["y"] + box["height"], (box, circle)
