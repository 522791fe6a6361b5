"""A plan of grids in the browser: made, watched, dragged, pinned, sent, approved by a second person and in effect; the same by
a finger, by one thumb, by the keyboard and without scripts."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import F
from playwright.sync_api import Browser, Page, expect

from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from tests.browser.axe import overflow, troubles
from tests.browsers import DEMO_DAY, LiveServer

PageFor = Callable[..., Page]
COMMUNITY, STREET = "210202005011", "210202005"
READY = 60_000  # for a busy worker, in ms


@pytest.fixture
def street(page_for: PageFor, studio_server: LiveServer) -> Iterator[Page]:
    yield page_for("street", server=studio_server)


def ask(page: Page) -> None:
    """A plan with one grid more than today, asked for on the page."""
    page.goto(f"/desk/grids/plans/new/{COMMUNITY}/")
    page.get_by_label("方案名称").fill("东日试划")
    asked = page.locator(f"[name='asked_{COMMUNITY}']")
    asked.fill(str(int(asked.input_value()) + 1))
    page.get_by_label("10 秒", exact=False).check()
    page.get_by_role("button", name="开始计算").click()
    page.wait_for_url(re.compile(r"/plans/\d+/$"))


def made(server: LiveServer, title: str = "东日试划", place: str = COMMUNITY) -> int:
    """A plan with one grid more than today, computed by two rounds; its id."""
    from doorstep.kernel.places.models import Grid
    from doorstep.modules.grids import plan_runs, services_plans

    with server.connected():
        street = actor_for(Account.objects.get(username="street"))
        more = {COMMUNITY: Grid.objects.in_force().filter(community_id=COMMUNITY, kind="basic").count() + 1}
        asked = services_plans.PlanData(place_code=place, title=title, asked=more, seconds=5, seed=1)
        plan = services_plans.create_plan(actor=street, data=asked)
        plan_runs.run_plan(plan.pk, rounds=2)
        return plan.pk


def opened(page: Page, plan: int) -> None:
    page.goto(f"/desk/grids/plans/{plan}/")
    expect(page.get_by_role("heading", name="动手调整")).to_be_visible()


def data(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("JSON.parse(document.getElementById('studio-data').textContent)")
    return found


def numbers(page: Page) -> dict[int, int]:
    """Each building's grid."""
    return {one[0]: one[5] for one in data(page)["buildings"]}


def centre(page: Page, building: int) -> tuple[float, float]:
    """Where a building's circle stands in the window; circles stand in the order of the data."""
    page.locator("[data-studio]").evaluate(
        "map => map.scrollIntoView({block: 'center', behavior: 'instant'})"
    )
    at = [one[0] for one in data(page)["buildings"]].index(building)
    box = page.locator("[data-studio] path.leaflet-interactive").nth(at).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def border_pair(page: Page) -> tuple[int, int]:
    """A building and the nearest one of another grid."""
    rows = data(page)["buildings"]
    pairs = [
        ((a[2] - b[2]) ** 2 + (a[3] - b[3]) ** 2, a[0], b[0]) for a in rows for b in rows if a[5] != b[5]
    ]
    _away, one, other = min(pairs)
    return one, other


def drag(page: Page, building: int, onto: int) -> None:
    (x, y), (to_x, to_y) = centre(page, building), centre(page, onto)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to_x) / 2 + 9, (y + to_y) / 2 + 9, steps=4)
    page.mouse.move(to_x, to_y, steps=4)
    page.mouse.up()


def status(page: Page) -> Any:
    return page.locator("[data-studio-status]")


