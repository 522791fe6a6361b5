"""Statements kept ready: values of every type arrive as they are, a failed one leaves the connection usable, and none is sent after
one that failed."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy
from psycopg.types.json import Jsonb

from doorstep.kernel.matters.models_deadlines import CalendarYear
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import FEW, insert_and_ask, insert_rows
from doorstep.kernel.shared.ready import ask, ask_all
from doorstep.launch import databases

KEY = uuid.UUID(int=7)
NOON = dt.datetime(2026, 6, 15, 12, 30, 1, 5, tzinfo=dt.UTC)
TYPED = [
    ("bigint", 2**40, 2**40), ("boolean", True, True), ("text", "家'门口\\", "家'门口\\"), ("text", gettext_lazy("示例"), "示例"),
    ("uuid", KEY, KEY), ("date", NOON.date(), NOON.date()), ("timestamptz", NOON, NOON), ("numeric", Decimal("1.50"), Decimal("1.50")),
    ("float8", 0.1, 0.1), ("bytea", b"\x00\xff", b"\x00\xff"), ("jsonb", Jsonb({"甲": [1, None]}), '{"甲": [1, null]}'),
    ("interval", dt.timedelta(days=1, seconds=2), dt.timedelta(days=1, seconds=2)), ("text", None, None),
    ("bigint[]", [1, 2], [1, 2]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "read"), TYPED)
def test_a_value_arrives_as_it_is(db, kind, value, read):
    assert ask(f"SELECT %s::{kind}", [value]) == [(read,)]


def test_what_cannot_be_written_is_told_at_once(db):
    with pytest.raises(TypeError, match="no way to write"):
        ask("SELECT %s::text", [object()])


def test_it_is_kept_once_whatever_the_numbers(db):
    for number in (1, 70_000, 2**40, None):
        ask("SELECT %s::bigint + 918273", [number])
    kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%918273%%' AND statement LIKE '%%bigint%%'"
    with connection.cursor() as cursor:
        cursor.execute(kept)
        assert cursor.fetchone() == (1,)


def test_after_a_failure_the_connection_goes_on(db):
    with pytest.raises(DataError), transaction.atomic():
        ask("SELECT %s::date", ["31 February"])
    assert ask("SELECT 1") == [(1,)]


def year(number, document="演示"):
    return CalendarYear(year=number, document=document, imported_at=clock.now())


def test_none_is_carried_out_after_one_that_failed(db):
    insert_rows([year(2101)])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_and_ask([year(2102), year(2101)], "SELECT 1", [])
    assert list(CalendarYear.objects.values_list("year", flat=True)) == [2101]
    assert ask_all([("SELECT 1", []), ("SELECT %s::bigint", [2])], keep=True) == [[(1,)], [(2,)]]


@pytest.mark.parametrize("number", [1, FEW, FEW + 1])
def test_rows_are_numbered_in_their_order(db, number):
    rows = [year(2101 + at, f"第{at}份") for at in range(number)]
    insert_rows(rows)
    assert [row.pk for row in rows] == [CalendarYear.objects.get(document=row.document).pk for row in rows]


@pytest.mark.parametrize(
    "asked", [lambda: ask("SELECT 1"), lambda: ask_all([("SELECT 1", [])], keep=True)[0]]
)
def test_a_connection_ended_by_the_database_is_made_anew_at_the_next_request(fresh_database, asked):
    assert asked() == [(1,)]
    with databases.connect("application", fresh_database) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    connection.close_if_unusable_or_obsolete()  # as Django does when a request begins
    assert asked() == [(1,)]
