"""Requests on the desk as offices meet them, signed in side by side: from the counter to the answer, a whistle to a
department and back, a batch of the hotline in and its answers out, the call-back and the three rates."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import overflow, troubles
from tests.browsers import LiveServer

PageFor = Callable[..., Page]
STREET, COMMUNITY, GRID = "210202005", "210202005011", "210202005011001"
LAMP = "三单元二楼的楼道灯不亮，晚上看不见台阶"
HEADINGS = ["工单编号", "来电号码", "诉求人", "事发地址", "所属社区", "反映内容", "处理状态"]


def sound(page: Page) -> None:
    """Nothing serious for axe, nothing wider than a small phone's window; the window is then as it was."""
    assert troubles(page) == []
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 740})
    assert overflow(page) <= 0, page.url
    assert size is not None
    page.set_viewport_size(size)


def take_down(page: Page, text: str, place: str = "", **fields: str) -> str:
    """Fill the form for a call or a visit; gives the address of the request."""
    page.goto("/desk/take/")
    page.locator("#id_text").fill(text)
    if place:  # a code is understood as it is typed
        page.locator("#take-place").fill(place)
    for label, words in fields.items():
        page.get_by_label(label, exact=True).fill(words)
    page.get_by_role("button", name="登记", exact=True).click()
    page.wait_for_url(re.compile(r"/desk/matters/QS\d+/"))
    return page.url


def step(page: Page, name: str, **fields: str) -> None:
    """Take one of the steps the page offers."""
    block = page.locator(f"details:has(form[action$='/{name}/'])").first
    if block.get_attribute("open") is None:
        block.locator("summary").click()
    for field, words in fields.items():
        box = block.locator(f"[name='{name}-{field}']")
        if box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(label=words)
        else:
            box.fill(words)
    block.get_by_role("button", name=re.compile("^确定")).click()
    page.wait_for_load_state()


def state(page: Page, words: str) -> None:
    expect(page.locator(".matter-state")).to_have_text(words)


def settled(page_for: PageFor, server: LiveServer, text: str = LAMP) -> str:
    """Taken down at the counter with a name and number, done by the grid worker, checked by the secretary."""
    secretary = page_for("secretary", server=server)
    address = take_down(secretary, text, GRID, 怎么称呼="演示来访甲", 电话="13800000042")
    worker = page_for("worker", server=server, path=address)
    step(worker, "accept")
    step(worker, "handle", note="换了灯泡")
    secretary.goto(address)
    state(secretary, "已办，待核实")
    step(secretary, "verify", note="去看过，灯亮了")
    state(secretary, "已结案")
    return address


def test_from_the_counter_through_a_department_to_the_answer(
    page_for: PageFor, fresh_live_server: LiveServer
) -> None:
    server = fresh_live_server
    secretary = page_for("secretary", server=server, path="/desk/take/")
    secretary.locator("#id_text").fill(LAMP)
    expect(secretary.locator("#take-hints .answer", has_text="灯").first).to_be_visible()
    sound(secretary)
    address = take_down(secretary, LAMP, 怎么称呼="演示来访甲", 电话="13800000042")
    expect(secretary.locator("main")).to_contain_text("请告诉对方")
    sound(secretary)

    street = page_for("street", server=server, path="/desk/matters/?box=place")
    street.get_by_label(f"选中：{LAMP[:10]}").check()
    expect(street.locator("[data-pick-count]")).to_have_text("已选 1 件")
    sound(street)
    street.get_by_role("button", name="一起办").click()
    street.locator("[name='dispatch-unit_id']").select_option(label="区住房和城市建设局")
    street.get_by_role("button", name="先看会怎样").first.click()
    expect(street.locator("main")).to_contain_text("其中 1 件可以办")
    sound(street)
    street.get_by_role("button", name="确定派办 1 件").click()
    expect(street.locator("main")).to_contain_text("办成 1 件，没有办成 0 件")
    sound(street)

    department = page_for("department", server=server, path="/desk/matters/?box=asked")
    department.get_by_role("link", name=re.compile("三单元")).click()
    step(department, "accept", note="明天上午去")
    state(department, "办理中")
    step(department, "handle", note="换了灯泡，试过会亮")
    state(department, "已办，待核实")
    assert department.locator("form[action$='/verify/']").count() == 0, "who did it does not check it"

    secretary.goto(address)
    step(secretary, "verify", note="去看过，灯亮了")
    state(secretary, "已结案")
    expect(secretary.locator(".matter-course")).to_contain_text("去看过，灯亮了")


def test_a_whistle_from_the_street_to_the_department_and_back(
    page_for: PageFor, fresh_live_server: LiveServer
) -> None:
    server = fresh_live_server
    street = page_for("street", server=server, path=f"/desk/whistles/new/?place={COMMUNITY}")
    street.fill("[name=title]", "占道堆放建材，多次劝说无效")
    street.fill("[name=text]", "东日路 8 号门前，消防车进不来，街道已上门三次。")
    street.locator("[name=ground]").first.check()
    street.locator("[name=unit_id]").select_option(label="区住房和城市建设局")
    sound(street)
    street.locator("main form[method=post]").get_by_role("button").last.click()
    state(street, "已吹哨")
    sound(street)
    address = street.url

    department = page_for("department", server=server, path="/desk/whistles/")
    sound(department)
    department.get_by_role("link", name=re.compile("占道堆放建材")).first.click()
    step(department, "accept", note="下午到")
    state(department, "已应哨")
    step(department, "arrive")
    step(department, "plan", internal="当天清走，以后每周巡一次")
    step(department, "handle", note="建材已清走，通道恢复")
    state(department, "已处置，待核实")
    assert department.locator("form[action$='/verify/']").count() == 0

    street.goto(address)
    step(street, "verify", note="现场看过，消防车能进")
    row = street.locator("li.call", has_text="区住房和城市建设局")
    row.locator("summary").first.click()
    row.locator("[name=value]").first.check()
    row.get_by_role("button", name=re.compile("^确定")).first.click()
    step(street, "close")
    state(street, "已结案")
    street.goto("/desk/whistles/record/")
    expect(street.locator("main")).to_contain_text("区住房和城市建设局")
    sound(street)