def test_from_the_first_question_to_new_grids(
    street: Page, page_for: PageFor, studio_server: LiveServer
) -> None:
    street.goto("/desk/grids/plans/")
    expect(street.get_by_text("还没有网格方案")).to_be_visible()
    ask(street)
    expect(street.get_by_role("progressbar", name="计算进度")).to_be_visible()
    street.get_by_role("button", name="停下，用现在的结果").click()
    expect(street.get_by_role("heading", name="动手调整")).to_be_visible(timeout=READY)
    address = street.url
    one, other = border_pair(street)
    before = numbers(street)
    drag(street, one, other)
    expect(status(street)).to_contain_text("调整好了")
    after = numbers(street)
    assert after[one] == before[other], "where it was let go"
    street.get_by_role("button", name="撤销一步").click()
    expect(status(street)).to_contain_text("已退回上一步")
    assert numbers(street) == before
    x, y = centre(street, one)
    street.mouse.click(x, y)
    expect(street.locator(f"input[name='buildings'][value='{one}']")).to_be_checked()
    street.get_by_label("为什么（要求里会写明）").fill("同一个楼门长")
    street.locator(f"input[name='buildings'][value='{other}']").evaluate("box => { box.checked = true; }")
    street.get_by_role("button", name="须在一起").click()
    expect(street.get_by_text("同一个楼门长")).to_be_visible()
    pinned = numbers(street)
    assert pinned[one] == pinned[other]
    street.get_by_role("link", name="看影响、送审").click()
    expect(street.get_by_role("heading", name="哪些楼换网格")).to_be_visible()
    street.get_by_label("生效日期").fill(DEMO_DAY.isoformat())
    street.get_by_label("文号").fill("演网〔2026〕9号")
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


def test_refused_without_scripts_and_by_the_keyboard(
    browser: Browser, street: Page, studio_server: LiveServer
) -> None:
    plan = made(studio_server)
    opened(street, plan)
    one, other = border_pair(street)
    before = numbers(street)
    from doorstep.modules.grids.models import GridPlan

    with studio_server.connected():
        GridPlan.objects.filter(pk=plan).update(lock_version=F("lock_version") + 1)
    drag(street, one, other)
    expect(status(street)).to_contain_text("改过这个方案")
    expect(street.locator("#studio-notices")).to_contain_text("改过这个方案")
    assert numbers(street) == before, "the building is put back"

    with without_scripts(browser, street, studio_server) as page:
        tick(page, one)
        page.get_by_role("combobox", name="网格", exact=True).select_option(str(before[other]))
        page.get_by_role("button", name="划到这个网格").click()
        expect(page.get_by_text("已划过去")).to_be_visible()
    opened(street, plan)
    moved = numbers(street)
    assert moved[one] == before[other]

    box = street.locator(f"input[name='buildings'][value='{one}']")
    street.locator("details", has=box).locator("summary").press("Enter")
    box.press("Space")
    expect(street.locator("[data-picked]")).not_to_be_empty()
    street.get_by_role("combobox", name="网格", exact=True).select_option(str(before[one]))
    street.get_by_role("button", name="划到这个网格").press("Enter")
    expect(status(street)).to_contain_text("调整好了")
    assert numbers(street)[one] == before[one]


