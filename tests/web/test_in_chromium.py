"""Registers and imports in Chromium: nothing wider than the window, nothing serious for axe, panel and copy by hand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page, expect

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.web.imports import running
from doorstep.kernel.web.models import ImportJob
from tests.browser.axe import overflow, troubles
from tests.sign_in import client_of
from tests.web import sheets
from tests.web.conftest import account, unit

WIDTHS = (320, 360, 768, 1440)
LIST = "/desk/r/test_units/"


@pytest.fixture
def desk(
    browser: Browser, own_district: None, test_registers: Any, settings: Any, tmp_path: Path
) -> Iterator[Page]:
    """A page where a street officer of the small district is signed in."""
    from django.db import transaction

    settings.MEDIA_ROOT = tmp_path
    boss = unit("甲社区第一网格党支部", "990101001001", kind="grid_party_branch")
    for number in range(1, 71):
        row = unit(
            f"第{number}楼栋党小组",
            "990101001001",
            superior=boss.unit if number % 3 else None,
            phone="0411-82001234",
        )
    with transaction.atomic():
        record(
            system_actor("演示甲一"), Act("organisations.rename", row, changes={"name": ["旧名称", row.name]})
        )
    client = client_of(account("street_officer", "street_office", "990101001"))
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    assert not thread.error
    address = f"http://127.0.0.1:{thread.port}"
    context = browser.new_context(base_url=address, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    yield page
    context.close()
    thread.terminate()


def look(page: Page, name: str) -> None:
    """Every width in turn; with LOOK_AT set, a picture of each is left in that folder."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert overflow(page) <= 0, f"{name} at {width} px"
        if width in (360, 1440):
            assert troubles(page) == [], f"{name} at {width} px"
        if folder := os.environ.get("LOOK_AT"):
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=False)


def test_the_list_its_panel_and_its_text(desk: Page) -> None:
    desk.goto(f"{LIST}?superior=no&q=楼栋", wait_until="networkidle")
    look(desk, "list")
    desk.locator("tbody tr").first.locator("td").first.click()
    expect(desk.locator("#panel h2")).to_be_visible()
    expect(desk.locator("#panel-body")).to_contain_text("变动记录")
    if folder := os.environ.get("LOOK_AT"):
        desk.wait_for_timeout(400)
        desk.screenshot(path=Path(folder) / "panel.png")
    assert troubles(desk) == []
    desk.keyboard.press("Escape")
    desk.get_by_role("link", name="复制文字").click()
    expect(desk.locator("#text-to-copy")).to_have_value(re.compile("演示路街道 · .*没有上级的楼栋党小组"))
    desk.locator("#panel button", has_text="复制").click()
    expect(desk.locator("#announcements")).to_have_text("已复制")


def test_a_select_narrows_at_once_and_columns_are_chosen(desk: Page) -> None:
    desk.goto(LIST, wait_until="networkidle")
    desk.get_by_text("更多条件").click()
    desk.locator("#filter-superior").select_option("no")
    desk.wait_for_url("**superior=no**")
    expect(desk.locator(".sentence")).to_contain_text("没有上级的")
    desk.get_by_role("button", name="栏目").click()
    desk.locator(".column-choice input[value=full_name]").check()
    desk.get_by_role("button", name="记住这些栏目").click()
    expect(desk.locator("thead")).to_contain_text("全称")
    expect(desk.locator(".sentence")).to_contain_text("没有上级的")


def test_a_place_is_picked_by_keyboard_and_cleared(desk: Page) -> None:
    desk.goto(LIST, wait_until="networkidle")
    desk.get_by_text("更多条件").click()
    box = desk.get_by_label("所在", exact=True)
    box.press_sequentially("jsq")
    choices = desk.locator("#filter-area-list button")
    expect(choices).to_have_count(1)
    look(desk, "picker")
    box.press("ArrowDown")
    expect(choices.first).to_be_focused()
    choices.first.press("Enter")
    desk.wait_for_url("**area=990101001001**")
    expect(desk.locator(".sentence")).to_contain_text("在甲社区的")
    expect(desk.locator("#filter-area")).to_have_value("甲社区")
    look(desk, "picked")
    desk.get_by_role("button", name="去掉“所在”").click()
    desk.wait_for_url(lambda address: "area=990101001001" not in address)
    box = desk.locator("#filter-area")
    expect(box).to_have_value("")
    if not box.is_visible():
        desk.get_by_text("更多条件").click()
    box.press_sequentially("乙社")
    expect(choices.first).to_contain_text("乙社区")
    box.press("Enter")
    desk.wait_for_url("**area=990101001002**")
    expect(desk.locator(".sentence")).to_contain_text("在乙社区的")


def test_record_print_and_import_pages(desk: Page) -> None:
    desk.goto(LIST, wait_until="networkidle")
    desk.goto(desk.locator("tbody th a").first.get_attribute("href") or "", wait_until="networkidle")
    look(desk, "record")
    desk.goto(f"{LIST}print/", wait_until="networkidle")
    look(desk, "print")
    desk.goto(f"{LIST}import/", wait_until="networkidle")
    look(desk, "import-start")
    rows = [
        ["一组", "甲社区", "2024-03-05", "备注"],
        ["坏名字", "甲社区", "2024-03-05", ""],
        ["三组", "甲社区", "2025-02-30", ""],
    ]
    body = sheets.workbook(rows, headings=[*sheets.HEADINGS, "备注"])
    desk.set_input_files(
        "#import-file", {"name": "名单.xlsx", "mimeType": "application/octet-stream", "buffer": body}
    )
    desk.get_by_role("button", name="上传并检查").click()
    expect(desk.locator("progress")).to_be_visible()
    look(desk, "import-progress")
    running.run(ImportJob.objects.latest("id").pk)
    expect(desk.get_by_role("button", name="记住并试算")).to_be_visible()
    look(desk, "import-mapping")
    desk.get_by_role("button", name="记住并试算").click()
    expect(desk.locator("progress")).to_be_visible()
    running.run(ImportJob.objects.latest("id").pk)
    expect(desk.get_by_role("button", name="只导入没有问题的 1 行")).to_be_visible()
    look(desk, "import-checked")
    desk.get_by_role("button", name="只导入没有问题的 1 行").click()
    expect(desk.locator("progress")).to_be_visible()
    running.run(ImportJob.objects.latest("id").pk)
    expect(desk.locator(".notice.success")).to_contain_text("新增 1 条")
    look(desk, "import-done")
