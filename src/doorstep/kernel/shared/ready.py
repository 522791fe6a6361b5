"""Statements that every request or booking asks, kept ready by the database: read and planned once for each connection, not each
time. For lookups by a key and for what is written; not where the plan hangs on the values (a prefix, a rare state).

They go to the driver's library in one call each, past its cursors, which cost several times what such a statement does. Everything
is sent as text, and the columns say what it is: numbers sent as such would be small or large ones, and every mixture of them
another statement to keep. While somebody counts or logs statements they go by Django's own cursor, whole and readable.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import select
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.functional import Promise
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.types.json import Jsonb

KEPT = "doorstep_ready"
# as plain numbers: each name of an enumeration looked up costs as much as a comparison
IDLE, DONE = int(TransactionStatus.IDLE), (int(ExecStatus.TUPLES_OK), int(ExecStatus.COMMAND_OK))
MOST = (
    200  # statements kept on one connection: a worker meets some fifty, each takes the database some memory
)


def ask(statement: str, values: Iterable[Any] = (), *, keep: bool = True) -> list[tuple[Any, ...]]:
    """What the statement gives. `values` become text: where it does not say what a value is, it needs a cast (`%s::bigint`).
    Not to `keep` it (one of many forms) is to have it bound by the client. Raises what a cursor of Django's raises."""
    here: Any = connections[DEFAULT_DB_ALIAS]  # looked up once, not with each of its attributes
    if not keep or here.queries_logged or here.execute_wrappers:
        with here.cursor() as watched:
            watched.execute(statement, list(values))
            return list(watched.fetchall()) if watched.description else []
    raw = here.connection
    if raw is None or not here.health_check_done:
        raw = _attended(here)
    if here.needs_rollback:
        here.validate_no_broken_transaction()
    try:
        return _statements_of(raw).carry_out(statement, _as_text(values))
    except psycopg.Error:
        with here.wrap_database_errors:  # only here: it is not free
            raise


def _attended(here: Any) -> Any:
    """As Django's own cursor does: a connection that the database has ended since the last request is made anew."""
    if here.connection is not None and _is_silent(here.connection):
        here.health_check_done = True  # nothing was asked: what came unasked would be its end
    here.close_if_health_check_failed()
    here.ensure_connection()
    return here.connection


def _is_silent(raw: Any) -> bool:
    """Nothing has come on this connection since the last answer. To look costs a hundredth of what a question costs."""
    waiting = select.poll()
    waiting.register(raw.pgconn.socket, select.POLLIN)
    return not waiting.poll(0)


def _statements_of(raw: Any) -> _Statements:
    found: _Statements | None = getattr(raw, KEPT, None)
    if found is None:
        found = _Statements(raw)
        setattr(raw, KEPT, found)
    return found


class _Statements:
    """What one connection keeps ready. The driver keeps nothing ready on it by itself (`prepare_threshold`), or it would throw
    ours away with its own after each transaction that is taken back."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._names = count()
        self._known: dict[str, tuple[bytes, Any]] = {}  # its name, and what reads its columns

    def carry_out(self, statement: str, values: list[bytes | None]) -> list[tuple[Any, ...]]:
        library = self._raw.pgconn
        name, reading = self._known.get(statement) or self._prepared(statement)
        if library.transaction_status == IDLE and not self._raw.autocommit:
            self._checked(library.exec_(b"BEGIN"))
        result = self._checked(library.exec_prepared(name, values))
        if not result.ntuples:
            return []
        # how its columns are read stays the same: the database gives the same types for it, or refuses
        reading.set_pgresult(result, set_loaders=reading.pgresult is None)
        rows: list[tuple[Any, ...]] = reading.load_rows(0, result.ntuples, tuple)
        return rows

    def _prepared(self, statement: str) -> tuple[bytes, Any]:
        library = self._raw.pgconn
        if len(self._known) >= MOST:
            oldest, _reading = self._known.pop(next(iter(self._known)))
            self._checked(library.close_prepared(oldest))
        name = f"ready_{next(self._names)}".encode()
        self._checked(library.prepare(name, _numbered(statement).encode()))
        self._known[statement] = known = name, Transformer(self._raw)
        return known

    def _checked(self, result: Any) -> Any:
        if result.status in DONE:
            return result
        library = self._raw.pgconn
        if library.status == ConnStatus.BAD:  # it is gone, and says nothing more
            raise psycopg.OperationalError(library.get_error_message())
        raise error_from_result(result)


def _numbered(statement: str) -> str:
    """With $1, $2 … where values go, as the database wants them."""
    numbers = iter(range(1, statement.count("%") + 1))
    return re.sub("%[s%]", lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", statement)


def _as_text(values: Iterable[Any]) -> list[bytes | None]:
    """The commonest are told apart here: a call for each would cost more than what it does."""
    texts: list[bytes | None] = []
    for value in values:
        kind = type(value)
        if value is None:
            texts.append(None)
        elif kind is int:
            texts.append(b"%d" % value)
        elif kind is str and "\0" not in value:
            texts.append(value.encode())
        else:
            texts.append(_WAYS[kind](value))
    return texts


def _words(value: str) -> bytes:
    if "\0" in value:
        raise psycopg.DataError("text with a NUL character")
    return value.encode()


def _array(values: Iterable[Any]) -> bytes:
    return b"{" + b",".join([_element(value) for value in values]) + b"}"


def _element(value: Any) -> bytes:
    if value is None:
        return b"NULL"
    text = _WAYS[type(value)](value)
    if isinstance(value, list | tuple):
        return text
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


class _Ways(dict[type, Callable[[Any], bytes]]):
    """How values of a type become text; a type that is not known yet is looked for among what it is made from."""

    def __missing__(self, kind: type) -> Callable[[Any], bytes]:
        for known, how in list(self.items()):
            if issubclass(kind, known):
                self[kind] = how
                return how
        raise TypeError(f"no way to write {kind.__name__}")


def _plain(value: Any) -> bytes:
    return str(value).encode()


@lru_cache(maxsize=1024)
def _moment(value: dt.datetime) -> bytes:
    """The rows of one act tell of the same few moments."""
    return str(value).encode()


def _bytes(value: Any) -> bytes:
    return b"\\x" + bytes(value).hex().encode()


_json = json.JSONEncoder(ensure_ascii=False).encode
_KNOWN: dict[type, Callable[[Any], bytes]] = {
    str: _words, bool: lambda value: b"t" if value else b"f", int: lambda value: b"%d" % value,
    float: lambda value: repr(value).encode(), Decimal: _plain, UUID: _plain, bytes: _bytes, memoryview: _bytes,
    dt.datetime: _moment, dt.date: _plain, dt.time: _plain,
    dt.timedelta: lambda value: f"{value.total_seconds()} seconds".encode(), Promise: lambda value: _words(str(value)),
    Jsonb: lambda value: _words(_json(value.obj)), list: _array, tuple: _array,
}  # fmt: skip
_WAYS = _Ways(_KNOWN)
