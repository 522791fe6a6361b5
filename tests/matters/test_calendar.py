"""Beyond the published year a promise is provisional, counted by weekends alone, until an officer imports that year."""

import datetime as dt

import pytest

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import CalendarDay, CalendarYear, Deadline, History, Matter
from doorstep.kernel.matters.services_calendar import (
    CalendarRow,
    YearRefused,
    import_year,
    problems_of,
    settle_counted_in,
    settle_stragglers,
)
from doorstep.kernel.matters.services_deadlines import extend_deadline
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from tests.matters.world import opened, step

# Plainly made up, in the form of a published list: the year 2027 is not published yet.
OFF = [
    *[(1, 1, "元旦"), (1, 2, "元旦"), (1, 3, "元旦")], *[(2, day, "春节") for day in range(5, 13)],
    *[(4, day, "清明节") for day in (3, 4, 5)], *[(5, day, "劳动节") for day in range(1, 6)],
    (6, 9, "端午节"), (9, 15, "中秋节"), *[(10, day, "国庆节") for day in range(1, 8)],
]  # fmt: skip
MADE_UP = [(1, 24), (2, 20), (4, 25), (5, 8), (9, 19), (10, 9)]


def list_of(year=2027, without=()):
    days = [(dt.date(year, month, day), False, name) for month, day, name in OFF]
    days += [(dt.date(year, month, day), True, "调休上班") for month, day in MADE_UP]
    return [
        CalendarRow(number, day, working, name)
        for number, (day, working, name) in enumerate(days, start=2)
        if day not in without
    ]


def imported(world, **more):
    values = {"actor": world["district"], "year": 2027, "document": "演示〔2026〕7号", "rows": list_of()}
    return import_year(**(values | more))


@pytest.fixture
def december(world):
    with clock.fixed(dt.date(2026, 12, 30)):
        yield world


def test_beyond_the_published_year_it_is_provisional_then_settled(december):
    matter = opened(december)  # Wednesday 2026-12-30; seven natural days end on Wednesday 2027-01-06
    urgent = opened(december, urgency="urgent")  # three working days: 31 December, then two by weekends alone
    known = opened(december, urgency="emergency")
    row = Deadline.objects.get(matter=urgent, clock="resolve")
    assert (row.provisional, row.due_at) == (True, dt.datetime(2027, 1, 4, 16, tzinfo=dt.UTC))
    assert Matter.objects.get(pk=known.pk).due_is_provisional is False
    first = Deadline.objects.get(matter=matter, clock="resolve")
    assert first.provisional and first.due_at == dt.datetime(2027, 1, 6, 16, tzinfo=dt.UTC)

    assert imported(december) is True
    row.refresh_from_db()
    assert row.provisional, "the list alone moves nothing; the task does"
    settle_counted_in(2027)
    row.refresh_from_db()
    # 1 January is a holiday on a Friday: 31 December, Monday 4, Tuesday 5
    assert (row.provisional, row.due_at) == (False, dt.datetime(2027, 1, 5, 16, tzinfo=dt.UTC))
    assert row.first_due_at == dt.datetime(2027, 1, 4, 16, tzinfo=dt.UTC)
    first.refresh_from_db()
    assert (first.provisional, first.due_at) == (False, dt.datetime(2027, 1, 6, 16, tzinfo=dt.UTC))
    told = History.objects.get(matter=urgent, name="settle")
    assert told.source == told.target == "reported" and "核定" in told.note
    assert told.data == {"settled": {"resolve": ["2027-01-04", "2027-01-05"]}}
    assert not History.objects.filter(matter=known, name="settle").exists()
    assert Entry.objects.filter(action="request.settle", target_id=str(urgent.pk)).count() == 1
    assert settle_counted_in(2027) == 0 and settle_stragglers() == 0