def batch(folder: Path) -> Path:
    book = openpyxl.Workbook()
    rows = [
        HEADINGS, ["DL1", "13800000043", "演示来电甲", "", COMMUNITY, LAMP, "待办"],
        ["DL2", "13800000044", "演示来电乙", "", COMMUNITY, "下水道堵了往外冒脏水", "待办"],
        ["DL3", "123", "演示来电丙", "", COMMUNITY, "路面坑洼", "待办"],
    ]  # fmt: skip
    for row in rows:
        book.worksheets[0].append(row)
    book.save(folder / "热线.xlsx")
    return folder / "热线.xlsx"


def test_a_batch_of_the_hotline_comes_in_and_its_answers_go_out(
    page_for: PageFor, fresh_live_server: LiveServer, tmp_path: Path
) -> None:
    page = page_for("hotline", server=fresh_live_server, path="/desk/hotline/")
    sound(page)
    page.get_by_role("link", name="导入一批工单").click()
    page.set_input_files("input[type=file]", batch(tmp_path))
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_role("button", name="记住并试算").click(timeout=60_000)
    expect(page.locator("main")).to_contain_text("1 行有问题", timeout=60_000)
    sound(page)
    page.get_by_role("button", name="只导入没有问题的 2 行").click()
    expect(page.locator("main")).to_contain_text("新增 2 条", timeout=60_000)

    page.goto("/desk/hotline/")
    expect(page.locator(".stages")).to_contain_text("2 还没有办结")
    page.get_by_label("还没有办结的").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Excel").click()
    download.value.save_as(tmp_path / "回单.xlsx")
    titles, *rows = openpyxl.load_workbook(tmp_path / "回单.xlsx").worksheets[0].iter_rows(values_only=True)
    found = [dict(zip(titles, row, strict=True)) for row in rows]
    assert [(row["工单号"], row["联系电话"]) for row in found] == [
        ("DL1", "138****0043"),
        ("DL2", "138****0044"),
    ]


def test_the_reporter_is_called_back_and_the_three_rates_say_what_they_stand_on(
    page_for: PageFor, fresh_live_server: LiveServer
) -> None:
    settled(page_for, fresh_live_server)
    page = page_for("hotline", server=fresh_live_server, path="/desk/call-backs/")
    sound(page)
    page.get_by_role("link", name=re.compile("^去回访")).first.click()
    page.get_by_role("button", name="看电话").click()
    expect(page.locator(".phone-number")).to_have_text("13800000042")
    page.get_by_label("报告人本人回答了").check()
    sound(page)
    for group, answer in (("contacted", "yes"), ("solved", "yes"), ("satisfaction", "4")):
        page.locator(f"[name={group}][value='{answer}']").check()
    page.get_by_role("button", name="保存，下一件").click()
    expect(page.locator("main")).to_contain_text("已记下，计入三率")

    street = page_for(
        "street", server=fresh_live_server, path=f"/desk/rates/{STREET}/?since=2026-06-01&on=2026-06-15"
    )
    expect(street.locator(".rate-value").first).to_have_text(re.compile(r"100(\.0)?\s*%"))
    expect(street.locator("main")).to_contain_text("东日社区")
    sound(street)


def test_a_filter_is_kept_and_opened_again(page_for: PageFor, fresh_live_server: LiveServer) -> None:
    take_down(page_for("secretary", server=fresh_live_server), LAMP)
    page = page_for("street", server=fresh_live_server, path="/desk/matters/?box=place")
    page.locator("#filter-place").press_sequentially("dongri")
    page.locator(".suggestions button").first.click()
    page.wait_for_url(re.compile(f"place={COMMUNITY}"))
    page.get_by_text("更多条件").click()
    page.get_by_label("事项类别").select_option(label="环境与设施")
    page.wait_for_url(re.compile("class=environment"))
    expect(page.locator(".sentence")).to_contain_text("东日社区")
    kept = page.url
    page.get_by_text("保存这个筛选").click()
    page.get_by_placeholder("起个名称").fill("东日的设施")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("main")).to_contain_text("已保存为“东日的设施”")
    page.goto("/desk/matters/")
    page.get_by_role("link", name="东日的设施").click()
    assert page.url.partition("?")[2] == kept.partition("?")[2]
    page.goto("/desk/filters/")
    sound(page)
    page.get_by_role("button", name="删去“东日的设施”").click()
    expect(page.locator("main")).to_contain_text("还没有保存筛选")


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_rows_are_ticked_without_a_mouse(page_for: PageFor, fresh_live_server: LiveServer, key: str) -> None:
    secretary = page_for("secretary", server=fresh_live_server)
    for text in (LAMP, "下水道堵了往外冒脏水"):
        take_down(secretary, text)
    secretary.goto("/desk/matters/?box=place")
    box = secretary.locator("[data-pick-all] input")
    box.focus()
    secretary.keyboard.press("Space")
    expect(secretary.locator("[data-pick-count]")).to_have_text("已选 2 件")
    secretary.keyboard.press("Tab")
    expect(secretary.get_by_role("button", name="一起办")).to_be_focused()
    secretary.keyboard.press(key)
    expect(secretary.get_by_role("heading", level=1)).to_have_text("一起办")
    expect(secretary.locator("main")).to_contain_text("选了 2 件")
