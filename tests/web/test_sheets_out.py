"""Workbooks written as they are read from: what strict readers need, typed values, and nothing kept back."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

from doorstep.kernel.web import sheets_out
from doorstep.kernel.web.imports.reading import open_source
from doorstep.kernel.web.sheets_out import workbook

CONTENT = "{http://schemas.openxmlformats.org/package/2006/content-types}"
LINKS = "{http://schemas.openxmlformats.org/package/2006/relationships}"


def made(rows: list[list[Any]], headings: int = 1, name: str = "表") -> bytes:
    titles = [f"栏{at}" for at in range(headings)]
    return b"".join(workbook(name, titles, [12] * headings, rows))


def cells(body: bytes, sheet: int = 0) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(body)).worksheets[sheet].iter_rows(values_only=True))


def test_the_package_is_whole() -> None:
    """Every part is named, every named part is there, every part is XML: what LibreOffice and Excel insist on."""
    with zipfile.ZipFile(io.BytesIO(made([["甲"]]))) as package:
        assert package.testzip() is None
        names = set(package.namelist())
        trees = {name: ElementTree.fromstring(package.read(name)) for name in names}
    types = trees["[Content_Types].xml"]
    assert {row.get("PartName", "").lstrip("/") for row in types.iter(f"{CONTENT}Override")} == {
        name for name in names if name.startswith("xl/") and not name.endswith(".rels")
    }
    for part, folder in [("_rels/.rels", ""), ("xl/_rels/workbook.xml.rels", "xl/")]:
        assert {folder + row.attrib["Target"] for row in trees[part].iter(f"{LINKS}Relationship")} <= names


def test_values_keep_their_kinds() -> None:
    moment = dt.datetime(2026, 6, 15, 17, 30)
    body = made([["甲", 5, -2.5, Decimal("0.10"), dt.date(2026, 6, 15), moment, None, ""]], headings=8)
    assert cells(body)[1] == ("甲", 5, -2.5, 0.1, dt.datetime(2026, 6, 15), moment, None, None)
    row = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0][2]
    assert [cell.number_format for cell in row[4:6]] == [r"yyyy\-mm\-dd", r"yyyy\-mm\-dd\ hh:mm"]
    assert [cell.is_date for cell in row] == [False, False, False, False, True, True, False, False]


@pytest.mark.parametrize("value", [dt.date(1900, 2, 28), dt.datetime(1899, 1, 1, 8, 0)])
def test_days_that_excel_counts_wrongly_are_words(value: dt.date) -> None:
    assert cells(made([[value]]))[1] == (value.isoformat(),)


def test_what_is_no_number_is_a_word() -> None:
    assert cells(made([[float("nan"), float("inf"), Decimal("NaN")]], headings=3))[1] == ("nan", "inf", "NaN")


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("=1+1", "=1+1"), ("a<b & \"c\"]]>", "a<b & \"c\"]]>"), ("  两头有空 ", "  两头有空 "), ("一行\n二行\t三", "一行\n二行\t三"),
        ("停\x00\x07\x1f", "停_x0000__x0007__x001F_"), ("\r", "_x000D_"), ("\ufffe", "_xFFFE_"), ("😀", "😀"),
        ("_x0041_", "_x005F_x0041_"), ("甲" * 40_000, "甲" * 32_000),
    ],
)  # fmt: skip
def test_text_stays_text(text: str, stored: str) -> None:
    """`stored`: what a reader finds that does not undo the escapes of the standard."""
    cell = openpyxl.load_workbook(io.BytesIO(made([[text]]))).worksheets[0]["A2"]
    assert (cell.value, cell.data_type) == (stored, "s")


def test_what_goes_out_comes_in_again(tmp_path: Path) -> None:
    """The platform's own import reads it, through another library."""
    file = tmp_path / "out.xlsx"
    file.write_bytes(made([["甲", dt.date(2026, 6, 15)], ["乙\x07", None]], headings=2, name="诉求"))
    source = open_source(file)
    assert source.sheets == ["诉求"] and source.scan("诉求").valued_rows == 3
    lines = [tuple(line.values[:2]) for line in source.lines("诉求")]
    assert lines[:2] == [("栏0", "栏1"), ("甲", dt.date(2026, 6, 15))]
    assert str(lines[2][0]).startswith("乙")


def test_a_full_sheet_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets_out, "SHEET_ROWS", 3)
    body = made([[number] for number in range(7)], name="一[二]*三")
    book = openpyxl.load_workbook(io.BytesIO(body))
    assert book.sheetnames == ["一二三", "一二三 2", "一二三 3"]
    assert [cells(body, sheet)[0] for sheet in range(3)] == [("栏0",)] * 3
    assert [row[0] for sheet in range(3) for row in cells(body, sheet)[1:]] == list(range(7))


def test_no_rows_make_a_sheet_with_its_headings() -> None:
    assert cells(made([], headings=2)) == [("栏0", "栏1")]


def test_bytes_leave_before_the_rows_are_asked_for() -> None:
    """Nothing is read ahead of who takes it: a slow line keeps no rows in memory."""
    read = 0

    def rows() -> Iterator[list[Any]]:
        nonlocal read
        for number in range(200_000):
            read += 1
            yield [f"第{number}行，里面还有一些不一样的字 {number * 7919}"]

    pieces = workbook("表", ["栏"], [12], rows())
    next(pieces)
    assert read == 0
    next(pieces)
    assert 0 < read < 20_000
