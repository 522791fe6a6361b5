"""A published year as offices have it: one row per day, with the day, 上班 or 休息, and the holiday's name."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from doorstep.kernel.declarations.registers import Problem
from doorstep.kernel.matters.services_calendar import CalendarRow
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.web.imports import reading
from doorstep.kernel.web.imports.bounds import UPLOAD_BYTES, too_large
from doorstep.kernel.web.imports.kinds import nothing_in_it
from doorstep.kernel.web.imports.values import as_date, as_text

WORKING = {"上班", "班", "工作日", "补班", "调休上班", "working"}
OFF = {"休息", "休", "放假", "假", "休假", "节假日", "off"}
HEADINGS = {
    "day": {"日期", "day", "date"},
    "word": {"上班或休息", "上班/休息", "是否上班", "安排", "类型", "状态"},
    "name": {"说明", "名称", "节日", "备注"},
}
LONGEST = 400  # rows: a year and its headings


def read(upload: UploadedFile[Any]) -> tuple[list[CalendarRow], list[Problem]]:
    """The days of the file's first sheet, and what is wrong with its cells. Raises RuleViolation for the file itself."""
    if (upload.size or 0) > UPLOAD_BYTES:
        raise RuleViolation(too_large(), field="file")
    if not upload.size:
        raise RuleViolation(nothing_in_it(), field="file")
    with tempfile.NamedTemporaryFile(suffix=Path(upload.name or "").suffix[:8]) as kept:
        for piece in upload.chunks():
            kept.write(piece)
        kept.flush()
        source = reading.open_source(Path(kept.name), upload.name or "")
        sheet = source.sheets[0]
        source.scan(sheet)
        lines = [line for line in source.lines(sheet) if any(value is not None for value in line.values)]
    if len(lines) > LONGEST:
        raise RuleViolation(
            _("一年的日历不超过 366 行，这个文件有 %(n)d 行。") % {"n": len(lines)}, field="file"
        )
    places, rest = _columns(lines)
    rows: list[CalendarRow] = []
    problems: list[Problem] = []
    for line in rest:
        cells = {key: line.values[at] if at < len(line.values) else None for key, at in places.items()}
        try:
            rows.append(
                CalendarRow(line.number, as_date(cells["day"]), _working(cells["word"]), _name(cells["name"]))
            )
        except ValueError as wrong:
            problems.append(Problem(line.number, str(wrong)))
    if not rows and not problems:
        raise RuleViolation(nothing_in_it(), field="file")
    return rows, problems


def _columns(lines: Sequence[reading.Line]) -> tuple[dict[str, int], Sequence[reading.Line]]:
    """Where each column stands: by the headings where there are any, else the first three; and the lines beneath."""
    places = {"day": 0, "word": 1, "name": 2}
    for number, line in enumerate(lines[:5]):
        texts = [reading.text_of(value) for value in line.values]
        if any(text in HEADINGS["day"] for text in texts):
            for key, known in HEADINGS.items():
                places[key] = next((at for at, text in enumerate(texts) if text in known), places[key])
            return places, lines[number + 1 :]
    return places, lines


def _working(value: reading.Value) -> bool:
    text = as_text(value, 20)
    if text in WORKING or text in OFF:
        return text in WORKING
    raise ValueError(_("“%(text)s”请填“上班”或“休息”") % {"text": text})


def _name(value: reading.Value) -> str:
    return as_text(value, 40)
