"""Many rows of one model by COPY: several times faster than inserting, with the same constraints and triggers."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import AutoField, JSONField, Model
from psycopg.types.json import Jsonb

from doorstep.kernel.shared.ready import ask

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
                values[place] = _json(values[place])
            out.write_row(values)


def _json(value: Any) -> Jsonb | None:
    """As the database keeps it: nothing is NULL, as everywhere, not JSON's own null."""
    return None if value is None else Jsonb(value)


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


def insert_rows(rows: Sequence[Model], then: str = "", values: Sequence[Any] = ()) -> None:
    """Write a few unsaved rows of one model in one statement and number them: what `bulk_create` does, without the work it
    does for each row and field. Columns whose value the database gives are left to it.

    then: a statement with its `values` that is carried out with it and reads the rows as `{written}`.
    """
    pending = _pending.get()
    if pending is not None:
        pending.add(rows, then, values)
    else:
        with in_one_message() as message:
            message.add(rows, then, values)


@contextlib.contextmanager
def in_one_message(once: Model | None = None, unique: str = "") -> Iterator[Message]:
    """What `insert_rows` is given in this stretch goes to the database at its end, as one statement; the rows have their
    numbers then.

    once: a row, numbered already, that is written before them and of which there is one for each value of this `unique`
    column. Where it is there already, or comes in at the same moment and is first, nothing is written (`is_written`).
    """
    message = Message(once, unique)
    token = _pending.set(message)
    try:
        yield message
    finally:
        _pending.reset(token)
    message.send()


def is_in_a_message() -> bool:
    """Whether what `insert_rows` is given now is written together with other rows, or not at all."""
    return _pending.get() is not None


class Message:
    """Rows of several models on their way to the database: one statement with a part for each."""

    def __init__(self, once: Model | None, unique: str) -> None:
        self.is_written = True
        self._unique = unique
        self._parts: list[tuple[Sequence[Model], str, Sequence[Any]]] = []
        if once is not None:
            self._parts.append(([once], "", ()))

    def add(self, rows: Sequence[Model], then: str, values: Sequence[Any]) -> None:
        if rows:
            self._parts.append((rows, then, values))

    def send(self) -> None:
        if not self._parts:
            return
        shape = tuple((type(rows[0]), len(rows), then) for rows, then, _values in self._parts)
        # a statement of many rows is another one for each number of rows: not worth keeping
        keep = all(number <= FEW for _model, number, _then in shape)
        statement = (_statement_of if keep else _statement_of.__wrapped__)(shape, self._unique)
        filling: list[Any] = []
        for at, (rows, _then, values) in enumerate(self._parts):
            filling += _filled(rows, numbered=bool(self._unique) and at == 0)
            filling += values
        (numbers,) = ask(statement, filling, keep=keep)
        if self._unique and not numbers[0]:
            self.is_written = False
            return
        for (rows, _then, _values), own in zip(self._parts, numbers, strict=True):
            for row, number in zip(rows, own, strict=True):
                row.pk = number
                row._state.adding = False


_pending: ContextVar[Message | None] = ContextVar("pending", default=None)
Shape = tuple[tuple[type[Model], int, str], ...]


@lru_cache(maxsize=256)
def _statement_of(shape: Shape, unique: str) -> str:
    """Each model's rows written by a part of the statement, and at its end their numbers. With a `unique` column of the first
    row the others are written only if that one was."""
    parts, asked = [], []
    for at, (model, number, then) in enumerate(shape):
        form = _form_of(model, numbered=bool(unique) and at == 0)
        if not unique:
            insert = form.insert(number)
        elif at == 0:
            insert = f"{form.insert(number)} ON CONFLICT ({connection.ops.quote_name(unique)}) DO NOTHING"
        else:
            insert = form.insert_if(number, "EXISTS (SELECT FROM written0)")
        parts.append(f"written{at} AS ({insert} RETURNING {'*' if then else form.key})")
        asked.append(f"ARRAY(SELECT {form.key} FROM written{at})")
        if then:
            parts.append(f"then{at} AS ({then.format(written=f'written{at}')})")
    return f"WITH {', '.join(parts)} SELECT {', '.join(asked)}"


@dataclass(frozen=True)
class _Form:
    """How rows of a model are written: the head of the statement, what a row is filled from, with which types."""

    head: str
    key: str
    types: tuple[str, ...]
    values_of: attrgetter[Any]
    objects: tuple[int, ...]  # which of the values are JSON

    def insert(self, number: int) -> str:
        one = f"({', '.join(['%s'] * len(self.types))})"
        return f"{self.head} VALUES {', '.join([one] * number)}"

    def insert_if(self, number: int, condition: str) -> str:
        one = f"({', '.join(f'%s::{kind}' for kind in self.types)})"
        return f"{self.head} SELECT * FROM (VALUES {', '.join([one] * number)}) AS given WHERE {condition}"


@cache
def _form_of(model: type[Model], numbered: bool = False) -> _Form:
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.generated
        and (numbered or not isinstance(field, AutoField))
        and not field.has_db_default()
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    return _Form(
        f"INSERT INTO {quote(model._meta.db_table)} ({columns})",
        quote(str(model._meta.pk.column)),
        # without their lengths: a cast would cut what is too long instead of refusing it
        tuple(re.sub(r"\(\d+\)", "", str(field.rel_db_type(connection))) for field in fields),
        attrgetter(*(field.attname for field in fields)),
        tuple(place for place, field in enumerate(fields) if isinstance(field, JSONField)),
    )


def _filled(rows: Sequence[Model], numbered: bool) -> list[Any]:
    form = _form_of(type(rows[0]), numbered)
    filling: list[Any] = []
    for row in rows:
        if row._state.fields_cache:  # a row they name has its number now
            row._prepare_related_fields_for_save("insert_rows")  # type: ignore[attr-defined]  # as saving does
        values = list(form.values_of(row))
        for place in form.objects:
            values[place] = _json(values[place])
        filling += values
    return filling
