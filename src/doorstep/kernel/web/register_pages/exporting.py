"""Excel and CSV out: the rows, columns and scope of the page, written in chunks, and recorded in the audit."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

import xlsxwriter
from django.db import transaction
from django.db.models import QuerySet
from xlsxwriter.worksheet import Worksheet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.declarations.registers import Column, Register
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.kernel.web.imports.mapping import code_heading
from doorstep.kernel.web.models import Export
from doorstep.kernel.web.register_pages import cells
from doorstep.kernel.web.register_pages.asking import Asked, may_open

CHUNK = 2000
SHEET_ROWS = 1_000_000  # an Excel sheet ends at 1,048,576
LONGEST_CELL = 32_000  # Excel's own limit is 32,767
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def may_export(actor: Actor, register: Register) -> bool:
    """Whoever sees the register may export it, unless it names a capability of its own."""
    return actor.holds_somewhere(register.export) if register.export else may_open(actor, register)


def exportable(asked: Asked) -> QuerySet[Any]:
    """The rows of the page, narrowed to where the reader may export."""
    register = asked.register
    if not register.export:
        return asked.rows
    return asked.rows.filter(within(register.place, asked.actor.places_for(register.export)))


def export(asked: Asked, columns: Sequence[Column], form: str, sentence: str) -> BinaryIO:
    """Write the file and its audit entry; gives the file, at its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  handed to the response, which closes it
    write = {"xlsx": write_xlsx, "csv": write_csv}[form]
    rows = write(file, asked, columns)
    _record(asked, columns, form, sentence, rows)
    file.seek(0)
    return file


@transaction.atomic
def _record(asked: Asked, columns: Sequence[Column], form: str, sentence: str, rows: int) -> None:
    made = Export.objects.create(
        account_id=asked.actor.account_id, register=asked.register.key, form=form, place_code=asked.place_code,
        on=asked.on, sentence=sentence, rows=rows, made_at=clock.now(),
    )  # fmt: skip
    changes = {
        "register": asked.register.key, "form": form, "rows": rows,
        "columns": [column.key for column in columns],
    }  # fmt: skip
    act = Act(
        action="web.export",
        obj=made,
        place_code=asked.place_code,
        changes=changes,
        words={"sentence": sentence},
    )  # the conditions may name whom was searched for
    record(asked.actor, act)


def headings(register: Register, columns: Sequence[Column]) -> list[str]:
    """Headings of the file; a place column is followed by its code."""
    found = []
    for column in columns:
        name = cells.heading(register, column)
        found += [name, code_heading(name)] if column.kind == "place" else [name]
    return found


def table(asked: Asked, columns: Sequence[Column]) -> Iterator[list[Any]]:
    """Typed values row by row, in the page's order, read from the database in chunks."""
    register = asked.register
    readers = [cells.reader(register, column) for column in columns]
    rows = cells.joined(register, exportable(asked), columns).order_by(*register.order)
    source = rows.iterator(chunk_size=CHUNK)
    names: dict[str, str] = {}
    while chunk := list(islice(source, CHUNK)):
        if register.prepare:
            register.prepare(chunk, asked.on)
        values = [[read(row) for read in readers] for row in chunk]
        names = cells.place_names(columns, values, names, asked.place_code)
        for value_row in values:
            yield _flat(columns, value_row, names)


def _flat(columns: Sequence[Column], values: Sequence[Any], names: dict[str, str]) -> list[Any]:
    line: list[Any] = []
    for column, value in zip(columns, values, strict=True):
        if column.kind == "place":
            line += [names.get(value, "") if value else "", value or ""]
        else:
            line.append(cells.typed(column, value))
    return line


def write_xlsx(file: BinaryIO, asked: Asked, columns: Sequence[Column]) -> int:
    """Constant memory: one row at a time goes to disk. Text is written as text, never as a formula or an address."""
    book = xlsxwriter.Workbook(
        file,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "use_zip64": True},
    )
    bold = book.add_format({"bold": True, "bottom": 1})
    formats = {dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
               dt.date: book.add_format({"num_format": "yyyy-mm-dd"})}  # fmt: skip
    titles = headings(asked.register, columns)
    widths = [
        width
        for column in columns
        for width in ([column.width, 18] if column.kind == "place" else [column.width])
    ]
    sheet, total, line = None, 0, 0
    for values in table(asked, columns):
        if sheet is None or line >= SHEET_ROWS:
            sheet, line = _new_sheet(book, asked.register, titles, widths, bold), 0
        line += 1
        total += 1
        for at, value in enumerate(values):
            _write_cell(sheet, line, at, value, formats)
    if sheet is None:
        _new_sheet(book, asked.register, titles, widths, bold)
    book.close()
    return total


def _new_sheet(
    book: xlsxwriter.Workbook, register: Register, titles: list[str], widths: list[int], bold: Any
) -> Worksheet:
    number = len(book.worksheets()) + 1
    name = "".join(letter for letter in str(register.name) if letter not in "[]:*?/\\'")[:25]
    sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    for at, title in enumerate(titles):
        sheet.write_string(0, at, title, bold)
    sheet.freeze_panes(1, 0)
    return sheet


def _write_cell(sheet: Worksheet, line: int, at: int, value: Any, formats: dict[Any, Any]) -> None:
    if isinstance(value, dt.date):  # a datetime is one too
        if value.year < 1900:
            sheet.write_string(line, at, value.isoformat())
        else:
            sheet.write_datetime(line, at, value, formats[type(value)])
    elif isinstance(value, str):
        if value:
            sheet.write_string(line, at, value[:LONGEST_CELL])
    else:
        sheet.write_number(line, at, value)


def write_csv(file: BinaryIO, asked: Asked, columns: Sequence[Column]) -> int:
    """UTF-8 with a byte order mark, so that Excel reads the Chinese; text that would become a formula gets an apostrophe."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(title) for title in headings(asked.register, columns)])
    total = 0
    for values in table(asked, columns):
        writer.writerow([harmless(value) for value in values])
        total += 1
    text.flush()
    text.detach()
    return total


def harmless(value: Any) -> Any:
    """Text a spreadsheet would run as a formula, made text by a leading apostrophe."""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, str) and (
        value.startswith(FORMULA_STARTS) or value.lstrip().startswith(FORMULA_STARTS)
    ):
        return "'" + value
    return value
