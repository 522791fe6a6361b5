"""The demo district: on the first start, and as on its first day again."""

from __future__ import annotations

from datetime import date

import psycopg
from psycopg import sql

from doorstep.kernel.shared import clock
from doorstep.launch import databases, templates
from doorstep.launch.database_urls import database_name, is_embedded
from doorstep.launch.messages import LaunchTrouble, both, say
from doorstep.launch.switches import is_on


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
    """As on the first day, its dates running back from today; what anybody did in the demo is gone.

    Raises LaunchTrouble in production, where there is no demo but something else, and when it is not confirmed.
    """
    if is_on("PRODUCTION"):
        raise LaunchTrouble(
            both(
                "PRODUCTION 已打开：正式数据不能恢复成演示城区，未作改动。",
                "PRODUCTION is on: what is in use does not become a demo. Nothing was changed.",
            )
        )
    if not _may_be_emptied():
        raise LaunchTrouble(
            both(
                f"数据库 {database_name()} 中不是演示城区，未作改动。要试用演示，请换一个空的数据库。",
                f"The database {database_name()} does not hold the demo district; nothing was changed. A demo goes "
                "into an empty database of its own.",
            )
        )
    if not confirmed:
        raise LaunchTrouble(
            both(
                f"数据库 {database_name()} 中的演示城区及其中办过的一切都将清空。确定请运行 doorstep demo reset --yes。",
                f"Everything done in the demo district of the database {database_name()} will be gone. "
                "If that is meant: doorstep demo reset --yes",
            )
        )
    if is_embedded():
        _clone_over(database_name(), clock.today())
    else:
        _load_in_place()


def _may_be_emptied() -> bool:
    """The demo is in it, or on the embedded cluster nothing at all."""
    name = database_name()
    if is_embedded() and name not in databases.names(name):
        return True
    with databases.connect("owner") as connection:
        if connection.execute("SELECT to_regclass('setup.facts')").fetchone() != (None,) and any(
            databases.fact(connection, key) for key in ("demo_day", "demo_loading")
        ):
            return True
    return is_embedded() and _is_empty(name)


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