@contextlib.contextmanager
def without_scripts(browser: Browser, page: Page, server: LiveServer) -> Iterator[Page]:
    """The same page of the same person in a browser that runs no scripts."""
    context = browser.new_context(
        base_url=server.url, java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(page.url)
    yield plain
    context.close()


def tick(page: Page, building: int) -> None:
    box = page.locator(f"input[name='buildings'][value='{building}']")
    page.locator("details", has=box).locator("summary").click()
    box.check()


class Finger:
    """One finger on the window, as Chromium gets it from a screen."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.page = page

    def _send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def down(self, x: float, y: float) -> None:
        self._send("touchStart", (x, y))

    def move(self, start: tuple[float, float], end: tuple[float, float], steps: int = 8) -> None:
        for step in range(1, steps + 1):
            x, y = (a + (b - a) * step / steps for a, b in zip(start, end, strict=True))
            self._send("touchMove", (x, y))

    def up(self) -> None:
        self._send("touchEnd")


def scrolled(page: Page) -> float:
    found: float = page.evaluate("scrollY")
    return found


def at_rest(page: Page) -> float:
    """How far the page is scrolled, once it stands still: a finger put on a moving page only stops it."""
    return page.evaluate(
        """() => new Promise((done) => {
          let last = scrollY, still = 0;
          const look = () => {
            still = scrollY === last ? still + 1 : 0;
            last = scrollY;
            if (still > 20) done(scrollY); else requestAnimationFrame(look);
          };
          look();
        })"""
    )


@pytest.fixture
def phone_street(page_for: PageFor, studio_server: LiveServer) -> Iterator[Page]:
    yield page_for("street", device="phone", server=studio_server)


def test_by_a_finger_and_by_one_thumb(phone_street: Page, studio_server: LiveServer) -> None:
    """A quick finger scrolls and moves nothing; one that rests takes the building along, and the page stays. Tapped, the grid is chosen
    under the map."""
    page = phone_street
    opened(page, made(studio_server))
    one, other = border_pair(page)
    before = numbers(page)
    start = centre(page, one)
    at, finger = scrolled(page), Finger(page)
    finger.down(*start)
    finger.move(start, (start[0], start[1] - 150))
    finger.up()
    page.wait_for_function("at => scrollY > at + 60", arg=at)
    at_rest(page)
    assert numbers(page) == before and status(page).inner_text() == ""
    start, end = centre(page, one), centre(page, other)
    at = at_rest(page)
    finger.down(*start)
    expect(status(page)).to_contain_text("拿起来了")
    finger.move(start, (end[0], end[1] + 40))
    finger.move((end[0], end[1] + 40), end)
    expect(status(page)).to_contain_text("划到")
    finger.up()
    expect(status(page)).to_contain_text("调整好了")
    assert scrolled(page) == at, "the page stays where it is"
    assert numbers(page)[one] == before[other]

    one, other = border_pair(page)
    before = numbers(page)
    x, y = centre(page, one)
    page.touchscreen.tap(x + 1, y + 1)
    offered = page.locator("[data-choose-grid]")
    expect(offered.first).to_be_visible()
    expect(page.locator(f"input[name='buildings'][value='{one}']")).to_be_checked()
    for button in [
        *offered.all(),
        page.get_by_role("button", name="不选了"),
        *page.locator("[data-studio-bar] button").all(),
    ]:
        box = button.bounding_box()
        assert box is not None and box["height"] >= 44
    assert overflow(page) <= 0 and troubles(page) == []
    page.get_by_role("button", name="不选了").tap()
    expect(offered).to_have_count(0)
    x, y = centre(page, one)
    page.touchscreen.tap(x, y)
    page.locator(f"[data-choose-grid='{before[other]}']").tap()
    expect(status(page)).to_contain_text("调整好了")
    assert numbers(page)[one] == before[other]
    expect(offered).to_have_count(0)


def test_pages_for_everybody(street: Page, studio_server: LiveServer) -> None:
    """Nothing serious for axe and nothing wider than the window, on each page of plans."""
    ids = [made(studio_server, title) for title in ("甲", "乙")]
    opened(street, ids[0])
    studio = street.url
    why = street.get_by_role("link", name="为什么这样").first.get_attribute("href")
    paths = [
        "/desk/grids/plans/", "/desk/grids/plans/new/", f"/desk/grids/plans/new/{STREET}/", f"{studio}{why}",
        f"{studio}changes/", f"/desk/grids/plans/compare/?plan={ids[0]}&plan={ids[1]}",
    ]  # fmt: skip
    for path in paths:
        for width in (1440, 768, 360):
            street.set_viewport_size({"width": width, "height": 900})
            street.goto(path)
            street.wait_for_load_state("networkidle")
            assert troubles(street) == [], f"{path} at {width} px"
            assert overflow(street) <= 0, f"{path} at {width} px"
