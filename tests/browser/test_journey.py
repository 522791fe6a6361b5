"""One day of the district, as its people meet it: a figure to its rows, a branch adjusted, a break mended, a register
out and in again, the brief taken home."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
from docx import Document
from playwright.sync_api import Page, expect

from tests.browser.axe import overflow, troubles
from tests.browsers import LiveServer

PageFor = Callable[..., Page]
BRANCH = "东日第三网格党支部"


def test_a_district_officer_follows_a_figure_to_its_rows(page_for: PageFor) -> None:
    page = page_for("district", path="/desk/cockpit/210202/")
    page.get_by_role("link", name=re.compile("547")).first.click()
    expect(page.get_by_text("网格党支部 547 个")).to_be_visible()
    expect(page.get_by_text("共 547 条")).to_be_visible()
    page.locator("tbody tr th a").first.click()
    expect(page.locator("#panel-body")).to_contain_text("网格党支部")


def test_a_street_officer_renames_a_branch_after_a_preview(
    page_for: PageFor, fresh_live_server: LiveServer
) -> None:
    page = page_for("street", server=fresh_live_server, path="/desk/chain/210202005011/")
    page.get_by_role("link", name=BRANCH, exact=True).first.click()
    branch = page.url.partition("?")[0]
    page.get_by_role("link", name="调整", exact=True).click()
    page.locator("a[href$='/adjust/rename/']").first.click()
    page.fill("[name=name]", "东日第三联合网格党支部")
    page.fill("[name=effective_on]", "2026-06-15")
    page.fill("[name=document]", "演示街发〔2026〕15号")
    page.get_by_role("button", name="看看会变什么").click()
    expect(page.get_by_text("现在还没有办理")).to_be_visible()
    page.get_by_role("button", name="办理", exact=True).click()
    expect(page.get_by_role("heading", name="东日第三联合网格党支部")).to_be_visible()
    expect(page.locator("main")).to_contain_text("演示街发〔2026〕15号")

    neighbour = page_for("street2", server=fresh_live_server)
    answer = neighbour.goto(branch)
    assert answer is not None
    assert answer.status == 404


def test_a_break_is_mended_and_gone(page_for: PageFor, fresh_live_server: LiveServer) -> None:
    page = page_for("training", server=fresh_live_server, path="/desk/chain/breaks/?place=210299")
    before = _breaks(page)
    page.get_by_role("link", name=re.compile("去办理")).first.click()
    page.locator("main").get_by_role("link", name=re.compile("覆盖")).first.click()
    page.fill("[name=effective_on]", "2026-06-15")
    page.fill("[name=document]", "练习组〔2026〕1号")
    page.get_by_role("button", name="看看会变什么").click()
    page.get_by_role("button", name="办理", exact=True).click()
    expect(page.locator("main")).to_contain_text("已办理")
    page.goto("/desk/chain/breaks/?place=210299")
    assert _breaks(page) == before - 1


def _breaks(page: Page) -> int:
    found = re.search(r"共 (\d+) 处", page.locator("main").inner_text())
    assert found
    return int(found[1])


def test_a_register_goes_out_and_comes_in_again(
    page_for: PageFor, fresh_live_server: LiveServer, tmp_path: Path
) -> None:
    page = page_for("secretary", server=fresh_live_server, path="/desk/r/chain.households/")
    page.get_by_role("button", name=re.compile("导出")).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel，全部栏目").click()
    download.value.save_as(tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    assert sheet.max_row > 1

    page.get_by_role("link", name="导入", exact=True).click()
    with page.expect_download() as template:
        page.get_by_role("link", name="下载模板").click()
    template.value.save_as(tmp_path / "template.xlsx")
    filled = _filled(tmp_path / "template.xlsx", tmp_path / "户.xlsx")
    page.set_input_files("input[type=file]", filled)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator("main")).to_contain_text(re.compile("行有问题|处问题|问题"), timeout=60_000)


def _filled(template: Path, target: Path) -> Path:
    """The template with one row that cannot be: the page must say what is wrong."""
    book = openpyxl.load_workbook(template)
    sheet = book.worksheets[0]
    for column in range(1, sheet.max_column + 1):
        sheet.cell(row=2, column=column, value="不存在")
    book.save(target)
    return target


def test_the_brief_goes_home_as_a_word_file(page_for: PageFor) -> None:
    page = page_for("district", path="/desk/brief/210202/")
    expect(page.locator(".brief")).to_contain_text("党员中心户 436")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 Word 文件").click()
    assert download.value.suggested_filename.endswith(".docx")
    document = Document(BytesIO(Path(download.value.path()).read_bytes()))
    assert any("楼栋党小组 325" in paragraph.text for paragraph in document.paragraphs)


def test_a_street_officer_splits_a_grid_and_the_branch_covers_both_parts(
    page_for: PageFor, fresh_live_server: LiveServer
) -> None:
    page = page_for("street", server=fresh_live_server, path="/desk/chain/210202005011/")
    page.get_by_role("link", name="网格调整").last.click()
    page.get_by_role("link", name="第一网格", exact=True).first.click()
    page.get_by_label("第 1 部分的名称").fill("第一网格西片")
    page.get_by_label("第 2 部分的名称").fill("第一网格东片")
    page.fill("[name=effective_on]", "2026-06-15")
    page.fill("[name=document]", "演示街发〔2026〕16号")
    assert troubles(page) == []
    page.get_by_role("button", name="看看会变什么").click()
    changes = page.locator("#changes")
    expect(changes).to_contain_text("现在还没有办理")
    expect(changes).to_contain_text("第一网格西片、第一网格东片")
    for width in (1440, 768, 360, 320):
        page.set_viewport_size({"width": width, "height": 740})
        assert overflow(page) <= 0, f"at {width} px"
    assert troubles(page) == []
    page.get_by_role("button", name="办理", exact=True).click()
    expect(page.locator("main")).to_contain_text("已办理")
    expect(page.locator("main")).to_contain_text("第一网格西片")

    worker = page_for("worker", server=fresh_live_server, path="/desk/chain/")
    worker.set_viewport_size({"width": 360, "height": 740})
    expect(worker.locator("main")).to_contain_text("第一网格西片")
    assert overflow(worker) <= 0
    assert troubles(worker) == []
    neighbour = page_for("street2", server=fresh_live_server)
    answer = neighbour.goto("/desk/chain/grids/210202005011001/adjust/")
    assert answer is not None
    assert answer.status == 404
