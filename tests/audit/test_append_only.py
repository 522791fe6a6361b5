"""Entries are written with their change and never changed after."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.audit.canonical import CONTENT, SIGNER, content_bytes
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import line
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.people.services import register_person
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.launch import databases

SYSTEM = system_actor("test")


@pytest.fixture
def entry(db) -> Entry:
    return record(SYSTEM, Act("test.act", Area(code="21"), "21", {"n": [1, 2.50], "z": "演示"}))


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal", "audit_checkpoint"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_application_role_has_no_right_to(entry, table, statement):
    column = {"audit_entry": "id", "audit_seal": "position", "audit_checkpoint": "id"}[table]
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement.format(table, column, column))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET action = ''", "DELETE FROM audit_entry", "TRUNCATE audit_entry CASCADE"],
)
def test_not_even_the_owner_may(fresh_database, statement):
    with transaction.atomic():
        record(SYSTEM, Act("test.act", Area(code="21"), "21"))
    with (
        databases.connect("owner", fresh_database) as owner,
        pytest.raises(Exception, match="audit rows are never changed"),
    ):
        owner.execute(statement)
    assert Entry.objects.count() == 1


def test_outside_a_transaction_nothing_is_recorded(fresh_database):
    with pytest.raises(RuntimeError, match="in the transaction of the change"):
        record(SYSTEM, Act("test.act", Area(code="21"), "21"))


def test_a_change_that_fails_leaves_no_entry(fresh_database):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(SYSTEM, Act("test.act", Area(code="21"), "21"))
        raise ZeroDivisionError
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"a": [None, "演示"]}, {"n": [0.1, 1.0, 1e21, -0.0, 10**30]}, {"b": [True, False, None]},
        {"deep": {"b": [1, {"c": "\u2028\\ \""}], "a": 1}},
    ],
)  # fmt: skip
def test_what_is_signed_is_what_the_database_gives_back(db, changes):
    made = record(SYSTEM, Act("test.act", Area(code="21"), "21", changes, person_ref=1))
    kept = Entry.objects.get(pk=made.pk)
    assert SIGNER.is_ours(content_bytes([getattr(kept, name) for name in CONTENT]), kept.mac)
    kept.action = "test.other"
    assert not SIGNER.is_ours(content_bytes([getattr(kept, name) for name in CONTENT]), kept.mac)


def test_columns_cannot_borrow_from_each_other():
    def content(**changed):
        known = {name: None for name in CONTENT} | {"changes": {}, "at": clock.now()}
        return content_bytes(list((known | changed).values()))

    with clock.fixed(dt.date(2026, 6, 1)):
        assert content(action="ab", target="c") != content(action="a", target="bc")


def test_a_thousand_are_written_as_one_is(db):
    person = register_person(actor=SYSTEM, name="演示甲", place_code="")
    acts = [
        Act(
            "test.act",
            Area(code="21"),
            "21",
            {"n": [None, n]},
            "visit",
            person.pk,
            words={"reason": "演示\t\\N"},
        )
        for n in range(1000)
    ]
    entries = record_many(SYSTEM, acts)
    assert len({entry.pk for entry in entries}) == 1000
    for kept in Entry.objects.filter(changes__n__1__gte=998).order_by("id"):
        assert kept.pk in {entry.pk for entry in entries[-2:]}
        assert SIGNER.is_ours(content_bytes([getattr(kept, name) for name in CONTENT]), kept.mac)
        assert (kept.purpose, kept.key_ref, kept.transaction > 0) == ("visit", person.pk, True)
        assert line(kept).words == {"reason": "演示\t\\N"}


def test_who_holds_no_post_is_not_named(db):
    entry = record(Actor(account_id=3, person_id=3, name="演示居民"), Act("test.act", Area(code="21"), "21"))
    assert line(entry).who == "" and entry.account_id == 3


@pytest.mark.parametrize(
    "odd",
    [
        {"purpose": "因演示甲要求"}, {"person_ref": 1, "changes": {"reason": "因演示甲要求"}},
        {"person_ref": 1, "changes": {"document": "演示甲"}}, {"personal": {"name": "演示甲"}},
    ],
)  # fmt: skip
def test_free_text_about_a_person_never_stands_in_clear(odd):
    with pytest.raises(ValueError, match=r"test\.act"):
        Act("test.act", Area(code="21"), "21", **odd)
