"""Rhythms and periods over values alone: which days there are, and which cannot be."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.obligations.rules import (
    Fault,
    Terms,
    WorkingDays,
    due_days,
    hours_fault,
    periods_of,
    quorum_met,
    rhythm_fault,
)

DAY = dt.date.fromisoformat
WEEKDAYS = WorkingDays(lambda day: day.weekday() < 5, lambda first, last: last.year <= 2026)
MONTHLY, QUARTERLY = "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"


def ends(rows) -> list[str]:
    return [row.ends_on.isoformat() for row in rows]


@pytest.mark.parametrize(
    ("rhythm", "fault"),
    [
        (MONTHLY, None), (QUARTERLY, None), ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", None), ("FREQ=WEEKLY;BYDAY=FR", None),
        ("FREQ=MONTHLY;BYDAY=1MO", None), ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", None), ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", None),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", Fault("never", month=2, day=31)),
        ("FREQ=MONTHLY;BYMONTHDAY=31", Fault("gaps", month=2, day=31)),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", Fault("gaps", month=2, day=29)),
        ("FREQ=MONTHLY;BYMONTHDAY=15;BYDAY=MO", Fault("mixed")), ("FREQ=MONTHLY;BYMONTHDAY=1;UNTIL=20270101", Fault("part", part="UNTIL")),
        ("FREQ=MONTHLY;BYDAY=5FR", Fault("syntax")), ("FREQ=MONTHLY;BYDAY=MO", Fault("syntax")), ("FREQ=DAILY", Fault("syntax")),
        ("每月一次", Fault("syntax")), ("", Fault("syntax")), ("FREQ=MONTHLY;FREQ=YEARLY", Fault("syntax")),
        ("FREQ=MONTHLY;BYMONTHDAY=1,2", Fault("syntax")), ("FREQ=MONTHLY;INTERVAL=0;BYMONTHDAY=1", Fault("syntax")),
        ("FREQ=MONTHLY;BYMONTH=13;BYMONTHDAY=1", Fault("syntax")), ("freq=monthly;bymonthday=1", Fault("syntax")),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=3;BYMONTHDAY=-1", Fault("rare")),  # counted from January: March never comes
        ("FREQ=YEARLY;INTERVAL=30;BYMONTH=12;BYMONTHDAY=31", Fault("rare")),  # once in 30 years: no period is ever derived
        ("FREQ=YEARLY;INTERVAL=5;BYMONTH=12;BYMONTHDAY=31", None), ("FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1", None),
        ("FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=2", Fault("syntax")),  # one first Monday, never a second of them
        ("FREQ=WEEKLY;INTERVAL=4;BYMONTHDAY=15", Fault("weekly")),  # of some months, in silence
        ("FREQ=MONTHLY;INTERVAL=2;BYMONTH=1,2,3;BYMONTHDAY=-1", Fault("uneven")),  # February never
    ],
)  # fmt: skip
def test_a_rhythm_that_cannot_be_is_named(rhythm: str, fault: Fault | None) -> None:
    assert rhythm_fault(rhythm) == fault


@given(
    st.sampled_from(["WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 12),
    st.integers(-31, 31),
    st.integers(1, 4),
)
def test_whatever_is_let_through_comes_every_year_it_should(
    freq: str, month: int, day: int, interval: int
) -> None:
    rhythm = (
        f"FREQ={freq};INTERVAL={interval};BYMONTH={month};BYMONTHDAY={day}"
        if freq != "WEEKLY"
        else "FREQ=WEEKLY;BYDAY=TU"
    )
    if freq == "MONTHLY":
        rhythm = f"FREQ=MONTHLY;INTERVAL={interval};BYMONTHDAY={day}"
    if rhythm_fault(rhythm) is None:
        found = due_days(rhythm, dt.date(2024, 1, 1), dt.date(2031, 12, 31))
        assert found and len({(one.year, one.month) for one in found}) >= 8 // interval


def test_periods_follow_one_another_without_gap_and_end_on_working_days() -> None:
    rows = periods_of(
        [Terms(1, MONTHLY, DAY("2026-01-01"), roll="after", grace=2)], DAY("2026-12-31"), WEEKDAYS
    )
    assert len(rows) == 12
    assert all(
        after.starts_on == row.ends_on + dt.timedelta(days=1) for row, after in itertools.pairwise(rows)
    )
    january, may = rows[0], rows[4]
    assert (january.due_on, january.closes_on) == (
        DAY("2026-02-02"),
        DAY("2026-02-04"),
    )  # 31 January is a Saturday
    assert (may.due_on, may.closes_on, may.mends_until) == (
        DAY("2026-06-01"),
        DAY("2026-06-03"),
        rows[5].closes_on,
    )
    assert rows[-1].provisional and not rows[0].provisional  # its grace runs into a year not yet published
    (before,) = periods_of(
        [Terms(1, MONTHLY, DAY("2026-05-01"), roll="before", window=7)], DAY("2026-05-31"), WEEKDAYS
    )
    assert (before.due_on, before.opens_on) == (DAY("2026-05-29"), DAY("2026-05-23"))


def test_a_rule_changed_in_mid_period_finishes_what_has_begun() -> None:
    """Quarterly until 14 February, monthly from then: the first quarter is finished, April is the first month."""
    changed = DAY("2026-02-15")
    old, new = Terms(1, QUARTERLY, DAY("2026-01-01"), changed), Terms(2, MONTHLY, changed)
    rows = periods_of([new, old], DAY("2026-06-30"), WEEKDAYS)
    assert [(row.rule_id, row.ends_on.isoformat()) for row in rows] == [
        (1, "2026-03-31"), (2, "2026-04-30"), (2, "2026-05-31"), (2, "2026-06-30"),
    ]  # fmt: skip
    back = periods_of(
        [Terms(1, MONTHLY, DAY("2026-01-01"), changed), Terms(2, QUARTERLY, changed)],
        DAY("2026-06-30"),
        WEEKDAYS,
    )
    assert ends(back) == ["2026-01-31", "2026-02-28", "2026-06-30"]


def test_a_rule_that_ends_asks_for_no_period_it_does_not_hold_to_the_end() -> None:
    ended = Terms(1, QUARTERLY, DAY("2026-02-01"), DAY("2026-08-15"))
    assert ends(periods_of([ended], DAY("2027-12-31"), WEEKDAYS)) == [
        "2026-06-30"
    ]  # from its first whole quarter
    again = Terms(2, QUARTERLY, DAY("2026-10-01"))
    assert ends(periods_of([ended, again], DAY("2026-12-31"), WEEKDAYS)) == ["2026-06-30", "2026-12-31"]


def test_quorum_is_more_than_the_share_and_a_meeting_is_over_before_it_is_minuted() -> None:
    assert quorum_met(11, 20, 0.5) and not quorum_met(10, 20, 0.5) and not quorum_met(0, 0, 0.5)
    now = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
    hour = dt.timedelta(hours=1)
    assert hours_fault(now - hour, now, now) == ""
    assert hours_fault(now, now, now) == "order"
    assert hours_fault(now - 13 * hour, now, now) == "long"
    assert hours_fault(now, now + hour, now) == "future"
