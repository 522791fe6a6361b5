"""A plan of building groups in the browser: computed, dragged, undone, sent, approved by a second person and in effect; the same without
scripts and by the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.db.models import F
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import overflow, troubles
from tests.browser.test_plan_studio import centre, data, drag, numbers, status, tick, without_scripts
from tests.browsers import DEMO_DAY, LiveServer

PageFor = Callable[..., Page]
COMMUNITY = "210202005011"
LIST = "/desk/chain/group-plans/"


@pytest.fixture
def secretary(page_for: PageFor, studio_server: LiveServer) -> Iterator[Page]:
    yield page_for("secretary", server=studio_server)


def make(page: Page, title: str = "楼栋试分") -> None:
    """A plan of the whole community, computed and in the studio."""
    page.goto(f"{LIST}new/{COMMUNITY}/")
    page.get_by_label("方案名称").fill(title)
    page.get_by_role("button", name="算一个方案").click()
    page.wait_for_url(re.compile(r"/group-plans/\d+/$"))
    expect(page.get_by_role("heading", name="动手调整")).to_be_visible()


def border_pair(page: Page, server: LiveServer) -> tuple[int, int]:
    """A building that may go to another group of its branch, and the nearest building of that group."""
    from doorstep.modules.chain import group_instances as instances
    from doorstep.modules.chain.models import GroupPlan
    from doorstep.planning.groups import explain

    with server.connected():
        plan = GroupPlan.objects.select_related("current").latest("pk")
        ground, labels = instances.ground_of(plan), plan.current.labels
        number = dict(zip(plan.buildings, labels, strict=True))
        for one in sorted(set(labels)):
            for move in explain(ground.instance, instances.as_array(labels), one).moves:
                if move.why in ("uneven", "possible"):
                    rows = {row[0]: row for row in data(page)["buildings"]}
                    own = rows[int(move.building)]
                    away = {
                        pk: (row[2] - own[2]) ** 2 + (row[3] - own[3]) ** 2
                        for pk, row in rows.items()
                        if number[pk] == move.group
                    }
                    return int(move.building), min(away, key=lambda pk: away[pk])
    raise AssertionError("no building can go anywhere")


def test_from_the_first_question_to_new_groups(
    secretary: Page, page_for: PageFor, studio_server: LiveServer
) -> None:
    make(secretary)
    address = secretary.url
    one, other = border_pair(secretary, studio_server)
    before = numbers(secretary)
    drag(secretary, one, other)
    expect(status(secretary)).to_contain_text("已划过去")
    assert numbers(secretary)[one] == before[other], "where it was let go"
    secretary.get_by_role("button", name="撤销一步").click()
    expect(status(secretary)).to_contain_text("已退回上一步")
    assert numbers(secretary) == before
    x, y = centre(secretary, one)
    secretary.mouse.click(x, y)
    expect(secretary.locator(f"input[name='buildings'][value='{one}']")).to_be_checked()
    secretary.get_by_label("为什么（要求里会写明）").fill("一个楼门长")
    secretary.locator(f"input[name='buildings'][value='{other}']").evaluate("box => { box.checked = true; }")
    secretary.get_by_role("button", name="须在一起").click()
    expect(secretary.get_by_text("一个楼门长")).to_be_visible()
    assert numbers(secretary)[one] == numbers(secretary)[other]
    secretary.get_by_role("link", name="看影响、送审").click()
    expect(secretary.get_by_role("heading", name="哪些楼换小组")).to_be_visible()
    secretary.get_by_label("生效日期").fill(DEMO_DAY.isoformat())
    secretary.get_by_label("文号", exact=False).first.fill("演组〔2026〕9号")
    secretary.get_by_label("例外批准文号").fill("演批〔2026〕2号")
    secretary.get_by_role("button", name="送审").click()
    expect(secretary.get_by_text("送审的人不能自己批准").first).to_be_visible()
    expect(secretary.get_by_role("button", name="批准")).to_have_count(0)
    second = page_for("street", server=studio_server, path="/desk/")
    second.get_by_role("link", name="审批方案").first.click()
    second.get_by_role("link", name="看影响、批准").click()
    second.get_by_role("button", name="批准").click()
    expect(second.get_by_text("已批准")).to_be_visible()
    secretary.goto(address)
    expect(secretary.locator("#studio-lead")).to_contain_text("已生效")


def test_refused_without_scripts_and_by_the_keyboard(
    browser: Browser, secretary: Page, studio_server: LiveServer
) -> None:
    make(secretary)
    one, other = border_pair(secretary, studio_server)
    before = numbers(secretary)
    branch = next(row[8] for row in data(secretary)["buildings"] if row[0] == one)
    from doorstep.modules.chain.models import GroupPlan

    with studio_server.connected():
        GroupPlan.objects.filter(state="ready").update(lock_version=F("lock_version") + 1)
    drag(secretary, one, other)
    expect(status(secretary)).to_contain_text("改过这个方案")
    expect(secretary.locator("#studio-notices")).to_contain_text("改过这个方案")
    assert numbers(secretary) == before, "the building is put back"

    secretary.goto(f"{secretary.url}?branch={branch}")
    with without_scripts(browser, secretary, studio_server) as page:
        tick(page, one)
        page.get_by_role("combobox", name="小组", exact=True).select_option(str(before[other]))
        page.get_by_role("button", name="划到这个小组").click()
        expect(page.get_by_text("已划过去")).to_be_visible()
    secretary.reload()
    assert numbers(secretary)[one] == before[other]
    box = secretary.locator(f"input[name='buildings'][value='{one}']")
    secretary.locator("details", has=box).locator("summary").press("Enter")
    box.press("Space")
    expect(secretary.locator("[data-picked]")).not_to_be_empty()
    secretary.get_by_role("combobox", name="小组", exact=True).select_option(str(before[one]))
    secretary.get_by_role("button", name="划到这个小组").press("Enter")
    expect(status(secretary)).to_contain_text("已划过去")
    assert numbers(secretary)[one] == before[one]


def test_pages_for_everybody(secretary: Page) -> None:
    """Nothing serious for axe and nothing wider than the window, on each page of plans and counts."""
    ids = []
    for title in ("甲", "乙"):
        make(secretary, title)
        ids.append(re.findall(r"\d+", secretary.url)[-1])
    studio = secretary.url
    why = secretary.get_by_role("link", name="为什么这样").first.get_attribute("href")
    secretary.goto(f"/desk/chain/building-members/new/{COMMUNITY}/")
    counting = secretary.locator(".card-list a").first.get_attribute("href")
    paths = [
        LIST, f"{LIST}new/{COMMUNITY}/", f"{studio}{why}", f"{studio}changes/",
        f"/desk/chain/building-members/new/{COMMUNITY}/", str(counting), "/desk/r/chain.building_members/",
        f"{LIST}compare/?plan={ids[0]}&plan={ids[1]}",
    ]  # fmt: skip
    for path in paths:
        for width in (1440, 360):
            secretary.set_viewport_size({"width": width, "height": 900})
            secretary.goto(path)
            secretary.wait_for_load_state("networkidle")
            assert troubles(secretary) == [], f"{path} at {width} px"
            assert overflow(secretary) <= 0, f"{path} at {width} px"
