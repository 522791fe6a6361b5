"""Many rows of one model by COPY: several times faster than inserting, with the same constraints and triggers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import AutoField, JSONField, Model
from psycopg.types.json import Jsonb

from doorstep.kernel.shared.ready import ask, ask_all

FEW = 8  # rows of one model in a statement that the database keeps ready


def take_numbers(model: type[Model], count: int) -> list[int]:
    """The next `count` numbers of the model's own sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [number for (number,) in cursor.fetchall()]


def copy_rows(rows: Sequence[Model]) -> None:
    """Write unsaved rows of one model. Without a number each is given one by the database, unseen by the row."""
    if not rows:
        return
    model = type(rows[0])
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.generated and not (field.primary_key and rows[0].pk is None)
    ]
    values_of = attrgetter(*(field.attname for field in fields))
    objects = [place for place, field in enumerate(fields) if isinstance(field, JSONField)]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as out:
        for row in rows:
            values = list(values_of(row))
            for place in objects:
                values[place] = Jsonb(values[place])
            out.write_row(values)


def set_rows(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write these fields of saved rows, each with its own values, in one statement (`bulk_update` writes a CASE per field
    and row, which takes ten times as long for a few hundred)."""
    if not rows:
        return
    model, quote = type(rows[0]), connection.ops.quote_name
    fields = [model._meta.get_field(name) for name in names]
    columns = [quote(str(field.column)) for field in fields]  # type: ignore[union-attr]  # all are columns
    types = [field.db_type(connection) for field in (model._meta.pk, *fields)]
    values = [[row.pk for row in rows]]
    values += [[getattr(row, field.attname) for row in rows] for field in fields]  # type: ignore[union-attr]  # likewise
    statement = (
        f"UPDATE {quote(model._meta.db_table)} AS kept"
        f" SET {', '.join(f'{column} = given.{column}' for column in columns)}"
        f" FROM unnest({', '.join(f'%s::{kind}[]' for kind in types)})"
        f" AS given(row_number, {', '.join(columns)})"
        f" WHERE kept.{quote(str(model._meta.pk.column))} = given.row_number"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def insert_rows(rows: Sequence[Model]) -> None:
    """Write a few unsaved rows of one model in one statement and number them: what `bulk_create` does, without the work it
    does for each row and field. Columns whose value the database gives are left to it."""
    pending = _pending.get()
    if pending is not None:
        pending.append(rows)
    else:
        _insert([rows])


@contextlib.contextmanager
def in_one_message() -> Iterator[None]:
    """What `insert_rows` is given in this stretch goes to the database at its end, in its order, in one message; the rows have
    their numbers then."""
    pending: list[Sequence[Model]] = []
    token = _pending.set(pending)
    try:
        yield
    finally:
        _pending.reset(token)
    _insert(pending)


def insert_and_ask(rows: Sequence[Model], question: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """`insert_rows`, and what a question gives, in one message."""
    return _insert([rows], question, values)


def insert_once(row: Model, unique: str) -> bool:
    """The same for one row of which this unique column is written once. No, and nothing is written, where such a row is there
    already or comes in at the same moment and is first."""
    statement, values = _filled([row], f"ON CONFLICT ({connection.ops.quote_name(unique)}) DO NOTHING")
    numbers = ask(statement, values)
    _number([row] if numbers else [], numbers)
    return bool(numbers)


_pending: ContextVar[list[Sequence[Model]] | None] = ContextVar("pending", default=None)


def _insert(groups: Sequence[Sequence[Model]], question: str = "", values: Sequence[Any] = ()) -> list[Any]:
    """One statement for each group, and the question behind them."""
    groups = [rows for rows in groups if rows]
    asked = [_filled(rows) for rows in groups] + ([(question, list(values))] if question else [])
    # a statement of many rows is another one for each number of rows: not worth keeping
    given = ask_all(asked, keep=all(len(rows) <= FEW for rows in groups))
    for rows, numbers in zip(groups, given, strict=False):
        _number(rows, numbers)
    return given[-1] if question else []


def _number(rows: Sequence[Model], numbers: Sequence[tuple[Any, ...]]) -> None:
    for row, (number,) in zip(rows, numbers, strict=True):
        row.pk = number
        row._state.adding = False


def _filled(rows: Sequence[Model], unless: str = "") -> tuple[str, list[Any]]:
    statement, values_of, objects = _insert_of(type(rows[0]))
    parameters: list[Any] = []
    for row in rows:
        row._prepare_related_fields_for_save("insert_rows")  # type: ignore[attr-defined]  # a row they name has its number now
        values = list(values_of(row))
        for place in objects:
            values[place] = Jsonb(values[place])
        parameters += values
    one = f"({', '.join(['%s'] * (len(parameters) // len(rows)))})"
    return statement.format(values=", ".join([one] * len(rows)), unless=unless), parameters


@cache
def _insert_of(model: type[Model]) -> tuple[str, attrgetter[Any], list[int]]:
    """The statement, how a row's values are read, and which of them are JSON."""
    fields = [
        field
        for field in model._meta.concrete_fields
        if not (field.generated or isinstance(field, AutoField) or field.has_db_default())
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    key = quote(str(model._meta.pk.column))
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {{values}} {{unless}} RETURNING {key}"
    )
    objects = [place for place, field in enumerate(fields) if isinstance(field, JSONField)]
    return statement, attrgetter(*(field.attname for field in fields)), objects
