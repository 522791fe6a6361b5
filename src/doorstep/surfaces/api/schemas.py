"""Shapes of what the API answers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ninja import Schema


class FieldAtFault(Schema):
    """An input, with its name in both languages."""

    name: str
    zh: str
    en: str


class Fault(Schema):
    code: str
    message: str
    field: FieldAtFault | None
    clause: str


class Refusal(Schema):
    """The one shape of every refusal. `code` is for programs; `message` says what to do, in the language asked for."""

    error: Fault


class PlaceOut(Schema):
    code: str
    name: str
    level: str


class PlaceWithChildren(PlaceOut):
    on: dt.date
    children: list[PlaceOut]


class Point(Schema):
    on: dt.date
    value: float | None


class FigureOut(Schema):
    """`value` is null where nobody has recorded anything yet. A stock is as of `on`; a flow counts from `since`."""

    key: str
    name: str
    unit: str
    kind: str
    place: str
    on: dt.date
    since: dt.date
    value: float | None
    sentence: str
    clause: str
    trend: list[Point] = []


class ColumnOut(Schema):
    key: str
    name: str
    kind: str


class FilterOut(Schema):
    key: str
    name: str
    kind: str


class RegisterOut(Schema):
    key: str
    name: str
    as_of: bool
    columns: list[ColumnOut]
    filters: list[FilterOut]


class RowsOut(Schema):
    """One page of rows; `after` is the key of the next page, empty on the last. `total` is null above a thousand."""

    place: str
    on: dt.date
    sentence: str
    total: int | None
    after: str
    rows: list[dict[str, Any]]


class FindingKind(Schema):
    key: str
    name: str
    clause: str
    severity: str
    count: int


class Break(Schema):
    subject: str
    place: str
    since: dt.date | None
    mend: str


class Breaks(Schema):
    key: str
    name: str
    clause: str
    place: str
    on: dt.date
    total: int
    breaks: list[Break]
