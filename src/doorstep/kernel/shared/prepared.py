"""Queries of plain values that every request asks, composed once: to put a queryset together takes several times as long as
the database needs for a row found by its key.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from doorstep.kernel.shared.ready import ask


class Prepared:
    """`compose` of some values, a `values_list`, asked with others in their places: `stand_ins` are the values it is
    composed with, of the right types and unlike anything else in it."""

    def __init__(self, compose: Callable[..., QuerySet[Any, Any]], *stand_ins: Any) -> None:
        self._compose, self._stand_ins = compose, stand_ins

    @cached_property
    def _composed(self) -> tuple[str, list[Any], list[tuple[int, Any, Any]]]:
        """The statement, what fills it (the number of a value, or a constant), and how columns become values of Python."""
        compiler = self._compose(*self._stand_ins).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        fill = [_Place(self._stand_ins.index(one)) if one in self._stand_ins else one for one in params]
        missing = set(range(len(self._stand_ins))) - {one.number for one in fill if isinstance(one, _Place)}
        if missing:
            raise ValueError(f"these stand nowhere as they are: {sorted(missing)}: {sql}")
        found = compiler.get_converters([expression for expression, *_rest in compiler.select])
        return sql, fill, [(column, *how) for column, how in found.items()]

    def __call__(self, *values: Any) -> list[tuple[Any, ...]]:
        sql, fill, converters = self._composed
        rows = ask(sql, [values[one.number] if isinstance(one, _Place) else one for one in fill])
        if not converters:
            return rows
        return [self._converted(row, converters) for row in rows]

    def _converted(self, row: tuple[Any, ...], converters: list[tuple[int, Any, Any]]) -> tuple[Any, ...]:
        read = list(row)
        for column, steps, expression in converters:
            for step in steps:
                read[column] = step(read[column], expression, connection)
        return tuple(read)


class _Place:
    """Where a value goes, by its number."""

    def __init__(self, number: int) -> None:
        self.number = number
