"""What seldom changes, read once and kept in the process until somebody writes to the tables it was read from.

Every statement that writes to a watched table leaves a line in `kept_writes`, in its own transaction and without a lock (a
trigger; `watch` puts it there). How many lines there are and the last one's number say whether what is kept still holds:
others' writes show in the moment they commit, one's own at once, and none twice, since a number is never given again.
The same holds for all lines together: as long as their whole is as it was, so is each table's part of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, ClassVar, Generic, TypeVar

from django.db import connection, migrations

from doorstep.kernel.shared.ready import ask

T = TypeVar("T")
# How all lines stand, in a word: any question can bring it along, which saves one. The database's own number is in it: one made
# anew under the same name counts anew.
WHOLE = """(SELECT format('%%s %%s ', count(*), max(number)) FROM kept_writes)
    || (SELECT oid FROM pg_database WHERE datname = current_database())"""
STATES = (
    f"""SELECT tabled, count(*), max(number), {WHOLE} FROM kept_writes WHERE {WHOLE} <> %s GROUP BY tabled"""
)
States = dict[str, tuple[Any, ...]]


class Stretch:
    """A stretch of work that writes to no watched table: whether what is kept still holds is asked once in it, when the first
    wants to know; or another question has told it."""

    def __init__(self, whole: str = "") -> None:
        self._states: States | None = None
        if whole:
            self.hear(whole)

    def hear(self, whole: str) -> None:
        """What a question of a moment ago brought along (`WHOLE`)."""
        known = _last.get(connection.settings_dict["NAME"])
        if self._states is None and known is not None and known[0] == whole:
            self._states = known[1]

    @property
    def knows(self) -> bool:
        return self._states is not None

    def states(self) -> States:
        if self._states is None:
            self._states = _states()
        return self._states


_last: dict[str, tuple[str, States]] = {}  # of each database: the whole in a word, and what it was made of
_stretch: ContextVar[Stretch | None] = ContextVar("stretch", default=None)
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
        stretch = _stretch.get()
        states = _states() if stretch is None else stretch.states()
        state = (states[""], *[states.get(table) for table in self.tables])
        found = self._known.get(arguments)
        if found is None or found[0] != state:
            # the state was asked first: what is read now is never older than it
            if len(self._known) >= MOST:
                self._known.clear()
            found = self._known[arguments] = (state, self._read(*arguments))
        return found[1]


@contextlib.contextmanager
def steady(stretch: Stretch | None = None) -> Iterator[Stretch]:
    """Work in one `Stretch`: the one there is, else this one (of a moment ago, of the same request), else a new one."""
    held = _stretch.get() or stretch or Stretch()
    token = _stretch.set(held)
    try:
        yield held
    finally:
        _stretch.reset(token)


def listening() -> Stretch | None:
    """The stretch at hand, as long as it wants to hear how all lines stand."""
    stretch = _stretch.get()
    return None if stretch is None or stretch.knows else stretch


def _states() -> States:
    """By table, and under "" which database it is: another one may have no writes of a table either."""
    name = connection.settings_dict["NAME"]
    whole, states = _last.get(name, ("", {"": (name,)}))
    if rows := ask(STATES, [whole]):  # none where the whole is as it was
        whole = rows[0][3]
        states = {"": (name, whole.rpartition(" ")[2])} | {row[0]: row[1:3] for row in rows}
        _last[name] = whole, states
    return states


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
