"""An indicator as SQL. Building a queryset costs half a millisecond each: it is done once and its statement kept.

What is kept must hold for every place and every day. So it is compiled with blanks for them, which nothing in Python
can look into: rows that depend on the day in any other way than by comparing it with a column (a rule of that day, a
month earlier, a query asked on the way) fail on the blank, and are built anew each time. What comes of the blanks is
then held against two scopes built plainly. It is kept for one day, because rows may ask for today.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.core.signals import setting_changed
from django.db import connection
from django.db.models import CharField, DateField, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Substr
from django.dispatch import receiver

from doorstep.kernel.declarations.indicators import Indicator, Scope
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import after_subtree, within


class Slot(Enum):
    """What differs between two askings of one statement: where its parameters come from."""

    NUMBER = "number"
    PLACE = "place"
    AFTER = "after"
    ON = "on"
    SINCE = "since"


class LookedInto(Exception):
    """Somebody wanted to know, while a statement to be kept was built, what only its asking will tell."""


class Gap(Value):
    """A parameter that is filled in when the statement is asked."""

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self.value]


class Blank(Gap):
    """Stands for a value of the scope. It can be compared with columns, in the database, and nothing else."""

    def __bool__(self) -> bool:
        return True  # as a day and a code are, whichever they are

    def _refuse(self, *_arguments: Any, **_options: Any) -> Any:
        raise LookedInto

    _combine = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _refuse
    __str__ = __repr__ = __len__ = __getitem__ = _refuse  # formatting, iteration and `in` ask these


NUMBER = Gap(Slot.NUMBER, IntegerField())
PLACE, AFTER = Blank(Slot.PLACE, CharField()), Blank(Slot.AFTER, CharField())
BLANKS: Any = Scope(PLACE, Blank(Slot.ON, DateField()), Blank(Slot.SINCE, DateField()))  # type: ignore[arg-type]  # they stand for these
PLAIN = (
    Scope("210202", dt.date(2026, 6, 15), dt.date(2025, 3, 31)),
    Scope("990101001001", dt.date(1999, 12, 31), dt.date(1951, 2, 1)),
)
PLAIN_GRIDS = tuple(replace(scope, place_code=f"{scope.place_code:0<15}") for scope in PLAIN)


@dataclass(frozen=True)
class Statement:
    """SQL that gives (number, value), or (number, code, value) by places, or, where there are no rows, nothing; `sql` is empty where none can be."""

    sql: str
    params: tuple[Any, ...] = ()
    convert: Callable[[Any], Any] = lambda raw: raw

    def filled(self, number: int, scope: Scope) -> list[Any]:
        """Its parameters for this scope."""
        values = {
            Slot.NUMBER: number, Slot.PLACE: scope.place_code, Slot.AFTER: after_subtree(scope.place_code),
            Slot.ON: scope.on, Slot.SINCE: scope.since,
        }  # fmt: skip
        return [values[one] if type(one) is Slot else one for one in self.params]


def rows_of(subject: Indicator, scope: Scope) -> QuerySet[Any]:
    """The rows that make the figure in that scope."""
    field = subject.placed_by(len(scope.place_code))
    return subject.rows(scope).filter(within(field, [scope.place_code]))


def statement_of(subject: Indicator, scope: Scope, digits: int = 0) -> Statement:
    """The statement that measures the indicator in that scope; kept where that is safe. `digits`: by so many digits of the
    place code, so that it gives (number, code, value) for each place that has rows."""
    connection.ensure_connection()  # its first statements are no question of the rows
    field = subject.placed_by(len(scope.place_code)) if scope.place_code else ""
    kept = _kept(subject, field, digits, clock.today())
    return kept or _compiled(subject, rows_of(subject, scope), digits)


@lru_cache(maxsize=4096)
def _kept(subject: Indicator, field: str, digits: int, _today: dt.date) -> Statement | None:
    """The statement for every scope that this field narrows ("": for everywhere), or None where the rows need to know
    more than columns tell."""
    try:
        with connection.execute_wrapper(_no_query):
            return _with_blanks(subject, field, digits)
    except Exception:  # whatever came of looking into a blank: the rows are built plainly instead
        return None


def _with_blanks(subject: Indicator, field: str, digits: int) -> Statement | None:
    if field:
        inside = Q(**{f"{field}__gte": PLACE, f"{field}__lt": AFTER})
        rows = subject.rows(BLANKS).filter(Q(pk__in=[]) | inside)  # as within() has it
    else:
        rows = rows_of(subject, replace(BLANKS, place_code=""))
    kept = _compiled(subject, rows, digits)
    for scope in _plain(subject, field):
        plain = _compiled(subject, rows_of(subject, scope), digits)
        if (plain.sql, plain.filled(0, scope)) != (kept.sql, kept.filled(0, scope)):
            return None
    return kept


def _plain(subject: Indicator, field: str) -> list[Scope]:
    """Two scopes that this field narrows."""
    if not field:
        return [replace(scope, place_code="") for scope in PLAIN]
    return [each for each in (*PLAIN, *PLAIN_GRIDS) if subject.placed_by(len(each.place_code)) == field]


def _no_query(*_arguments: Any) -> Any:
    raise LookedInto


def _compiled(subject: Indicator, rows: QuerySet[Any], digits: int) -> Statement:
    keys = ["measurement"]
    grouped = rows.order_by().annotate(measurement=NUMBER)
    if digits:
        keys.append("part_code")
        grouped = grouped.annotate(part_code=Substr(subject.placed_by(digits), 1, digits))
    measured = grouped.values(*keys).annotate(measured=subject.aggregate).values_list(*keys, "measured")
    compiler = measured.query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return Statement("")
    found = compiler.get_converters([compiler.select[-1][0]])

    def convert(raw: Any) -> Any:
        for converters, expression in found.values():
            for converter in converters:
                raw = converter(raw, expression, connection)
        return raw

    return Statement(sql, tuple(params), convert)


@receiver(setting_changed)
def _forget(**_change: Any) -> None:
    """Rows may have read the setting."""
    _kept.cache_clear()
