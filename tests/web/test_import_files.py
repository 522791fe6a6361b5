"""Files as they come: bounded, refused, or explained by cell. Each a real file."""

from __future__ import annotations

import datetime as dt
import re
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings as configured
from openpyxl.worksheet.formula import ArrayFormula

from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.declarations.registers import register
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.web.imports import bounds, running, services
from doorstep.kernel.web.imports.running import actor_of
from doorstep.kernel.web.models import ImportJob
from tests.web import sheets
from tests.web.conftest import account
from tests.web.sheets import text_file, workbook

pytestmark = [pytest.mark.usefixtures("own_district", "test_registers")]
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
GOOD = ["第一小组", "甲社区", "2024-03-05"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def brought(body: bytes, name: str = "名单.xlsx", key: str = "test_units") -> ImportJob:
    """Upload, and let the background examine and rehearse."""
    who = getattr(brought, "who", None) or account(
        "community_secretary", "community_party_organisation", "990101001001"
    )
    job = services.start(
        actor_for(who), found=register(key), place_code="990101001001", upload=sheets.upload(body, name)
    )
    running.run(job.pk)
    job.refresh_from_db()
    return job


def said(job: ImportJob) -> dict[tuple[int, str], str]:
    return {(row, column): text for row, column, text in job.problems}


def test_a_workbook_and_text_in_both_encodings() -> None:
    job = brought(workbook([GOOD, ["第二小组", "990101001001", dt.date(2024, 3, 5)]]))
    assert (job.state, job.good, job.added, job.problem_count) == ("checked", 2, 2, 0)
    assert not UnitVersion.objects.filter(name="第一小组").exists(), "a rehearsal writes nothing"
    for at, (encoding, delimiter) in enumerate(
        [("utf-8", ","), ("utf-8-sig", ","), ("gb18030", ","), ("utf-16", "\t"), ("gb18030", ";")]
    ):
        who = f"secretary{at}"
        body = text_file([GOOD], encoding, delimiter)
        made = account("community_secretary", "community_party_organisation", "990101001001", username=who)
        job = services.start(
            actor_for(made),
            found=register("test_units"),
            place_code="990101001001",
            upload=sheets.upload(body, "名单.csv"),
        )
        running.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.good) == ("checked", 1), (encoding, job.message)


