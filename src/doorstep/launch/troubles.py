"""Trouble told in words: what it is and what to do. What nobody at a terminal can mend keeps its traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import psycopg

from doorstep.launch.databases import unreachable
from doorstep.launch.messages import LaunchTrouble, both
from doorstep.launch.postgres import DatabaseTrouble

UNPREPARED = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.InsufficientPrivilege,
)


def told(action: Callable[[], int]) -> int:
    """Do it; trouble is said on standard error, with status 1."""
    try:
        return action()
    except Exception as error:
        words = in_words(error)
        if words is None:
            raise
        print(f"\n{words}", file=sys.stderr)
        return 1


def in_words(error: BaseException) -> str | None:
    """What went wrong and what to do, in Chinese and English; None where it is a fault of the program."""
    if isinstance(error, LaunchTrouble | DatabaseTrouble):
        return str(error)
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if isinstance(cause, UNPREPARED):
        return both(
            f"数据库还没有准备好，或应用角色没有权限：{cause}\n请先运行 doorstep manage migrate。",
            "The database is not prepared, or the application's role has no right to it. First: doorstep manage migrate",
        )
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        if cause.sqlstate is None:
            return str(unreachable(os.environ.get("DOORSTEP_DB_ROLE", "application"), cause))
        return both(
            f"数据库没有做完这一步：{cause}\n请看数据库的日志，解决后再运行一次。",
            "The database gave up on this; see its log, then try again.",
        )
    return None
