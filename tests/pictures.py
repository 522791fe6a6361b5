"""The pictures of docs/screenshots, taken anew from a running demo: `python -m tests.pictures http://127.0.0.1:8000 [NAME…]`.

Take them from a demo just reset: the journeys at the end report, accept and rate. Volunteering and culture must be in. Each picture is named by what it shows
and on what; those named on the command line alone are taken.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from doorstep.launch.browser import arguments, ensure_chromium
from tests.browsers import DEVICES

HERE = Path(__file__).parents[1] / "docs" / "screenshots"
COMMUNITY, GRID = "210202005011", "210202005011001"
BOTH = ("desktop", "phone")
LAMP = "三单元楼道灯不亮，老人晚上看不见台阶"
PROGRAMME, DINNER = "微光望海", "东日百家宴"

# name, who, address, devices
PAGES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("cockpit", "district", "/desk/cockpit/", BOTH),
    ("cockpit-communities", "district", "/desk/cockpit/210202/?by=community", ("desktop",)),
    ("breaks", "training", "/desk/chain/breaks/", ("desktop",)),
    ("chain", "secretary", f"/desk/chain/{COMMUNITY}/", ("desktop",)),
    ("brief", "district", "/desk/brief/", ("desktop",)),
    ("register", "street", "/desk/r/chain.branches/", ("desktop",)),
    ("my-work", "secretary", "/desk/", BOTH),
    ("my-work-administrator", "sysadmin", "/desk/", ("desktop",)),
    ("inbox", "street", "/desk/matters/?box=place&urgency=urgent", BOTH),
    ("overdue-board", "district", "/desk/overdue/", BOTH),
    ("whistle-board", "street", "/desk/whistles/", BOTH),
    ("hotline-desk", "hotline", "/desk/hotline/", BOTH),
    ("take-down", "hotline", "/desk/take/", BOTH),
    ("call-backs", "district", "/desk/call-backs/?tab=asked", BOTH),
    ("three-rates", "district", "/desk/rates/210202/", BOTH),
    ("patrol", "worker", "/patrol/", ("phone",)),
    ("whats-on", "resident", f"/on/?place={COMMUNITY}", ("phone",)),
    ("calendar", "", f"/calendar/{COMMUNITY}/", BOTH),
    ("volunteer", "resident", "/volunteer/", ("phone",)),
    ("find-service", "resident", "/volunteer/find/", ("phone",)),
    ("passbook", "resident", "/mine/passbook/", ("phone",)),
    ("shop", "resident", "/shop/", ("phone",)),
    ("organise", "leader", "/organise/", ("phone",)),
    ("approve-services", "secretary", "/desk/volunteering/approve/", ("desktop",)),
    ("settlements", "district", "/desk/settlements/", ("desktop",)),
    ("owed", "district", "/desk/owed/", BOTH),
    ("committee", "secretary", f"/desk/partnership/committee/{COMMUNITY}/", ("desktop",)),
    ("four-lists", "secretary", "/desk/partnership/lists/", BOTH),
    ("partner", "partner", "/partner/", ("phone",)),
    ("needed-nearby", "partner", "/partner/needs/", ("phone",)),
    ("partner-year", "partner", "/partner/year/", ("phone",)),
    ("coverage", "district", "/desk/coverage/places/210202/", BOTH),
    ("joint-branches", "street", f"/desk/coverage/places/{COMMUNITY[:9]}/joint/", ("desktop",)),
    ("visits", "street", "/visits/", ("phone",)),
    ("brands", "", "/brands/", ("phone",)),
    ("member", "member", "/member/", ("phone",)),
    ("responsibility-areas", "secretary", "/desk/vanguard/areas/", ("desktop",)),
    ("wishes-board", "secretary", "/desk/vanguard/wishes/", ("desktop",)),
)


class Studio:
    """A browser before the running demo. `only`: the names of the pictures wanted, none for all."""

    def __init__(self, browser: Browser, address: str, only: list[str]) -> None:
        self.browser, self.address, self.only = browser, address, only

    def wants(self, *names: str) -> bool:
        return not self.only or any(name in self.only for name in names)

    @contextmanager
    def page(self, who: str, device: str) -> Any:
        """A page of a member of the cast, "" for nobody."""
        context = self.browser.new_context(base_url=self.address, **DEVICES[device])
        page = context.new_page()
        page.goto("/demo/" if who else "/")
        if who:
            page.locator(f"form:has(input[value='{who}']) button").first.click()
            page.wait_for_load_state()
        yield page
        context.close()

    def take(self, page: Page, name: str) -> None:
        """What stands in the window, once everything asked for has come."""
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        page.screenshot(path=HERE / f"{name}.png")
        print(name, flush=True)


def follow(page: Page, where: Locator) -> None:
    with page.expect_navigation():
        where.tap()


def pages(studio: Studio) -> None:
    for name, who, address, devices in PAGES:
        for device in devices:
            if studio.wants(f"{name}-{device}"):
                with studio.page(who, device) as page:
                    page.goto(address)
                    studio.take(page, f"{name}-{device}")


def first_of_a_list(studio: Studio) -> None:
    """One of what a list leads to: a matter, a call."""
    for device in BOTH:
        if studio.wants(f"matter-{device}"):
            with studio.page("secretary", device) as page:
                page.goto("/desk/matters/?box=unit")
                page.locator("a[href^='/desk/matters/QS']").first.click()
                page.locator(".spot-map.leaflet-container").wait_for()
                page.evaluate("scrollTo(0, 0)")
                studio.take(page, f"matter-{device}")
        if studio.wants(f"call-back-{device}"):
            with studio.page("district", device) as page:
                page.goto("/desk/call-backs/")
                page.get_by_role("link", name="去回访").first.click()
                studio.take(page, f"call-back-{device}")


def doorway(studio: Studio) -> None:
    """A resident's phone: finding one's door, saying what is wrong, following it."""
    names = ("doorway-phone", "find-my-organisation-phone", "five-cards-phone", "report-phone", "report-received-phone",
             "my-report-phone", "sign-in-by-code-phone")  # fmt: skip
    if not studio.wants(*names):
        return
    with studio.page("", "phone") as page:
        page.goto("/sign-in/phone/")
        studio.take(page, "sign-in-by-code-phone")
    with studio.page("resident", "phone") as page:
        page.goto(f"/door/in/{COMMUNITY}/")
        studio.take(page, "find-my-organisation-phone")
        follow(page, page.locator("a[href*='/door/']").filter(has_text="号楼").first)
        studio.take(page, "five-cards-phone")
        follow(page, page.get_by_role("button", name="我住这里"))
        studio.take(page, "doorway-phone")
        follow(page, page.get_by_role("link", name="有事说一声"))
        page.get_by_label("什么事").fill(LAMP)
        page.get_by_label("什么事").blur()
        studio.take(page, "report-phone")
        page.get_by_role("button", name="发出").tap()
        page.get_by_role("link", name="看这件事").wait_for()
        studio.take(page, "report-received-phone")
        follow(page, page.get_by_role("link", name="看这件事"))
        studio.take(page, "my-report-phone")


def patrol(studio: Studio) -> None:
    """A grid worker's phone: one matter, and the same without a network."""
    from tests.patrol.phones import expect_waiting, ready_for_offline  # needs Django set up

    if not studio.wants("patrol-matter-phone", "patrol-offline-phone"):
        return
    with studio.page("worker", "phone") as page:
        page.goto("/patrol/")
        page.wait_for_load_state("networkidle")
        ready_for_offline(page)
        follow(page, page.locator("a[data-matter]", has_text=re.compile("办理中")).first)
        page.get_by_role("button", name="办完").locator("visible=true").first.wait_for()
        studio.take(page, "patrol-matter-phone")
        page.context.set_offline(True)
        page.get_by_label("给报告人的说明").locator("visible=true").fill("换了灯泡，试过了")
        page.get_by_role("button", name="办完").locator("visible=true").tap()
        expect_waiting(page, 1)
        page.goto("/patrol/")
        page.evaluate("document.fonts.ready")
        page.screenshot(path=HERE / "patrol-offline-phone.png")
        page.context.set_offline(False)
        expect_waiting(page, 0)