@pytest.mark.parametrize(
    ("name", "body", "says"),
    [
        ("名单.xlsx", b"", "空的"),
        ("名单.csv", b"\xef\xbb\xbf \r\n\r\n", "空的"),
        ("名单.txt", "\ufeff\r\n".encode("utf-16-le"), "空的"),
        ("名单.xls", OLD + b"\0" * 600 + "Workbook".encode("utf-16-le"), "旧版 .xls"),
        ("名单.xls", b"\x09\x08\x08\x00\x00\x05" + b"\0" * 60, "旧版 .xls"),
        ("名单.xlsx", OLD + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
        ("名单.xlsx", OLD + b"\0" * 600 + "WordDocument".encode("utf-16-le"), "这是 Word 文档"),
        ("名单.xls", b"<html><table><tr><td>x</td></tr></table>", "网页格式"),
        ("名单.csv", "\ufeff\r\n<!DOCTYPE html>".encode(), "网页格式"),
        ("名单.xlsx", b"%PDF-1.7 ...", "这是 PDF 文件，不是表格"),
        ("名单.csv", b"\x89PNG\r\n\x1a\n", "这是 PNG 文件，不是表格"),
        ("名单.xlsx", b"\xff\xd8\xff\xdb ....", "这是 JPG 文件，不是表格"),
        ("名单.xlsx", b"PK\x03\x04 nothing more", "已损坏，或者没有传完整"),
        ("名单.xlsx", workbook([GOOD])[:3000], "已损坏，或者没有传完整"),
        ("名单.xlsx", workbook([GOOD])[4:], "不是有效的 Excel 文件"),
        ("名单.xlsx", "名称,社区\n一组,甲社区".encode(), "不是有效的 Excel 文件"),
        ("名单.xlsx", sheets.package("word/document.xml"), "这是 Word 文档"),
        ("名单.xlsx", sheets.package("mimetype", "content.xml"), "OpenDocument"),
        ("名单.xlsx", sheets.package("xl/workbook.bin"), "xlsb"),
        ("名单.xlsx", sheets.package("一.txt"), "压缩包"),
        ("名单.csv", b"\x00\x01\x02\x03 binary", "空字符"),
        ("名单.csv", "名称,社区\n一组,\0甲".encode(), "空字符"),
        ("名单.txt", "名称\t社区\r\n一组\t甲社区".encode("utf-16-le"), "空字符"),
        ("名单.csv", "名称,社区\n第一小组,甲".encode("shift_jis", "replace") + b"\x81\x20\xff\xff", "编码"),
        ("名单.txt", "\ufeff名称\t社区".encode("utf-16-le") + b"\x00", "编码"),
        ("通知.txt", "各社区：\n请于周五前报送名单。\n谢谢".encode(), "没有分成列"),
        ("名单.xlsx", sheets.with_part(workbook([GOOD]), "xl/vbaProject.bin", b"macro"), "宏"),
        ("名单.xlsx", sheets.with_part(workbook([GOOD]), "xl/workbook.xml", b"<workbook"), "损坏"),
        ("名单.xlsx", sheets.with_part(workbook([GOOD]), "xl/worksheets/sheet1.xml",
                                     b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'), "文档类型"),
        ("名单.xlsx", workbook([]), "只有表头（第 1 行），下面没有数据"),
        ("名单.xlsx", workbook([], headings=[]), "空的"),
        ("名单.csv", "名称,社区\n一组,甲社区\n\"二组,甲社区\n三组,甲社区\n".encode(), "文件第 3 行的格式不对：引号没有成对"),
        ("名单.csv", "名称,社区\n一组,\"甲\"社区\n".encode(), "文件第 2 行的格式不对"),
        ("名单.csv", "名称,社区\n一组,甲社区\n\"二".encode() + b"x" * 120_000, "第 3 行起，有一格超过 100,000 个字"),
    ],
)  # fmt: skip
def test_what_is_no_usable_table_is_refused_with_the_cause_and_what_to_do(
    name: str, body: bytes, says: str
) -> None:
    try:
        job = brought(body, name)
    except RuleViolation as refused:
        said = str(refused)
    else:
        assert job.state == "refused", job.state
        said = job.message
    assert says in said and ("请" in said or "没有读取" in said), said
    assert not re.search(r"field|expected|line|character|Error", said), said


def test_unicode_text_of_a_spreadsheet_program_is_read() -> None:
    body = "\r\n".join("\t".join(row) for row in [sheets.HEADINGS, GOOD]).encode("utf-16")
    job = brought(body, "名单.txt")
    assert (job.state, job.good, job.added) == ("checked", 1, 1), job.message


def test_headings_nobody_understands_are_looked_for_in_the_first_row() -> None:
    rows: list[list[Any]] = [["一组", "甲", "x"], ["二组", "乙", "名称"]]
    job = brought(workbook(rows, headings=["路名"]))
    assert (job.state, job.header_row, job.total) == ("mapping", 1, 2)


def test_a_row_with_nothing_beneath_it_leaves_the_choice_of_another() -> None:
    job = brought(workbook([GOOD]))
    services.look_again(actor_of(job), job, sheet=job.sheet, header_row=2)
    running.run(job.pk)
    job.refresh_from_db()
    assert job.state == "mapping" and "第 2 行下面没有数据。请另选" in job.message
    with pytest.raises(RuleViolation, match="下面没有数据"):
        services.map_columns(actor_of(job), job, columns={"name": 0, "community": 1, "founded_on": 2})
    services.look_again(actor_of(job), job, sheet=job.sheet, header_row=1)
    running.run(job.pk)
    job.refresh_from_db()
    services.map_columns(actor_of(job), job, columns={"name": 0, "community": 1, "founded_on": 2})
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.good, job.message) == ("checked", 1, "")


@pytest.mark.parametrize("lie", [False, True])
def test_a_bomb_is_refused_before_it_is_unpacked(lie: bool) -> None:
    body = sheets.bomb(lie=lie)
    assert len(body) < 2 * 1024 * 1024
    began = time.monotonic()
    job = brought(body)
    assert job.state == "refused" and "过大" in job.message
    assert time.monotonic() - began < 5


def test_too_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuleViolation, match="10 MB"):
        brought(b"a" * (bounds.UPLOAD_BYTES + 1))
    assert ImportJob.objects.count() == 0


def test_two_hundred_thousand_rows() -> None:
    job = brought(sheets.long_workbook(200_000), key="large_units")
    assert (job.state, job.position, job.good, job.bad) == ("checked", 200_000, 199_999, 1)
    assert said(job) == {(78, "name"): "这个名字不能用"}


def test_more_rows_than_that_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "ROWS", 300)
    assert brought(sheets.long_workbook(300), key="large_units").good == 299
    ImportJob.objects.all().delete()
    body = sheets.long_workbook(301)
    made = account("community_secretary", "community_party_organisation", "990101001001", username="b")
    job = services.start(
        actor_for(made), found=register("large_units"), place_code="", upload=sheets.upload(body)
    )
    running.run(job.pk)
    job.refresh_from_db()
    assert job.state == "refused" and "200,000 行" in job.message


