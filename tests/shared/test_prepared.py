"""A query that is composed once gives what the same queryset gives, for other values, and fails where it would not; and rows
that go to the database in one message."""

import datetime as dt
import uuid

import pytest
from django.db import DataError, transaction

from doorstep.kernel.matters.models import History
from doorstep.kernel.matters.models_deadlines import CalendarDay, CalendarYear
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import in_one_message, insert_rows
from doorstep.kernel.shared.prepared import Prepared
from tests.requests import world as making
from tests.requests.world import reported

BETWEEN = Prepared(
    lambda least, most: CalendarYear.objects.filter(year__gte=least, year__lt=most).values_list("year", "document"),
    1001, 1002,
)  # fmt: skip


def test_it_gives_what_the_queryset_gives(db, django_assert_num_queries):
    for year in (2101, 2102, 2103):
        CalendarYear.objects.create(year=year, document=f"第{year}年", imported_at=clock.now())
    with django_assert_num_queries(2):
        assert sorted(BETWEEN(2101, 2103)) == [(2101, "第2101年"), (2102, "第2102年")]
        assert BETWEEN(2104, 2200) == []


def test_values_are_read_as_fields_read_them(db):
    outlined = Prepared(
        lambda pk: making.Building.objects.filter(pk=pk).values_list("outline", "name"), 918273645
    )
    making.build()
    building = making.Building.objects.get()
    building.outline = {"type": "Polygon", "coordinates": []}
    building.save()
    assert outlined(building.pk) == [(building.outline, building.name)]


def test_a_value_that_is_lost_in_composing_is_told_of(db):
    upper = Prepared(lambda code: Area.objects.filter(code__startswith=code).values_list("code"), "12")
    with pytest.raises(ValueError, match="stand nowhere"):
        upper("21")


def test_of_two_rows_of_one_key_the_first_is_written_and_nothing_beside_the_other(db):
    world = making.build()
    first = reported(world).matter
    again = type(first)(**{
        field.attname: getattr(first, field.attname) for field in first._meta.concrete_fields if not field.generated
    })  # fmt: skip
    again.pk = first.pk + 1
    with in_one_message(once=again, unique="key") as message:
        insert_rows([year(2101)])
        insert_rows(days(2101))
    assert not message.is_written and again._state.adding
    assert not CalendarYear.objects.exists() and not CalendarDay.objects.exists()
    again.key = uuid.uuid4()
    with in_one_message(once=again, unique="key") as message:
        insert_rows([History(matter=again, number=1, name="open", target=again.state, at=again.opened_at)])
        insert_rows([year(2101)])
        insert_rows(days(2101))
    assert message.is_written and not again._state.adding
    assert CalendarYear.objects.count() == 1 and CalendarDay.objects.count() == 2


def test_what_is_too_long_is_refused_beside_another_too(db):
    world = making.build()
    first = reported(world).matter
    first.pk, first.key = first.pk + 1, uuid.uuid4()
    with (
        pytest.raises(DataError, match="too long"),
        transaction.atomic(),
        in_one_message(once=first, unique="key"),
    ):
        insert_rows([CalendarYear(year=2101, document="文" * 81, imported_at=clock.now())])


def year(number):
    return CalendarYear(year=number, document="演示", imported_at=clock.now())


def days(number):
    return [CalendarDay(year_id=number, day=dt.date(number, 1, day), is_working=False) for day in (1, 2)]


def test_rows_of_several_models_go_in_one_message(db, django_assert_num_queries):
    rows = days(2101)
    with django_assert_num_queries(1), in_one_message():
        insert_rows([year(2101)])
        insert_rows([])
        insert_rows(rows)
        assert rows[0]._state.adding
    assert not rows[0]._state.adding
    assert [row.pk for row in rows] == list(CalendarDay.objects.order_by("day").values_list("pk", flat=True))


def test_nothing_is_written_of_a_message_that_was_not_finished(db):
    with pytest.raises(RuntimeError), in_one_message():
        insert_rows([year(2101)])
        raise RuntimeError
    assert not CalendarYear.objects.exists()
    insert_rows([year(2102)])  # and the next one is written at once
    assert CalendarYear.objects.count() == 1


def test_a_statement_goes_along_that_reads_what_was_written(db, django_assert_num_queries):
    then = """INSERT INTO matters_calendarday (day, year_id, is_working, name)
        SELECT make_date(own.year, %s::int, 1), own.year, false, own.document FROM {written} own"""
    with django_assert_num_queries(1):
        insert_rows([year(2101), year(2102)], then, [5])
    assert list(CalendarDay.objects.order_by("day").values_list("day", "name")) == [
        (dt.date(2101, 5, 1), "演示"), (dt.date(2102, 5, 1), "演示"),
    ]  # fmt: skip
