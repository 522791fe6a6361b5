"""A file as rows of plain values, whichever form it has."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from doorstep.kernel.web.imports import sheets_xml
from doorstep.kernel.web.imports.bounds import CELL_LENGTH, COLUMNS, ROWS, Unreadable, damaged
from doorstep.kernel.web.imports.kinds import kind_of, nothing_in_it
from doorstep.kernel.web.imports.sheets_xml import Scan, span

HEAD_ROWS = 12
LONGEST_FIELD = CELL_LENGTH * 20  # characters; longer text is an open quote
Value = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class Line:
    """One row of a sheet: its number as the office's program shows it, and its values from column A on."""

    number: int
    values: list[Value]


@dataclass
class Source:
    """A readable file with its sheets; a CSV has one, named ""."""

    path: Path
    kind: str
    sheets: list[str]
    hidden: list[str] = field(default_factory=list)
    encoding: str = ""
    delimiter: str = ","
    parts: dict[str, str] = field(default_factory=dict)

    def scan(self, sheet: str) -> Scan:
        """What the sheet holds besides values; for a CSV nothing."""
        return sheets_xml.scan(self.path, self.parts[sheet]) if self.kind == "xlsx" else Scan()

    def lines(self, sheet: str) -> Iterator[Line]:
        """Rows in order, blank ones included. Scan the sheet first: it holds the bounds."""
        return self._workbook_lines(sheet) if self.kind == "xlsx" else self._text_lines()

    def _workbook_lines(self, sheet: str) -> Iterator[Line]:
        try:
            opened = CalamineWorkbook.from_path(self.path).get_sheet_by_name(sheet)
            start = opened.start or (0, 0)
            for number, values in enumerate(opened.iter_rows(), start=1):
                yield Line(
                    number, [*([None] * start[1]), *map(_plain, values)]
                )  # it leaves empty columns out
        except CalamineError as reason:
            raise Unreadable(damaged()) from reason

    def _text_lines(self) -> Iterator[Line]:
        csv.field_size_limit(LONGEST_FIELD)
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            number, first_line = 0, 1  # rows as a spreadsheet counts them; lines as an editor does
            try:
                for number, values in enumerate(reader, start=1):
                    if number > ROWS * 2:
                        raise Unreadable(sheets_xml.too_many_rows())
                    if len(values) > COLUMNS and any(values[COLUMNS:]):
                        raise Unreadable(_("第 {row} 行超过 {n} 列。").format(row=number, n=COLUMNS))
                    yield Line(number, [_from_text(value) for value in values[:COLUMNS]])
                    first_line = reader.line_num + 1
            except csv.Error as reason:
                raise Unreadable(_broken_text(first_line, str(reason))) from reason


def _broken_text(line: int, reason: str) -> str:
    """Why a text stops being a table, of the csv module's few reasons."""
    if reason.startswith("field larger"):
        said = _(
            "从文件的第 {line} 行起，有一格超过 {n} 个字；多半是引号没有成对，后面的内容都并进了这一格。"
        ).format(line=line, n=f"{LONGEST_FIELD:,}")
    else:
        said = _("文件第 {line} 行的格式不对：引号没有成对，或者引号后面还有别的字。").format(line=line)
    return said + _("请改正这一行，或者在 Excel 或 WPS 中另存为 .xlsx 再上传。")


def open_source(path: Path, name: str = "") -> Source:
    """Look at a file without reading its rows; `name` is what its owner called it. Raises Unreadable."""
    if kind_of(path, name) == "csv":
        encoding = _encoding(path)
        return Source(path, "csv", [""], encoding=encoding, delimiter=_delimiter(path, encoding))
    parts = sheets_xml.sheet_parts(path)
    visible = [name for name, is_visible, _part in parts if is_visible]
    if not visible:
        raise Unreadable(_("工作簿里没有可见的工作表。"))
    return Source(
        path, "xlsx", visible, hidden=[name for name, is_visible, _part in parts if not is_visible],
        parts={name: part for name, _visible, part in parts},
    )  # fmt: skip


def head(source: Source, sheet: str) -> list[list[str]]:
    """The first rows as texts, for choosing the row of headings."""
    found: list[list[str]] = []
    for line in source.lines(sheet):
        while len(found) < line.number - 1 and len(found) < HEAD_ROWS:
            found.append([])
        if len(found) >= HEAD_ROWS:
            break
        found.append([text_of(value)[:80] for value in line.values])
    return found


def text_of(value: Value) -> str:
    """A cell as its text, whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    return str(value).strip()


def merged_rows(scan: Scan, header_row: int) -> dict[int, str]:
    """Rows beneath the headings that lie in a merged area, with that area."""
    found: dict[int, str] = {}
    for merged in scan.merged:
        top, _left, bottom, _right = span(merged)
        for row in range(max(top, header_row + 1), min(bottom, header_row + ROWS) + 1):
            found.setdefault(row, merged)
            if len(found) > ROWS:
                return found
    return found


def _plain(value: Any) -> Value:
    return None if isinstance(value, str) and not value.strip() else value


def _from_text(value: str) -> Value:
    text = value.strip()
    if len(text) > 1 and text[0] == "'" and text[1] in "=+-@\t\r＝＋－＠":
        text = text[1:]  # the apostrophe our own export puts before such text
    return text or None


def _encoding(path: Path) -> str:
    body = path.read_bytes()
    for mark, name in _MARKS:
        if body.startswith(mark):
            if not body[len(mark) :].strip(b"\r\n\t \0"):
                raise Unreadable(nothing_in_it())
            return _checked(path, name) or _no_encoding()
    if not body.strip():
        raise Unreadable(nothing_in_it())
    if b"\0" in body:
        raise Unreadable(
            _("文件里有空字符，不是正常的文字编码；可能是别的程序的文件改了名，或者没有保存好。")
            + _("请在 Excel 或 WPS 中打开原来的表格，另存为“Excel 工作簿（.xlsx）”再上传。")
        )
    return _checked(path, "utf-8") or _checked(path, "gb18030") or _no_encoding()


def _no_encoding() -> str:
    raise Unreadable(
        _("看不懂文件的文字编码。请在 Excel 或 WPS 中另存为“CSV UTF-8（逗号分隔）”或者 .xlsx 再上传。")
    )


def _checked(path: Path, encoding: str) -> str:
    """`encoding`, if the whole file is text in it; else ""."""
    try:
        with path.open(encoding=encoding, newline="") as file:
            while piece := file.read(1 << 16):
                if any(ord(letter) < 32 and letter not in "\t\r\n" for letter in piece):
                    return ""
                if any("\ue000" <= letter <= "\uf8ff" for letter in piece):
                    return ""  # private use: bytes of some other encoding
    except (UnicodeDecodeError, UnicodeError):
        return ""
    return encoding


def _delimiter(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as file:
        start = "".join(file.readline(10_000) for _line in range(5))
    return max(",\t;，", key=lambda letter: (start.count(letter), letter == ","))
