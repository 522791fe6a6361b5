"""Statements kept ready: values of every type arrive as they are, a failed one leaves the connection usable, and none is sent after
one that failed."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext_lazy
from psycopg.types.json import Jsonb

from doorstep.kernel.matters.models_deadlines import CalendarYear
from doorstep.kernel.shared import clock, ready
from doorstep.kernel.shared.copying import FEW, in_one_message, insert_rows
from doorstep.kernel.shared.ready import ask
from doorstep.kernel.web.frame.outage import is_away
from doorstep.launch import databases

KEY = uuid.UUID(int=7)
NOON = dt.datetime(2026, 6, 15, 12, 30, 1, 5, tzinfo=dt.UTC)
TYPED = [
    ("bigint", 2**40, 2**40), ("boolean", True, True), ("text", "家'门口\\", "家'门口\\"), ("text", gettext_lazy("示例"), "示例"),
    ("uuid", KEY, KEY), ("date", NOON.date(), NOON.date()), ("timestamptz", NOON, NOON), ("numeric", Decimal("1.50"), Decimal("1.50")),
    ("float8", 0.1, 0.1), ("bytea", b"\x00\xff", b"\x00\xff"), ("jsonb", Jsonb({"甲": [1, None]}), '{"甲": [1, null]}'),
    ("interval", dt.timedelta(days=1, seconds=2), dt.timedelta(days=1, seconds=2)), ("text", None, None),
    ("bigint[]", [1, 2], [1, 2]), ("text[]", ["甲\"乙\\", "", None, "{,}"], ["甲\"乙\\", "", None, "{,}"]),
    ("bigint[]", [[1, None], [3, 4]], [[1, None], [3, 4]]), ("text[]", [], []),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "read"), TYPED)
def test_a_value_arrives_as_it_is(db, kind, value, read):
    assert ask(f"SELECT %s::{kind}", [value]) == [(read,)]


def test_what_cannot_be_written_is_told_at_once(db):
    with pytest.raises(TypeError, match="no way to write"):
        ask("SELECT %s::text", [object()])


def test_a_character_no_text_can_hold_is_refused_and_not_cut_off(db):
    with pytest.raises(DataError, match="NUL"):
        ask("SELECT %s::text", ["前\x00后"])


def test_a_sign_for_a_share_is_no_place_for_a_value(db):
    assert ask("SELECT 7 %% 4, %s::bigint, '%%s', %s::text", [1, "%s"]) == [(3, 1, "%s", "%s")]


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


def test_a_transaction_that_is_to_be_taken_back_takes_nothing_more(db):
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(transaction.TransactionManagementError):
            ask("SELECT 1")
    assert ask("SELECT 1") == [(1,)]


def test_beyond_some_number_the_oldest_goes(fresh_database, monkeypatch):
    monkeypatch.setattr(ready, "MOST", 3)
    for number in [*range(8), 0]:
        assert ask(f"SELECT {number} + 271828") == [(number + 271828,)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%%271828' ORDER BY prepare_time"
        )
        assert [row[0][7] for row in cursor.fetchall()] == ["6", "7", "0"]


def test_what_is_kept_outlives_a_transaction_that_is_taken_back(db):
    ask("SELECT 314159::bigint")
    with pytest.raises(DataError), transaction.atomic():
        ask("SELECT %s::date", ["31 February"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%314159%%' AND statement NOT LIKE '%%LIKE%%'"
        )
        assert cursor.fetchone() == (1,)
    assert ask("SELECT 314159::bigint") == [(314159,)]


def test_it_begins_a_transaction_where_one_is_asked_for(fresh_database):
    with transaction.atomic():
        assert ask("SELECT txid_current() = txid_current(), now() = now()") == [(True, True)]
        insert_rows([year(2101)])
        transaction.set_rollback(True)
    assert not CalendarYear.objects.exists()


def year(number, document="演示"):
    return CalendarYear(year=number, document=document, imported_at=clock.now())


@pytest.mark.parametrize("number", [1, FEW + 1])
def test_of_one_message_all_is_written_or_nothing(db, number):
    insert_rows([year(2101)])
    with pytest.raises(IntegrityError), transaction.atomic(), in_one_message():
        insert_rows([year(2102 + at) for at in range(number)])
        insert_rows([year(2101)])
    assert list(CalendarYear.objects.values_list("year", flat=True)) == [2101]
    assert ask("SELECT %s::bigint", [2]) == [(2,)]


@pytest.mark.parametrize("number", [1, FEW, FEW + 1])
def test_rows_are_numbered_in_their_order(db, number):
    rows = [year(2101 + at, f"第{at}份") for at in range(number)]
    insert_rows(rows)
    assert [row.pk for row in rows] == [CalendarYear.objects.get(document=row.document).pk for row in rows]


def test_a_connection_ended_by_the_database_is_made_anew_at_the_next_request(fresh_database):
    assert ask("SELECT 1") == [(1,)]
    with databases.connect("application", fresh_database) as other:
        # and wait for its end
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    connection.close_if_unusable_or_obsolete()  # as Django does when a request begins
    assert ask("SELECT 1") == [(1,)]


def test_a_connection_that_ends_under_a_statement_is_told_as_such(fresh_database):
    ask("SELECT 1")
    with databases.connect("application", fresh_database) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    with pytest.raises(OperationalError) as told:
        ask("SELECT 1")
    assert is_away(told.value)
