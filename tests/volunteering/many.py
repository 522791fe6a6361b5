"""Many rows like one, and how the database then finds what is asked for."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import QuerySet

from doorstep.launch import databases

MANY = 20_000


def written_again(table: str, like: int, changed: dict[str, str]) -> None:
    """MANY rows as the one of this key, but for what is changed (SQL; `n` counts from 1)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")
        columns = [column.name for column in cursor.description if column.name != "id"]
        named = ", ".join(f'"{column}"' for column in columns)
        taken = ", ".join(changed.get(column, f't."{column}"') for column in columns)
        rows = f"SELECT {taken} FROM {table} t, generate_series(1, {MANY}) n WHERE t.id = %s"
        cursor.execute(f"INSERT INTO {table} ({named}) {rows}", [like])


def gathered(database: str) -> None:
    """The planner knows the rows."""
    with databases.connect("owner", database) as owner:
        owner.execute("VACUUM ANALYZE")


def plan(rows: QuerySet[Any]) -> str:
    return rows.explain(analyze=True, buffers=True)
