"""Counting on the official calendar, against a slow count day by day made from the definition (Civil Code 201-203)."""

import datetime as dt

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.matters.working_days import Calendar, due_after, last_day, recounted, resumed
from doorstep.kernel.shared.clock import DISTRICT_ZONE

DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2028, 12, 31)
days = st.dates(FIRST, dt.date(2027, 12, 31))
instants = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 12, 1), timezones=st.just(dt.UTC))
# A published list of days that differ, as wild as may be; three years are known by it.
calendars = st.dictionaries(days, st.booleans(), max_size=120).map(
    lambda adjusted: Calendar(adjusted=adjusted, imported_years=frozenset({2026, 2027, 2028}))
)
amounts = st.integers(1, 40)


def is_working(day, calendar):
    """The definition: what the list says of the day, else Monday to Friday."""
    return calendar.adjusted.get(day, day.isoweekday() <= 5)


def slow_last(start, amount, measure, calendar):
    """The last day of a term, walked day by day; the day it begins on is not counted."""
    day = start.astimezone(DISTRICT_ZONE).date()
    counted = 0
    while counted < amount:
        day += DAY
        counted += is_working(day, calendar) if measure == "working_days" else 1
    while measure == "natural_days" and not is_working(day, calendar):
        day += DAY
    return day


def midnight_after(day):
    return dt.datetime(day.year, day.month, day.day, 16, tzinfo=dt.UTC)  # 24:00 in the district


@given(instants, amounts, st.sampled_from(["working_days", "natural_days"]), calendars)
def test_a_term_in_days(start, amount, measure, calendar):
    due = due_after(start, amount, measure, calendar)
    last = slow_last(start, amount, measure, calendar)
    assert (due.at, due.provisional) == (midnight_after(last), False)
    assert last_day(due.at) == last and due.at > start


@given(instants, st.integers(1, 500), calendars)
def test_a_term_in_hours_looks_at_no_calendar(start, amount, calendar):
    due = due_after(start, amount, "hours", calendar)
    assert (due.at - start, due.provisional) == (dt.timedelta(hours=amount), False)


pauses = st.lists(st.tuples(st.integers(0, 20 * 24), st.integers(0, 20 * 24)), max_size=4)


def as_instants(start, lengths):
    """Pauses one after the other: hours until each begins, and hours that it lasts."""
    found, at = [], start
    for before, lasting in lengths:
        began = at + dt.timedelta(hours=before)
        at = began + dt.timedelta(hours=lasting)
        found.append((began, at))
    return found


def slow_working_days(start, amount, stops, calendar):
    """Walked day by day: a day counts if it is a working day, after the start, and outside every pause; the day a
    pause begins on is the last before it, the day it ends on is not counted again. What was stopped on its last day
    or later is owed on the day it goes on."""
    day = start.astimezone(DISTRICT_ZONE).date()
    counted = 0
    for began, ended in stops:
        stopped, goes_on = (one.astimezone(DISTRICT_ZONE).date() for one in (began, ended))
        while day < stopped and counted < amount:
            day += DAY
            counted += is_working(day, calendar)
        day = goes_on
    while counted < amount:
        day += DAY
        counted += is_working(day, calendar)
    return day


@given(instants, amounts, pauses, calendars)
def test_what_was_left_before_a_pause_is_left_after_it(start, amount, lengths, calendar):
    stops = as_instants(start, lengths)
    due = recounted(start, amount, "working_days", stops, calendar)
    assert last_day(due.at) == slow_working_days(start, amount, stops, calendar)
    assert due == recounted(start, amount, "working_days", stops, calendar)


@given(instants, amounts, pauses, st.sampled_from(["hours", "working_days", "natural_days"]), calendars)
def test_a_pause_never_shortens_a_term(start, amount, lengths, measure, calendar):
    at = recounted(start, amount, measure, [], calendar).at
    for began, ended in as_instants(start, lengths):
        if began > at:
            break
        later = resumed(at, began, ended, measure, calendar).at
        assert later >= at
        if measure == "hours":
            assert later - at == ended - began
        at = later


@given(instants, st.integers(1, 40), calendars)
def test_the_end_of_natural_days_is_a_working_day(start, amount, calendar):
    last = last_day(due_after(start, amount, "natural_days", calendar).at)
    assert is_working(last, calendar)


MADE_UP = sorted(
    day
    for day in (FIRST + DAY * number for number in range(365))
    if day.weekday() >= 5 and chinese_calendar.is_workday(day)
)


def test_2026_has_the_published_days_made_up_for():
    assert [day.isoformat() for day in MADE_UP] == [
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
    ]  # fmt: skip


@pytest.mark.parametrize("day", MADE_UP)
def test_a_weekend_day_made_up_for_is_a_working_day(day):
    start = dt.datetime.combine(day - DAY, dt.time(10), DISTRICT_ZONE)
    assert last_day(due_after(start, 1, "working_days", Calendar()).at) == day
    assert last_day(due_after(start, 1, "natural_days", Calendar()).at) == day


@pytest.mark.parametrize(
    ("start", "amount", "measure", "last"),
    [
        ("2026-09-30 23:59", 1, "working_days", "2026-10-08"),  # seven days of the National Day between
        ("2026-09-30 23:59", 3, "working_days", "2026-10-10"),  # Saturday, made up
        ("2026-09-24 09:00", 7, "natural_days", "2026-10-08"),  # ends on 1 October, rolls behind the holiday
        ("2026-06-18 08:00", 1, "working_days", "2026-06-22"),  # Friday is the Dragon Boat Festival
        ("2026-02-13 17:00", 2, "working_days", "2026-02-24"),  # Saturday made up, then the Spring Festival
    ],
)
def test_known_terms_of_2026(start, amount, measure, last):
    begun = dt.datetime.fromisoformat(start).replace(tzinfo=DISTRICT_ZONE)
    due = due_after(begun, amount, measure, Calendar())
    assert (last_day(due.at).isoformat(), due.provisional) == (last, False)


def test_beyond_the_published_year_weekends_alone_count():
    begun = dt.datetime(2026, 12, 31, 10, tzinfo=DISTRICT_ZONE)
    due = due_after(begun, 1, "working_days", Calendar())
    assert (last_day(due.at), due.provisional) == (dt.date(2027, 1, 1), True)
    assert due_after(begun, 5, "hours", Calendar()).provisional is False
    known = Calendar(adjusted={dt.date(2027, 1, 1): False}, imported_years=frozenset({2027}))
    due = due_after(begun, 1, "working_days", known)
    assert (last_day(due.at), due.provisional) == (dt.date(2027, 1, 4), False)


def test_a_term_through_an_unpublished_year_is_provisional_even_if_its_end_is_known():
    known = Calendar(imported_years=frozenset({2028}))
    begun = dt.datetime(2027, 12, 31, 10, tzinfo=DISTRICT_ZONE)
    assert due_after(begun, 3, "working_days", known).provisional is False  # counts days of 2028 alone
    before = dt.datetime(2027, 12, 30, 10, tzinfo=DISTRICT_ZONE)
    assert due_after(before, 3, "working_days", known).provisional is True


def test_noon_in_greenwich_is_evening_in_the_district():
    late = dt.datetime(2026, 6, 15, 16, 30, tzinfo=dt.UTC)  # half past midnight of the 16th
    assert last_day(due_after(late, 1, "natural_days", Calendar()).at) == dt.date(2026, 6, 17)
