"""What seldom changes, read once and kept in the process until somebody writes to the tables it was read from.

Every statement that writes to a watched table leaves a line in `kept_writes`, in its own transaction and without a lock (a
trigger; `watch` puts it there). How many lines there are and the last one's number say whether what is kept still holds:
others' writes show in the moment they commit, one's own at once, and none twice, since a number is never given again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, ClassVar, Generic, TypeVar

from django.db import connection, migrations

from doorstep.kernel.shared.ready import ask

T = TypeVar("T")
# the database's own number too: one made anew under the same name counts anew
STATES = """SELECT tabled, count(*), max(number), (SELECT oid::bigint FROM pg_database WHERE datname = current_database())
    FROM kept_writes GROUP BY tabled"""
States = dict[str, tuple[Any, ...]]
_steady: ContextVar[States | None] = ContextVar("steady", default=None)
WATCH = """
CREATE TRIGGER kept_written AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION kept_written()
"""
MOST = 5000  # answers kept of one kind; beyond it all are read anew


class Kept(Generic[T]):
    """`read` of some plain arguments, as long as none of the tables is written to. What it gives is shared: nobody
    changes it."""

    all: ClassVar[list[Kept[Any]]] = []

    def __init__(self, read: Callable[..., T], *tables: str) -> None:
        self.tables, self._read = tables, read
        Kept.all.append(self)
        self._known: dict[tuple[Any, ...], tuple[tuple[Any, ...], T]] = {}

    def __call__(self, *arguments: Any) -> T:
        states = _steady.get()
        if states is None:
            states = _states()
        state = (states[""], *[states.get(table) for table in self.tables])
        found = self._known.get(arguments)
        if found is None or found[0] != state:
            # the state was asked first: what is read now is never older than it
            if len(self._known) >= MOST:
                self._known.clear()
            found = self._known[arguments] = (state, self._read(*arguments))
        return found[1]


@contextlib.contextmanager
def steady(states: States | None = None) -> Iterator[States]:
    """A stretch of work that writes to no watched table: whether what is kept still holds is asked once, or was a moment ago
    (`states`: what an earlier stretch of the same request gave)."""
    held = _steady.get() or states or _states()
    token = _steady.set(held)
    try:
        yield held
    finally:
        _steady.reset(token)


def _states() -> States:
    """By table, and under "" which database it is: another one may have no writes of a table either."""
    return {table: tuple(rest) for table, *rest in ask(STATES)} | {"": (connection.settings_dict["NAME"],)}


def watch(*tables: str) -> migrations.RunSQL:
    """For a migration: writes to these tables are noted from now on."""
    return migrations.RunSQL(
        [WATCH.format(table=table) for table in tables],
        [f"DROP TRIGGER kept_written ON {table}" for table in tables],
    )


def forget_old_writes() -> int:
    """Drop all lines but one new one of each table: its number is new, so that no state there was before comes back. What is
    kept is read anew, once. Returns how many lines went."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO kept_writes (tabled) SELECT DISTINCT tabled FROM kept_writes")
        cursor.execute(
            "DELETE FROM kept_writes old USING kept_writes newer"
            " WHERE newer.tabled = old.tabled AND newer.number > old.number"
        )
        return int(cursor.rowcount)