def test_a_cell_far_away_does_not_fill_the_memory() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(sheets.HEADINGS)
    book.worksheets[0].append(GOOD)
    book.worksheets[0]["XFD1048576"] = "x"
    job = brought(sheets.saved(book))
    assert job.state == "refused" and "删去多余" in job.message


def test_merged_cells_are_named() -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(["演示路街道楼栋党小组名单", None, None])
    page.merge_cells("A1:C1")  # a title above the headings does no harm
    for row in [
        sheets.HEADINGS,
        ["一组", "甲社区", "2024-03-05"],
        ["二组", "甲社区", "2024-03-05"],
        ["三组", None, "2024-03-05"],
        GOOD,
    ]:
        page.append(row)
    page.merge_cells("B4:B5")
    job = brought(sheets.saved(book))
    assert (job.state, job.header_row, job.good, job.bad) == ("checked", 2, 2, 2)
    assert "合并单元格 B4:B5" in said(job)[(4, "")] and (5, "") in said(job)


def test_formulas_are_taken_by_value_and_never_evaluated() -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(sheets.HEADINGS)
    page.append(['="一"&"组"', "甲社区", "2024-03-05"])  # saved without a value
    page.append(GOOD)
    page["E2"] = "=1+1"  # in a column nobody imports
    page["F3"] = ArrayFormula("F3", "=SUM(1,2)")
    job = brought(sheets.saved(book))
    assert said(job).keys() == {(2, "name")} and "是公式" in said(job)[(2, "name")]
    assert (job.good, job.bad) == (1, 1)

    import io

    import xlsxwriter

    file = io.BytesIO()
    book2 = xlsxwriter.Workbook(file)
    sheet = book2.add_worksheet()
    sheet.write_row(0, 0, sheets.HEADINGS)
    sheet.write_row(1, 0, GOOD)
    sheet.write_formula(1, 0, '="一"&"组"', value="一组")
    sheet.write_row(2, 0, GOOD)
    sheet.write_formula(2, 1, "=1/0", value="#DIV/0!")
    book2.close()
    body = file.getvalue()
    ImportJob.objects.all().delete()
    made = account("community_secretary", "community_party_organisation", "990101001001", username="b")
    job = services.start(
        actor_for(made), found=register("test_units"), place_code="", upload=sheets.upload(body)
    )
    running.run(job.pk)
    job.refresh_from_db()
    assert job.good == 1 and "公式出错" in said(job)[(3, "community")]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("2025-02-30", "2025-02-30 不存在：2025 年 2 月只有 28 天"),
        ("1899-01-01", "不在 1900 到 2100"),
        (45000, "日期序号（相当于 2023-03-15）"),
        ("45,000", "不是日期"),
        ("二〇二四年三月五日", "阿拉伯数字"),
        ("2024年3月", "缺少日"),
        ("去年春天", "不是日期"),
        ("2024-13-01", "没有 13 月"),
        (True, "不是日期"),
        (None, "必须填写"),
    ],
)
def test_impossible_dates_are_explained(value: Any, says: str) -> None:
    job = brought(workbook([["一组", "甲社区", value]]))
    assert said(job).keys() == {(2, "founded_on")} and says in said(job)[(2, "founded_on")], job.problems