def test_settled_through_its_pauses(december):
    matter = opened(december, urgency="urgent")
    step(december, "worker", matter, "accept")
    with clock.fixed(dt.date(2026, 12, 31)):
        step(december, "worker", matter, "suspend", note="等配件", until=dt.date(2027, 1, 15))
    with clock.fixed(dt.date(2027, 1, 7)):
        step(december, "worker", matter, "resume")
        row = Deadline.objects.get(matter=matter, clock="resolve")
        # stopped on Thursday 31 with two working days left (Friday, Monday by weekends alone)
        assert row.provisional and row.due_at == dt.datetime(2027, 1, 11, 16, tzinfo=dt.UTC)
        imported(december)
        settle_counted_in(2027)
    row.refresh_from_db()
    # by the published list Friday was off, so Monday 4 and Tuesday 5 were left: Friday 8 and Monday 11
    assert (row.provisional, row.due_at) == (False, dt.datetime(2027, 1, 11, 16, tzinfo=dt.UTC))


def test_a_day_given_by_a_person_stays(december):
    matter = opened(december)
    extend_deadline(
        actor=december["street"], matter_id=matter.pk, due_day=dt.date(2027, 2, 8), explanation="等材料"
    )
    row = Deadline.objects.get(matter=matter, clock="resolve")
    assert not row.provisional
    imported(december)
    settle_counted_in(2027)
    row.refresh_from_db()
    assert row.due_at == dt.datetime(2027, 2, 8, 16, tzinfo=dt.UTC)


def test_what_ran_through_an_import_is_settled_by_the_sweep(december):
    imported(december)
    matter = opened(december, urgency="urgent")
    assert not Deadline.objects.filter(matter=matter, provisional=True).exists()
    late = dt.datetime(2027, 1, 4, 16, tzinfo=dt.UTC)
    Deadline.objects.filter(matter=matter, clock="resolve").update(due_at=late, provisional=True)
    assert settle_stragglers() == 1
    row = Deadline.objects.get(matter=matter, clock="resolve")
    assert (row.provisional, row.due_at) == (False, dt.datetime(2027, 1, 5, 16, tzinfo=dt.UTC))


def test_the_same_list_again_changes_nothing_and_another_asks(december):
    assert imported(december) is True
    assert imported(december) is False
    other = [row for row in list_of() if row.day != dt.date(2027, 1, 24)]
    with pytest.raises(Conflict, match="内容不同"):
        imported(december, rows=other)
    assert imported(december, rows=other, replace=True) is True
    assert not CalendarDay.objects.filter(day=dt.date(2027, 1, 24)).exists()
    assert Entry.objects.filter(action="matters.import_calendar").count() == 2


@pytest.mark.parametrize(
    ("who", "refusal"), [("street", NotAllowed), ("worker", NotAllowed), ("resident", NotVisible)]
)
def test_the_district_alone_imports(december, who, refusal):
    with pytest.raises(refusal):
        imported(december, actor=december[who])


def test_every_fault_is_named_by_its_row_and_nothing_is_written(december):
    rows = list_of()
    rows[3] = CalendarRow(5, dt.date(2026, 2, 5), False, "春节")
    rows.append(CalendarRow(99, rows[0].day, True))
    with pytest.raises(YearRefused) as refused:
        imported(december, rows=rows)
    said = {(problem.row, str(problem.message)) for problem in refused.value.problems}
    assert said == {(5, "2026-02-05 不在 2027 年。"), (99, "2027-01-01 在第 2 行已经有了。")}
    assert not CalendarYear.objects.exists() and not CalendarDay.objects.exists()


def test_half_a_list_is_not_a_year(december):
    half = [row for row in list_of() if row.day.month < 5]
    messages = [str(problem.message) for problem in problems_of(2027, half)]
    assert any("名单可能不全" in text for text in messages)
    assert any("2027-10-01" in text for text in messages)
    with pytest.raises(RuleViolation, match="文号"):
        imported(december, document=" ")
