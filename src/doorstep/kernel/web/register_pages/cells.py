"""What stands in a cell: on the page as words, in an export with its type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, DateField, DateTimeField, Field, Model, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.declarations.registers import Column, Register
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.kernel.web.frame.naming import full_names_of, names_of

UNKNOWN = "—"


def field_at(model: type[Model], path: str) -> Field[Any, Any] | None:
    """The concrete field a path ends in; None for an annotation or attribute."""
    found: Any = None
    for part in path.split("__"):
        try:
            found = model._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        if found.is_relation and found.related_model is not None and not isinstance(found.related_model, str):
            model = found.related_model
    return found if isinstance(found, Field) else None


def heading(register: Register, column: Column) -> str:
    """The column's name, by default the field's verbose name."""
    if column.name:
        return str(column.name)
    return field_name(field_at(register.model, column.path or column.key), column.key)


def field_name(found: Field[Any, Any] | None, fallback: str) -> str:
    if found is None:
        return fallback
    if found.name == "name" and str(found.verbose_name) == "name":
        return _("名称")
    return str(found.verbose_name)


def kind_of(register: Register, column: Column) -> str:
    """The column's kind; where none is said, that of a field which is a date or a truth."""
    if column.kind == "text" and column.path:
        found = field_at(register.model, column.path)
        for model_field, kind in ((DateTimeField, "datetime"), (DateField, "date"), (BooleanField, "bool")):
            if isinstance(found, model_field):
                return kind
    return column.kind


def joined(register: Register, rows: QuerySet[Any], columns: Iterable[Column]) -> QuerySet[Any]:
    """`rows` with the relations that the columns' paths walk."""
    paths = set()
    for column in columns:
        parts = column.path.split("__")[:-1]
        if parts and field_at(register.model, "__".join(parts)) is not None:
            paths.add("__".join(parts))
    return rows.select_related(*sorted(paths)) if paths else rows


def reader(register: Register, column: Column) -> Callable[[Any], Any]:
    """A function from a row to the column's value; codes of choices become their words, personal values masked."""
    read = _plain_reader(register, column)
    if column.mask is None:
        return read
    mask = column.mask

    def masked(row: Any) -> Any:
        value = read(row)
        return value if value in (None, "") else mask(value)

    return masked


def _plain_reader(register: Register, column: Column) -> Callable[[Any], Any]:
    if callable(column.value):
        return column.value
    *way, last = column.path.split("__")
    found = field_at(register.model, column.path)
    display = f"get_{last}_display" if found is not None and found.choices else ""

    def read(row: Any) -> Any:
        for part in way:
            row = getattr(row, part, None)
            if row is None:
                return None
        if display:
            return str(getattr(row, display)())
        value = getattr(row, last, None) if found is None else getattr(row, last)
        return str(value) if isinstance(value, Model) else value

    return read


def words(column: Column, value: Any, names: dict[str, str]) -> str:
    """A value as people read it."""
    if value is None or value == "":
        return UNKNOWN
    if column.kind == "place":
        return names.get(value, value)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dt.datetime):
        return value.astimezone(DISTRICT_ZONE).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return f"{value:,}" if column.kind == "number" else str(value)
    return str(value)


def typed(column: Column, value: Any) -> Any:
    """A value for a spreadsheet: number, date, or text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dt.datetime):
        return value.astimezone(DISTRICT_ZONE).replace(tzinfo=None)
    if isinstance(value, dt.date):
        return value
    if column.kind == "number" and isinstance(value, int | float | Decimal):
        return value
    return str(value)


def place_names(
    columns: Sequence[Column], values: Iterable[Sequence[Any]], known: dict[str, str], page_place: str
) -> dict[str, str]:
    """`known` with the names of the place codes among these rows of values, and of the page's place. On a page wider
    than a community a grid's name has its community before it, as every community numbers its grids from one."""
    at = [index for index, column in enumerate(columns) if column.kind == "place"]
    wanted = {row[index] for row in values for index in at if row[index]} | ({page_place} - {""})
    missing = wanted - known.keys()
    if missing:
        found = full_names_of(missing) if is_wide(page_place) else names_of(missing)
        known.update({code: found.get(code) or code for code in missing})
    return known


def is_wide(place_code: str) -> bool:
    """Does the place hold grids of several communities, or may it?"""
    return len(place_code) < LENGTHS["community"]
