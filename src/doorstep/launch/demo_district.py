"""The demo district: on the first start, and as on its first day again."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
from psycopg import sql

from doorstep.kernel.shared import clock
from doorstep.launch import databases, templates
from doorstep.launch.database_urls import database_name, is_embedded
from doorstep.launch.messages import LaunchTrouble, both, say

OLDEST_TEMPLATE = timedelta(days=7)  # its dates run back from the day it was made


def ensure() -> None:
    """Give a new, empty database the demo district; one that holds anything is left as it is.

    A load that was cut off starts again from nothing: the template it was building is under another name, and on a
    server of the user's own the database says that only an unfinished demo district is in it.
    """
    name = database_name()
    if is_embedded():
        if name not in databases.names(name) or _is_empty(name):
            _clone_over(name, clock.today())
    elif _was_cut_off() or _is_empty(name):
        _load_in_place()


def reset(confirmed: bool = False) -> None:
    """As on the first day. On a server given by DATABASE_URL it must be confirmed, and holds the demo already.

    Raises LaunchTrouble when it is not.
    """
    if is_embedded():
        _clone_over(database_name(), _recent_day() or clock.today())
        return
    with databases.connect("owner") as connection:
        known = databases.fact(connection, "demo_day")
    if not (known and confirmed):
        raise LaunchTrouble(
            both(
                "DATABASE_URL 指向的数据库将被清空；只有其中是演示数据时，才可用 doorstep demo reset --yes 执行。",
                "This empties the database of DATABASE_URL: only one with demo data, and only with --yes.",
            )
        )
    _load_in_place()


def cast() -> list[tuple[str, str, str]]:
    """Username, role and one line for each of the demo's people; empty while there is no demo."""
    try:
        from doorstep.demo.cast import CAST
    except ImportError:
        return []
    return [(str(row[0]), str(row[1]), str(row[2])) for row in CAST]


def _clone_over(name: str, day: date) -> None:
    template = templates.demo_template(day)
    databases.drop(f"{name}_next")
    databases.clone(template, f"{name}_next")
    databases.drop(name)
    databases.rename(f"{name}_next", name)


def _recent_day() -> date | None:
    """Day of a template made by the present code not long ago."""
    prefix = f"{templates.DEMO}{templates.demo_hash()}_"
    days = [date.fromisoformat(name.removeprefix(prefix)) for name in databases.names(prefix)]
    return max((day for day in days if clock.today() - day <= OLDEST_TEMPLATE), default=None)


def _load_in_place() -> None:
    say("正在装入演示城区 ...", "loading the demo district")
    name = database_name()
    with databases.connect("owner") as connection:
        if not _is_empty(name):
            connection.execute("DROP SCHEMA public CASCADE; DROP SCHEMA setup CASCADE; CREATE SCHEMA public")
    databases.prepare()
    with databases.connect("owner") as connection:
        databases.remember(connection, "demo_loading", "unfinished")
    templates.load_demo(name, clock.today())
    with databases.connect("owner") as connection:
        databases.remember(connection, "demo_loading", "finished")


def _was_cut_off() -> bool:
    with databases.connect("owner") as connection:
        return databases.fact(connection, "demo_loading") == "unfinished"


def _is_empty(name: str) -> bool:
    with databases.connect("owner", name) as connection:
        return not any(_has_rows(connection, table) for table in ("audit_entry", "authority_account"))


def _has_rows(connection: psycopg.Connection, table: str) -> bool:
    query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table))
    try:
        row = connection.execute(query).fetchone()
    except psycopg.errors.UndefinedTable:
        return False
    return bool(row and row[0])