@pytest.mark.parametrize("value", ["2024-3-5", "2024/03/05", "2024.3.5", "2024年3月5日", "20240305", 20240305, "２０２４-０３-０５",
                                   dt.datetime(2024, 3, 5, 8, 30), "2024-03-05 08:30"])  # fmt: skip
def test_dates_as_people_write_them(value: Any) -> None:
    job = brought(workbook([["一组", "甲社区", value]]))
    assert (job.good, job.problems) == (1, [])


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("name", "长" * 41, "有 41 个字，最多 40 个"),
        ("name", None, "必须填写"),
        ("name", "坏名字", "这个名字不能用"),
        ("name", 2102020050110011234.0, "末几位已经丢失"),
        ("community", "丙社区", "没有叫"),
        ("community", "990101002001", "不在您的范围内"),
        ("community", "990101001", "不在您的范围内"),
        ("households", "十二", "不是数字"),
        ("households", 1.5, "整数"),
        ("households", "1e400", "不是数字"),
        ("kind", "别的", "可以填：楼栋党小组、商户"),
        ("active", "也许", "“是”或“否”"),
    ],
)
def test_values_are_checked_in_the_users_words(column: str, value: Any, says: str) -> None:
    row = {
        "name": "一组",
        "community": "甲社区",
        "founded_on": "2024-03-05",
        "households": 12,
        "kind": "商户",
        "active": "是",
    }
    headings = ["名称", "社区", "成立日期", "户数", "种类", "在用"]
    row[column] = value
    job = brought(workbook([list(row.values())], headings=headings))
    assert said(job).keys() == {(2, column)} and says in said(job)[(2, column)], job.problems


def test_blank_rows_are_left_out_and_repeated_keys_are_told() -> None:
    job = brought(workbook([GOOD, [None, " ", ""], [None] * 3, GOOD, ["二组", "甲社区", "2024-03-05"]]))
    assert (job.good, job.bad) == (2, 1)
    assert said(job) == {(5, "community"): "与第 2 行是同一条记录，重复了"}


def test_repeated_headings_are_left_to_the_person() -> None:
    job = brought(workbook([["一", "甲社区", "2024-03-05", "二"]], headings=[*sheets.HEADINGS, "名称"]))
    assert job.state == "mapping" and "name" not in job.mapping
    assert any("表头重复：名称" in note for note in job.notes)


def test_hidden_sheets_are_not_read_and_that_is_said() -> None:
    book = openpyxl.Workbook()
    hidden = book.worksheets[0]
    hidden.title, hidden.sheet_state = "旧名单", "hidden"
    for row in [sheets.HEADINGS, ["旧组", "甲社区", "2020-01-01"]]:
        hidden.append(row)
    page = book.create_sheet("名单")
    for row in [sheets.HEADINGS, GOOD]:
        page.append(row)
    page.row_dimensions[2].hidden = True
    job = brought(sheets.saved(book))
    assert (job.sheet, job.good) == ("名单", 1)
    assert any("旧名单" in note for note in job.notes) and any("1 个隐藏的行" in note for note in job.notes)


def test_files_go_when_their_time_is_over() -> None:
    job = brought(workbook([GOOD, ["演示甲二", "别处", "2024-13-01"]]), name="演示甲一.xlsx")
    path = Path(job.file.path)
    assert "演示甲二" in str(job.layout) and job.problems and path.exists()
    ImportJob.objects.update(expires_at=job.created_at - dt.timedelta(days=1))
    assert services.clean() == 1 and services.clean() == 0
    assert not path.exists() and str(configured.MEDIA_ROOT) in str(path)
    job.refresh_from_db()
    assert (job.file.name, job.original_name, job.layout, job.problems, job.notes) == ("", "", {}, [], [])
    row = str(ImportJob.objects.filter(pk=job.pk).values().get())
    assert not any(text in row for text in ("演示甲", "第一小组", "别处", "2024-13-01")), row
    assert job.state == "refused" and "已过期删除" in job.message and (job.good, job.problem_count) == (1, 2)


def test_cleaning_leaves_an_import_that_is_being_worked_at() -> None:
    job = brought(workbook([GOOD]))
    past = job.created_at - dt.timedelta(days=1)
    ImportJob.objects.update(expires_at=past, state="applying", mode="good")
    assert services.clean() == 0
    ImportJob.objects.update(updated_at=past - dt.timedelta(days=1))
    assert services.clean() == 1
