"""Excel and CSV out: the rows, columns and scope of the page, recorded in the audit, then handed on as they are read."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.declarations.registers import Column, Register
from doorstep.kernel.shared import clock
from doorstep.kernel.web.imports.mapping import code_heading
from doorstep.kernel.web.models import Export
from doorstep.kernel.web.register_pages import cells
from doorstep.kernel.web.register_pages.asking import Asked, may_open
from doorstep.kernel.web.register_pages.paging import pages_of
from doorstep.kernel.web.sheets_out import PORTION, workbook

CHUNK = 2000
FIRST_CHUNK = 200  # so that the first rows leave at once
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
    return asked.rows.filter(register.belongs_to(asked.actor.places_for(register.export)))


def taken(
    asked: Asked, columns: Sequence[Column], form: str, sentence: str, most: int
) -> tuple[list[Any], bool]:
    """The first `most` rows to leave on paper or in a chat ("print", "text"), recorded as a file is; whether there are
    more."""
    rows = cells.joined(asked.register, exportable(asked), columns).order_by(*asked.register.order)
    found = list(rows[: most + 1])
    _record(asked, columns, form, sentence, min(len(found), most))
    return found[:most], len(found) > most


def export(asked: Asked, columns: Sequence[Column], form: str, sentence: str) -> Iterator[bytes]:
    """The file, piece by piece as it is taken. What leaves is recorded before its first byte does."""
    number = exportable(asked).order_by().count()
    rows = table(asked, columns)
    first = list(
        islice(rows, 1)
    )  # read before the record is written: the audit's own export does not contain itself
    _record(asked, columns, form, sentence, number)
    write = {"xlsx": written_xlsx, "csv": written_csv}[form]
    return write(asked.register, columns, chain(first, rows))


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
    """Typed values row by row, in the page's order, read from the database in pages by key: a slow line at the other
    end holds no cursor and no transaction open."""
    register = asked.register
    readers = [cells.reader(register, column) for column in columns]
    rows = cells.joined(register, exportable(asked), columns)
    names: dict[str, str] = {}
    for chunk in pages_of(rows, register.order, FIRST_CHUNK, CHUNK):
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


def written_xlsx(register: Register, columns: Sequence[Column], rows: Iterable[list[Any]]) -> Iterator[bytes]:
    """Text is written as text, never as a formula or an address."""
    widths = [
        width
        for column in columns
        for width in ([column.width, 18] if column.kind == "place" else [column.width])
    ]
    return workbook(str(register.name), headings(register, columns), widths, rows)


def written_csv(register: Register, columns: Sequence[Column], rows: Iterable[list[Any]]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, so that Excel reads the Chinese; text that would become a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow([harmless(title) for title in headings(register, columns)])
    for values in rows:
        writer.writerow([harmless(value) for value in values])
        if text.tell() >= PORTION:
            yield _emptied(text)
    yield _emptied(text)


def _emptied(text: io.StringIO) -> bytes:
    found = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return found


def harmless(value: Any) -> Any:
    """Text a spreadsheet would run as a formula, made text by a leading apostrophe."""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, str) and (
        value.startswith(FORMULA_STARTS) or value.lstrip().startswith(FORMULA_STARTS)
    ):
        return "'" + value
    return value
