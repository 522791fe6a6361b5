"""What is kept in the process is what stands in the database: for one's own writes, others' commits, and what is taken back."""

import threading
from importlib import import_module

import pytest
from django.db import connection, transaction

from doorstep.kernel.matters.models_deadlines import CalendarYear
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.kept import WHOLE, Kept, forget_old_writes, steady
from doorstep.kernel.shared.kept import _states as states

TABLE = "matters_calendaryear"


class Years:
    """Reads the years there are, and counts how often."""

    def __init__(self):
        self.reads = 0
        self.kept = Kept(self._read, TABLE)

    def _read(self, least):
        self.reads += 1
        return sorted(CalendarYear.objects.filter(year__gte=least).values_list("year", flat=True))

    def __call__(self, least=2100):
        return self.kept(least)


def add(year):
    CalendarYear.objects.create(year=year, document="演示", imported_at=clock.now())


@pytest.fixture
def years():
    return Years()


def test_it_is_read_once_and_again_after_a_write(db, years):
    assert years() == years() == [] and years.reads == 1
    add(2101)
    assert years() == [2101] and years.reads == 2
    assert years(2102) == [] and years(2102) == [] and years.reads == 3
    CalendarYear.objects.filter(year=2101).update(document="另一份")
    assert years() == [2101] and years.reads == 4


def test_what_is_taken_back_is_not_kept(db, years):
    for year in (2101, 2102):  # the second time, the transaction has written as often as the first
        with pytest.raises(RuntimeError), transaction.atomic():
            add(year)
            assert years() == [year]
            raise RuntimeError
        assert years() == []


def test_a_stretch_asks_once(db, years, django_assert_num_queries):
    years()
    with django_assert_num_queries(1), steady():
        years(), years(), years()
    with django_assert_num_queries(2):
        years(), years()


def test_old_lines_go_and_what_is_kept_is_read_anew(db, years):
    add(2101)
    add(2102)
    years()
    before = states()
    assert forget_old_writes() >= 2
    assert years() == [2101, 2102] and years.reads == 2
    assert states()[TABLE][0] == 1 and states()[TABLE][1] > before[TABLE][1]  # a state that was never there
    add(2103)
    assert years() == [2101, 2102, 2103]


def elsewhere(act):
    def run():
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_others_writes_show_when_they_commit_in_whatever_order(fresh_database, years):
    written, commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            add(2101)
            written.set()
            commit.wait(20)

    first = elsewhere(slow)
    assert written.wait(20)
    elsewhere(lambda: add(2102)).join(20)  # began later, commits first
    assert years() == [2102]
    commit.set()
    first.join(20)
    assert years() == [2101, 2102]


def test_every_kept_table_is_watched(db):
    for user in (
        "kernel.authority.selectors", "kernel.matters.hearers", "kernel.matters.selectors", "kernel.places.doors",
        "modules.requests.selectors", "surfaces.doorway.promises",
    ):  # fmt: skip
        import_module(f"doorstep.{user}")
    asked = {table for kept in Kept.all for table in kept.tables}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'kept_written'")
        watched = {table for (table,) in cursor.fetchall()}
    assert asked and asked <= watched


def test_another_question_brings_the_whole_along(db, years, django_assert_num_queries):
    years()
    with django_assert_num_queries(1), connection.cursor() as cursor, steady() as stretch:
        cursor.execute(f"SELECT 1, {WHOLE}", [])
        stretch.hear(cursor.fetchone()[1])
        assert years() == []
    add(2101)
    with connection.cursor() as cursor, steady() as stretch:
        cursor.execute(f"SELECT 1, {WHOLE}", [])
        stretch.hear(cursor.fetchone()[1])
        assert not stretch.knows  # a whole nobody has looked into yet
        assert years() == [2101]