def gathering(studio: Studio) -> None:
    """Services and events for who organises them: who is there, the code on the screen, an event that is over."""
    if studio.wants("attendance-phone", "check-in-code-phone"):
        with studio.page("leader", "phone") as page:
            page.goto("/organise/")
            follow(page, page.get_by_role("link", name="给老人送一餐"))
            studio.take(page, "attendance-phone")
            page.goto("/organise/")
            follow(page, page.get_by_role("link", name="便民服务岗全天值守"))
            follow(page, page.get_by_role("link", name="打开到场码"))
            studio.take(page, "check-in-code-phone")
    if studio.wants("event-desktop"):
        with studio.page("secretary", "desktop") as page:
            page.goto("/desk/r/culture.events/")
            over = page.locator("main tr", has_text="已确认", has_not_text=DINNER).filter(has_text="百家宴")
            page.goto(over.locator("a").first.get_attribute("href") or "")
            page.get_by_role("link", name="打开专页").click()
            page.get_by_role("heading", name="支出").wait_for()
            studio.take(page, "event-desktop")


def redeeming(studio: Studio) -> None:
    """A slip from both sides of the counter: shown, offered, and taken back again, so that the demo keeps it; the
    programme it belongs to."""
    if studio.wants("slip-phone", "slip-confirm-phone", "merchant-phone", "merchant-slip-phone"):
        with studio.page("resident", "phone") as page, studio.page("merchant", "phone") as counter:
            page.goto("/shop/slips/")
            follow(page, page.locator("main a", has_text="待兑换").first)
            studio.take(page, "slip-phone")
            counter.goto("/merchant/")
            studio.take(counter, "merchant-phone")
            counter.get_by_label("小票编号").fill(page.locator(".follow-code").inner_text())
            follow(counter, counter.get_by_role("button", name="查看"))
            studio.take(counter, "merchant-slip-phone")
            follow(counter, counter.get_by_role("button", name="核对无误，请顾客确认"))
            page.reload()
            studio.take(page, "slip-confirm-phone")
            follow(counter, counter.get_by_role("button", name="撤回"))
    if studio.wants("programme-desktop"):
        with studio.page("district", "desktop") as page:
            page.goto("/desk/r/volunteering.programmes/")
            page.goto(page.get_by_role("link", name=PROGRAMME).get_attribute("href") or "")
            page.get_by_role("link", name="打开", exact=True).click()
            page.get_by_role("heading", name="物品和服务").wait_for()
            studio.take(page, "programme-desktop")


