"""Workbooks that the import hands out: the template to fill in, and the rows that could not be imported."""

from __future__ import annotations

import io
from collections import defaultdict
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from doorstep.kernel.declarations.registers import ImportColumn, Importer, Register, register
from doorstep.kernel.shared.place_codes import LEVEL_NAMES
from doorstep.kernel.web.imports import reading
from doorstep.kernel.web.imports.mapping import report_headings
from doorstep.kernel.web.imports.sheets_xml import letters
from doorstep.kernel.web.models import ImportJob

PREPARED_ROWS = 2000
LISTED_CHOICES = 40  # Excel takes 255 characters of choices in a cell's list


def template(found: Register) -> bytes:
    """A workbook with headings, one example row set, choices to pick from, and a sheet that explains each column."""
    importer = found.importer
    assert importer is not None
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(_sheet_name(str(found.name)))
    styles = {
        "head": book.add_format({"bold": True, "bg_color": "#F6F4F0", "bottom": 1, "text_wrap": True}),
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    for at, column in enumerate(importer.columns):
        sheet.set_column(at, at, max(12, len(str(column.name)) * 2 + 4), _style(column, styles))
        sheet.write_string(0, at, f"{column.name}*" if column.required else str(column.name), styles["head"])
        _choices(sheet, at, column)
    sheet.freeze_panes(1, 0)
    _notes(book, importer, styles)
    book.close()
    return file.getvalue()


def _sheet_name(name: str) -> str:
    return "".join(letter for letter in name if letter not in "[]:*?/\\'")[:31]


def _style(column: ImportColumn, styles: dict[str, Any]) -> Any:
    return styles["date"] if column.kind == "date" else styles["text"] if column.kind != "number" else None


def _choices(sheet: Any, at: int, column: ImportColumn) -> None:
    words = [str(name) for _code, name in column.choices] if column.kind == "choice" else []
    if column.kind == "bool":
        words = [_("是"), _("否")]
    if words and len(words) <= LISTED_CHOICES and len(",".join(words)) <= 255:
        sheet.data_validation(1, at, PREPARED_ROWS, at, {"validate": "list", "source": words})


def _notes(book: Any, importer: Importer, styles: dict[str, Any]) -> None:
    notes = book.add_worksheet(_("填写说明"))
    notes.set_column(0, 0, 20)
    notes.set_column(1, 1, 10)
    notes.set_column(2, 3, 48)
    line = 0
    for text in [
        str(importer.note),
        _("带 * 的栏目必须填写。一行一条记录；不要合并单元格。示例只在本页，不会被导入。"),
    ]:
        if text:
            notes.write_string(line, 0, text)
            line += 1
    line += 1
    for at, title in enumerate([_("栏目"), _("必填"), _("怎样填"), _("示例")]):
        notes.write_string(line, at, title, styles["head"])
    for column in importer.columns:
        line += 1
        examples = _("、").join(
            str(example[column.key]) for example in importer.examples if example.get(column.key)
        )
        for at, text in enumerate(
            [str(column.name), _("是") if column.required else "", how(column), examples]
        ):
            notes.write_string(line, at, text, styles["wrap"])


def how(column: ImportColumn) -> str:
    """How a column is filled in, in a sentence."""
    if column.kind == "choice":
        said = _("从这些里选：{choices}").format(
            choices=_("、").join(str(name) for _code, name in column.choices)
        )
    elif column.kind == "place":
        level = LEVEL_NAMES[column.level] if column.level else _("地方")
        said = _("{level}的名称，或者官方代码").format(level=level)
    else:
        said = {
            "text": _("文字，最多 {n} 个字").format(n=column.max_length),
            "number": _("数字") if column.decimals else _("整数"),
            "date": _("日期，如 2024-03-05"),
            "bool": _("是 或 否"),
        }[column.kind]
    return f"{said}。{column.note}" if column.note else said


def problems(job: ImportJob) -> bytes:
    """The rows with problems, as they were but for people's numbers, with the trouble spots marked and a last column that
    says what is wrong.

    It can be put right and uploaded as it is: row numbers and reasons are headings that no column answers to.
    """
    by_row: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row, key, text in job.problems:
        by_row[row].append((key, text))
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(_("有问题的行"))
    head = book.add_format({"bold": True, "bg_color": "#F6F4F0", "bottom": 1})
    bad = book.add_format({"bg_color": "#FDECEA", "border": 1, "border_color": "#E3A29D"})
    ours = set(report_headings())  # of a report that was uploaded as it is
    headings = [text for text in job.layout.get("headings", []) if text not in ours]
    for at, text in enumerate([*headings, *report_headings()]):
        sheet.write_string(0, at, text, head)
    sheet.set_column(0, len(headings), 16)
    sheet.set_column(len(headings) + 1, len(headings) + 1, 60)
    source = reading.open_source(Path(job.file.path), job.original_name)
    source.scan(job.sheet)
    hidden = hidden_columns(job)
    line = 0
    for found in source.lines(job.sheet):
        if found.number not in by_row:
            continue
        line += 1
        wrong = {job.mapping[key] for key, _text in by_row[found.number] if key in job.mapping}
        for at in range(len(headings)):
            value = found.values[at] if at < len(found.values) else None
            text = reading.text_of(value)[:32000]
            shown = (
                _("（隐去，见原表第 {row} 行）").format(row=found.number) if at in hidden and text else text
            )
            sheet.write_string(line, at, shown, bad if at in wrong else None)
        sheet.write_number(line, len(headings), found.number)
        said = "；".join(f"{where(job, key, found.number)} {text}" for key, text in by_row[found.number])
        sheet.write_string(line, len(headings) + 1, said)
    book.close()
    return file.getvalue()


def hidden_columns(job: ImportJob) -> set[int]:
    """Positions in the sheet of columns that hold people's numbers."""
    importer = register(job.register).importer
    personal = [column.key for column in importer.columns if column.personal] if importer else []
    return {job.mapping[key] for key in personal if key in job.mapping}


def where(job: ImportJob, key: str, row: int) -> str:
    """C17 for a cell, 第 17 行 for a row."""
    if key in job.mapping:
        return f"{letters(job.mapping[key] + 1)}{row}"
    return _("第 {row} 行").format(row=row)
