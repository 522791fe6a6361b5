"""One pass over a worksheet's XML for what a value reader does not tell: merges, formulas without value, real size.

Nothing is evaluated and no document type is accepted, so no entity can expand.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from doorstep.kernel.web.imports.bounds import COLUMNS, ROWS, Unreadable, damaged

KEPT = 2000  # of each kind of trouble
_TITLES = 50  # rows a sheet may have above and beside its data
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass
class Scan:
    """What a sheet holds. Rows and columns count from 1; `unvalued` and `errors` are cell references."""

    last_row: int = 0
    last_column: int = 0
    valued_rows: int = 0
    hidden_rows: int = 0
    merged: list[str] = field(default_factory=list)
    unvalued: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    formulas: int = 0


def letters(column: int) -> str:
    """1 → A, 27 → AA."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def position(reference: str) -> tuple[int, int]:
    """C17 → (17, 3). Raises Unreadable for what is no reference."""
    found = _REFERENCE.fullmatch(reference.replace("$", ""))
    if not found:
        raise Unreadable(damaged())
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def span(merged: str) -> tuple[int, int, int, int]:
    """C5:D9 → (first row, first column, last row, last column)."""
    first, _colon, last = merged.partition(":")
    return (*position(first), *position(last or first))


def sheet_parts(path: Path) -> list[tuple[str, bool, str]]:
    """Worksheets in their order: name, whether visible, part of the package."""
    with zipfile.ZipFile(path) as package:
        targets = {
            item["Id"]: item.get("Target", "")
            for item in _elements(package, "xl/_rels/workbook.xml.rels", "Relationship")
        }
        sheets = _elements(package, "xl/workbook.xml", "sheet")
        names = set(package.namelist())
    found = []
    for sheet in sheets:
        relation = next(
            (value for key, value in sheet.items() if key.rpartition(":")[2] == "id" and ":" in key), ""
        )
        target = targets.get(relation, "")
        part = (
            target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        )
        if part in names and "worksheets" in part:
            found.append((sheet.get("name", ""), sheet.get("state", "visible") == "visible", part))
    return found


def scan(path: Path, part: str) -> Scan:
    """Walk the sheet once. Raises Unreadable beyond the limits of rows and columns."""
    reading = _Reading()
    with zipfile.ZipFile(path) as package, package.open(part) as stream:
        _parse(reading.parser, stream)
    return reading.found


class _Reading:
    """State of one walk."""

    def __init__(self) -> None:
        self.found = Scan()
        self.cell = ""
        self.row = 0
        self.column = 0
        self.is_error = self.has_formula = self.has_value = False
        self.inside = False
        self.parser = _parser(self._start, self._end)
        self.parser.CharacterDataHandler = self._text
        self.parser.buffer_text = True

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self._cell(attributes)
        elif tag in ("v", "t"):
            self.inside = True
        elif tag == "f":
            self.has_formula = True
        elif tag == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
            if attributes.get("hidden") in ("1", "true"):
                self.found.hidden_rows += 1
        elif tag == "mergeCell" and len(self.found.merged) < KEPT:
            self.found.merged.append(attributes.get("ref", ""))

    def _cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference:
            self.row, self.column = position(reference)
        else:
            self.column += 1
        self.cell = reference or f"{letters(self.column)}{self.row}"
        self.is_error = attributes.get("t") == "e"
        self.has_formula = self.inside = False
        self.has_value = attributes.get("t") == "str"  # a formula's text, which may be empty

    def _text(self, text: str) -> None:
        if self.inside:
            self.has_value = True

    def _end(self, tag: str) -> None:
        self.inside = False
        if tag.rpartition(":")[2] != "c" or not (self.has_value or self.has_formula):
            return
        found = self.found
        if self.row > found.last_row:
            found.last_row = self.row
            found.valued_rows += 1
            if found.valued_rows > ROWS + _TITLES:
                raise Unreadable(too_many_rows())
            if self.row > ROWS * 2:
                raise Unreadable(
                    _("第 {row} 行还有内容，离表头太远。请删去多余的行再上传。").format(row=self.row)
                )
        if self.column > found.last_column:
            found.last_column = self.column
            if self.column > COLUMNS:
                raise Unreadable(
                    _("表格超过 {n} 列（{cell} 有内容）。请删去多余的列再上传。").format(
                        n=COLUMNS, cell=self.cell
                    )
                )
        if self.has_formula:
            found.formulas += 1
            if not self.has_value and len(found.unvalued) < KEPT:
                found.unvalued.append(self.cell)
        if self.is_error and len(found.errors) < KEPT:
            found.errors.append(self.cell)


def too_many_rows() -> str:
    return _("数据超过 200,000 行。请分成几个文件再上传。")


def _parser(start: Any, end: Any = None) -> Any:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = _no_document_type
    return parser


def _no_document_type(*_arguments: Any) -> None:
    raise Unreadable(_("工作簿里有不允许的内容（文档类型声明），没有读取。"))


def _parse(parser: Any, stream: Any) -> None:
    try:
        parser.ParseFile(stream)
    except (expat.ExpatError, zipfile.BadZipFile, ValueError) as reason:
        raise Unreadable(damaged()) from reason


def _elements(package: zipfile.ZipFile, part: str, wanted: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == wanted and len(found) < 1000:
            found.append(attributes)

    try:
        with package.open(part) as stream:
            _parse(_parser(start), stream)
    except KeyError:
        raise Unreadable(damaged()) from None
    return found