BUILDINGS = """() => {
  const map = document.querySelector("[data-studio]");
  map.scrollIntoView({block: "center", behavior: "instant"});
  const frame = map.getBoundingClientRect(), circles = map.querySelectorAll("path.leaflet-interactive");
  const middle = {x: frame.x + frame.width / 2, y: frame.y + frame.height / 2};
  return JSON.parse(document.getElementById("studio-data").textContent).buildings.map((one, at) => {
    const box = circles[at].getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
    return {x, y, drawn: box.width > 2, number: one[5], community: one[8], off: Math.hypot(x - middle.x, y - middle.y)};
  }).filter((one) => one.drawn);
}"""


def at_a_border(page: Page) -> tuple[dict[str, float], dict[str, float]]:
    """The map drawn nearer; a building in its middle, and the next one of another grid of its community."""
    for _step in range(2):
        page.get_by_role("button", name="放大").click()
    found = sorted(page.evaluate(BUILDINGS), key=lambda one: one["off"])
    for one in found:
        others = [
            each
            for each in found
            if each["community"] == one["community"] and each["number"] != one["number"]
        ]
        if others:
            return one, min(
                others, key=lambda each: (each["x"] - one["x"]) ** 2 + (each["y"] - one["y"]) ** 2
            )
    raise LookupError("the plan has one grid in every community")


def planning(studio: Studio) -> None:
    """The studio of the demo's plan of grids: as it is, as today, a building under way; on a phone one chosen. Nothing moves."""
    for device in BOTH:
        names = {"desktop": ("plan-studio-desktop", "plan-today-desktop", "plan-drag-desktop", "plan-changes-desktop"),
                 "phone": ("plan-studio-phone", "plans-phone")}[device]  # fmt: skip
        if not studio.wants(*names):
            continue
        with studio.page("street", device) as page:
            page.goto("/desk/grids/plans/")
            if device == "phone":
                studio.take(page, "plans-phone")
            follow_link = page.locator(".card-list a", has_text="网格调整方案").first
            page.goto(follow_link.get_attribute("href") or "")
            page.locator("[data-studio].leaflet-container").wait_for()
            one, other = at_a_border(page)
            if device == "phone":
                page.touchscreen.tap(one["x"], one["y"])
                page.locator("[data-choose-grid]").first.wait_for()
                studio.take(page, "plan-studio-phone")
                continue
            page.mouse.move(one["x"], one["y"])
            page.mouse.down()
            page.mouse.move(other["x"], other["y"], steps=6)
            studio.take(page, "plan-drag-desktop")
            page.mouse.move(one["x"], one["y"], steps=6)
            page.mouse.up()
            page.reload()
            studio.take(page, "plan-studio-desktop")
            page.get_by_role("button", name="现在", exact=True).click()
            studio.take(page, "plan-today-desktop")
            page.goto(page.url.partition("?")[0] + "changes/")
            page.get_by_role("heading", name="哪些楼换网格").wait_for()
            studio.take(page, "plan-changes-desktop")


SCENES: tuple[Callable[[Studio], None], ...] = (
    pages, first_of_a_list, doorway, patrol, gathering, redeeming, planning,
)  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doorstep.config.settings")
    django.setup()
    address, *only = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure_chromium(), args=arguments())
        for scene in SCENES:
            scene(Studio(browser, address, only))
        browser.close()


if __name__ == "__main__":
    main()
