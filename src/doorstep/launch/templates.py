"""Databases built once and cloned: the empty one for tests, and the one with the demo district.

A template is built under another name and renamed when complete, so one that was interrupted is never cloned.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import date

from doorstep.launch import databases
from doorstep.launch.database_urls import cluster

EMPTY, DEMO = "doorstep_empty_", "doorstep_demo_"


def empty_template() -> str:
    """Name of a migrated database without rows."""
    return _ensured(EMPTY, databases.migrations_hash(), day=None)


def demo_template(day: date) -> str:
    """Name of a database with the demo district, its dates running back from `day`."""
    return _ensured(DEMO, f"{demo_hash()}_{day:%Y%m%d}", day)


def demo_hash() -> str:
    """Changes whenever the code that makes the demo district changes."""
    package = databases.PACKAGE
    folders = [package / "demo", package / "kernel", package / "modules"]
    sources = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    kept = [path for path in sources if path.suffix != ".pyc" and "templates" not in path.parts]
    return databases.hash_of([*kept, databases.PROJECT / "requirements" / "base.txt"])


def _ensured(prefix: str, identity: str, day: date | None) -> str:
    name = prefix + identity
    with _one_at_a_time():
        existing = databases.names(prefix)
        if name not in existing:
            for outdated in existing:
                databases.drop(outdated)
            unfinished = f"{prefix}unfinished_{os.getpid()}"  # what a killed process still writes is not ours
            databases.prepare(unfinished)
            if day:
                load_demo(unfinished, day)
            databases.rename(unfinished, name)
    return name


def load_demo(database: str, day: date) -> None:
    databases.manage("load_demo", database=database, DEMO="1", DOORSTEP_TODAY=day.isoformat())
    with databases.connect("owner", database) as connection:
        databases.remember(connection, "demo_day", day.isoformat())
        connection.execute("VACUUM ANALYZE")  # so the planner knows the rows from the first query on


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (cluster().folder / ".templates").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
