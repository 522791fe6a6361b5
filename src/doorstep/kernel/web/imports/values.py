"""From a cell to a value, or to what is wrong with it in the user's words."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.declarations.registers import ImportColumn, Importer, ImportRow, Problem
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.web.frame.typed_places import Places
from doorstep.kernel.web.imports.bounds import CELL_LENGTH
from doorstep.kernel.web.imports.mapping import default_place
from doorstep.kernel.web.imports.reading import Line, Value, text_of

FIRST_YEAR, LAST_YEAR = 1900, 2100
YES = {"是", "有", "√", "✓", "1", "true", "yes", "y", "对", "真"}
NO = {"否", "无", "×", "✗", "0", "false", "no", "n", "错", "假"}
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_CHINESE_DATE = re.compile(r"[〇○零一二三四五六七八九十]{2,4}年.*")


class RowParser:
    """Parses the rows of one file by its mapping (column key → index from 0)."""

    def __init__(
        self, importer: Importer, mapping: Mapping[str, int], places: Places, *, place_code: str = ""
    ) -> None:
        self.importer = importer
        self.mapping = mapping
        self.places = places
        self.place_code = place_code
        self.seen: dict[tuple[Any, ...], int] = {}

    def is_blank(self, line: Line) -> bool:
        return all(_cell(line, index) is None for index in self.mapping.values())

    def parse(self, line: Line) -> tuple[ImportRow, list[Problem]]:
        """The row with what is wrong with it; a row with problems goes to no service."""
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for column in self.importer.columns:
            raw = _cell(line, self.mapping[column.key]) if column.key in self.mapping else None
            try:
                values[column.key] = self._value(column, raw)
            except ValueError as wrong:
                values[column.key] = None
                problems.append(Problem(line.number, str(wrong), column.key))
        row = ImportRow(line.number, values)
        if not problems:
            problems = self._twice(row)
        return row, problems

    def _value(self, column: ImportColumn, raw: Value) -> Any:
        if raw is None or text_of(raw) == "":
            if place := default_place(column, self.place_code):
                return self.places.resolve(place, column.level)
            if column.required:
                raise ValueError(_("“{name}”必须填写").format(name=column.name))
            return None
        value = self._read(column, raw)
        if column.check is not None and value is not None:
            column.check(value)
        return value

    def _read(self, column: ImportColumn, raw: Value) -> Any:
        if column.parse is not None:
            return column.parse(as_text(raw, column.max_length))
        match column.kind:
            case "number":
                return as_number(raw, decimals=column.decimals)
            case "date":
                return as_date(raw)
            case "bool":
                return as_bool(raw)
            case "choice":
                return as_choice(raw, column)
            case "place":
                return self.places.resolve(as_text(raw, 60), column.level)
            case _:
                return as_text(raw, column.max_length)

    def _twice(self, row: ImportRow) -> list[Problem]:
        if not self.importer.keys:
            return []
        key = tuple(row.values.get(name) for name in self.importer.keys)
        first = self.seen.setdefault(key, row.number)
        if first == row.number:
            return []
        return [
            Problem(
                row.number, _("与第 {row} 行是同一条记录，重复了").format(row=first), self.importer.keys[0]
            )
        ]


def _cell(line: Line, index: int) -> Value:
    return line.values[index] if index < len(line.values) else None


def as_text(raw: Value, limit: int) -> str:
    """Text without control characters; a number that lost digits in Excel is an error, not a guess."""
    if isinstance(raw, float) and abs(raw) >= 1e15:
        raise ValueError(_("号码被 Excel 存成了数字，末几位已经丢失；请把这一列设成“文本”格式，重新填写"))
    text = unicodedata.normalize("NFC", text_of(raw))
    text = "".join(
        letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cf")
    )
    text = text.strip()
    if len(text) > min(limit, CELL_LENGTH):
        raise ValueError(_("有 {n} 个字，最多 {limit} 个").format(n=len(text), limit=min(limit, CELL_LENGTH)))
    return text


def as_number(raw: Value, *, decimals: bool) -> int | Decimal:
    text = unicodedata.normalize("NFKC", text_of(raw)).replace(",", "").replace(" ", "")
    wrong = ValueError(_("“{text}”不是数字").format(text=text_of(raw)[:20]))
    if isinstance(raw, bool | dt.date | dt.time):
        raise wrong
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise wrong from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise wrong
    if decimals:
        return number
    if number != number.to_integral_value():
        raise ValueError(_("“{text}”要填整数").format(text=text_of(raw)[:20]))
    return int(number)


def as_date(raw: Value) -> dt.date:
    """A day of the calendar. What Excel shows as a bare number, or Chinese numerals, is asked to be written out."""
    if isinstance(raw, dt.datetime):
        raw = raw.date()
    if isinstance(raw, dt.date):
        return _checked_year(raw)
    text = unicodedata.normalize("NFKC", text_of(raw)).strip()
    found = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    if found:
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if is_digits(text.replace(".", "", 1)) and 20_000 <= float(text) <= 80_000:
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(float(text)))
        raise ValueError(
            _(
                "{text} 是 Excel 内部的日期序号（相当于 {day}）；请把这一列设成“日期”格式，或者写成 {day}"
            ).format(text=text, day=day)
        )
    if _CHINESE_DATE.fullmatch(text):
        raise ValueError(_("“{text}”请用阿拉伯数字写，如 2024-03-05").format(text=text[:20]))
    if _MONTH.fullmatch(text):
        raise ValueError(_("“{text}”缺少日，要写到某一天，如 2024-03-05").format(text=text[:20]))
    raise ValueError(_("“{text}”不是日期，请写成 2024-03-05").format(text=text[:20]))


def _day(year: int, month: int, day: int) -> dt.date:
    if not 1 <= month <= 12:
        raise ValueError(_("没有 {month} 月").format(month=month))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(_("{year} 年不在 1900 到 2100 之间").format(year=year))
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise ValueError(
            _("{year}-{month:02}-{day:02} 不存在：{year} 年 {month} 月只有 {last} 天").format(
                year=year, month=month, day=day, last=last
            )
        )
    return dt.date(year, month, day)


def _checked_year(day: dt.date) -> dt.date:
    return _day(day.year, day.month, day.day)


def as_bool(raw: Value) -> bool:
    text = unicodedata.normalize("NFKC", text_of(raw)).casefold()
    if text in YES:
        return True
    if text in NO:
        return False
    raise ValueError(_("“{text}”请填“是”或“否”").format(text=text_of(raw)[:20]))


def as_choice(raw: Value, column: ImportColumn) -> str:
    text = as_text(raw, 120)
    for code, words in column.choices:
        if text in (code, str(words)):
            return code
    named = _("、").join(str(words) for _code, words in column.choices[:8])
    raise ValueError(_("没有“{text}”这一项，可以填：{named}").format(text=text[:20], named=named))
