"""Rules over values: any history of minutes stays within its caps; months, quarters, milestones, hours in words."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.modules.volunteering.rules import (
    Caps,
    counted,
    hours_text,
    last_of_quarter,
    months_after,
    points_of,
    quarter_of,
    reached,
    served_minutes,
)

CAPS = Caps(240, 480, 900)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1500)), max_size=30))
def test_no_history_exceeds_a_cap_and_none_is_cut_without_need(history):
    days: dict[int, int] = {}
    for day, attended in history:
        of_day, of_month = days.get(day, 0), sum(days.values())
        minutes, cut = counted(attended, of_day, of_month, CAPS)
        assert 0 <= minutes <= attended and minutes <= 240
        assert (cut == "") == (minutes == attended)
        if cut:
            assert minutes in (240, 480 - of_day, 900 - of_month)
        days[day] = of_day + minutes
    assert all(minutes <= 480 for minutes in days.values()) and sum(days.values()) <= 900


def test_only_the_announced_time_is_served():
    def at(hour, minute=0):
        return dt.datetime(2026, 6, 1, hour, minute, tzinfo=dt.UTC)

    assert served_minutes(at(8, 30), at(11, 45), at(9), at(11)) == 120
    assert served_minutes(at(9, 10), at(10), at(9), at(11)) == 50
    assert served_minutes(at(8), at(8, 50), at(9), at(11)) == 0


@pytest.mark.parametrize(
    "minutes, rate, points", [(60, 10, 10), (59, 10, 9), (5, 10, 0), (90, 1, 1), (0, 10, 0)]
)
def test_points_are_whole(minutes, rate, points):
    assert points_of(minutes, rate) == points


def test_calendar():
    assert months_after(dt.date(2024, 8, 31), 6) == dt.date(2025, 2, 28)
    assert months_after(dt.date(2026, 12, 1), 1) == dt.date(2027, 1, 1)
    assert quarter_of(dt.date(2026, 6, 15)) == dt.date(2026, 4, 1)
    assert last_of_quarter(dt.date(2026, 10, 1)) == dt.date(2026, 12, 31)


def test_milestones_and_hours():
    steps = [50, 100, 200]
    assert reached(49 * 60 + 59, steps) == (0, 50)
    assert reached(50 * 60, steps) == (50, 100)
    assert reached(999 * 60, steps) == (200, None)
    assert [hours_text(107, step) for step in (6, 30, 60)] == ["1.7", "1.5", "1"]
