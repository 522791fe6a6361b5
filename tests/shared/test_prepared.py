"""A query that is composed once gives what the same queryset gives, for other values, and fails where it would not; and rows
that go to the database in one message."""

import datetime as dt

import pytest

from doorstep.kernel.matters.models_deadlines import CalendarDay, CalendarYear
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import in_one_message, insert_and_ask, insert_once, insert_rows
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


def test_of_two_rows_of_one_key_the_first_is_written(db):
    world = making.build()
    first = reported(world).matter
    again = type(first)(**{
        field.attname: getattr(first, field.attname) for field in first._meta.concrete_fields if not field.generated
    })  # fmt: skip
    again.pk = None
    assert not insert_once(again, "key") and again.pk is None


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


def test_a_question_goes_along(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = insert_and_ask(
            [year(2101), year(2102)], "SELECT year FROM matters_calendaryear WHERE year > %s", [2101]
        )
    assert found == [(2102,)]
