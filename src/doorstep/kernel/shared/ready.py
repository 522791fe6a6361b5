"""Statements that every request or booking asks, kept ready by the database: read and planned once for each connection, not each
time. For lookups by a key and for what is written; not where the plan hangs on the values (a prefix, a rare state).

Everything is sent as text, and the columns say what it is: numbers sent as such would be small or large ones, and every mixture of
them another statement to keep. While somebody counts or logs statements they go by Django's own cursor, whole and readable.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.utils.functional import Promise
from psycopg.types.json import Jsonb

KEPT = "doorstep_ready"
Bound: Any = ServerBindingCursor  # the stubs take it for Django's own wrapper


def ask(statement: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    """What the statement gives. `values` become text: where it does not say what a value is, it needs a cast (`%s::bigint`).
    Raises what a cursor of Django's raises."""
    if _is_watched():
        with connection.cursor() as watched:
            watched.execute(statement, list(values))
            return list(watched.fetchall()) if watched.description else []
    given = [_TEXTS[type(value)](value) for value in values]
    _connect()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        cursor = _cursor()
        cursor.execute(statement, given)
        return cursor.fetchall() if cursor.description else []


def ask_all(asked: Sequence[tuple[str, Sequence[Any]]], *, keep: bool) -> list[list[tuple[Any, ...]]]:
    """`ask` of several in one message, in their order, none carried out after one that fails. Not to `keep` them, or while somebody
    counts and logs, is one text bound by the client."""
    if not asked:
        return []
    _connect()
    if not keep or _is_watched():
        return _in_one_text(asked)
    connection.validate_no_broken_transaction()
    raw: Any = connection.connection
    with connection.wrap_database_errors, raw.pipeline():
        cursors = []
        for statement, values in asked:
            cursor = Bound(raw)
            cursor.execute(statement, [_TEXTS[type(value)](value) for value in values])
            cursors.append(cursor)
        return [cursor.fetchall() for cursor in cursors]


def _in_one_text(asked: Sequence[tuple[str, Sequence[Any]]]) -> list[list[tuple[Any, ...]]]:
    given = []
    with connection.cursor() as cursor:
        cursor.execute(";".join(sql for sql, _own in asked), [one for _sql, own in asked for one in own])
        for _statement in asked:
            given.append(list(cursor.fetchall()))
            cursor.nextset()
    return given


def _is_watched() -> bool:
    return bool(connection.queries_logged or connection.execute_wrappers)


def _connect() -> None:
    """As Django's own cursor does: a connection that the database has ended since the last request is made anew."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()


def _cursor() -> Any:
    """The connection's own one: to make one anew costs as much as a statement does."""
    raw: Any = connection.connection
    found: Any = getattr(raw, KEPT, None)
    if found is None:
        found = Bound(raw)
        setattr(raw, KEPT, found)
    return found


class _Texts(dict[type, Callable[[Any], Any]]):
    """How values of a type become text; a type that is not known yet is looked for among what it is made from."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        for known, how in list(self.items()):
            if issubclass(kind, known):
                self[kind] = how
                return how
        raise TypeError(f"no way to write {kind.__name__}")


def _same(value: Any) -> Any:
    return value


_TEXTS = _Texts(
    {
        type(None): _same, str: str, bool: lambda value: "t" if value else "f", int: str, float: repr,
        Decimal: str, UUID: str, bytes: _same, memoryview: bytes, dt.datetime: str, dt.date: str,
        dt.time: str, dt.timedelta: lambda value: f"{value.total_seconds()} seconds",
        Promise: str, Jsonb: lambda value: json.dumps(value.obj, ensure_ascii=False), list: _same, tuple: _same,
    }
)  # fmt: skip
