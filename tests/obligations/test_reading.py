"""What is read is what the rows say: one state each, counted once, in figures and tables alike; many of the past at once."""

import datetime as dt
from random import Random

import pytest
from django.db import transaction

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.declarations.indicators import Scope, indicator
from doorstep.kernel.obligations.feeds import owed_file
from doorstep.kernel.obligations.models import Minutes, Occurrence
from doorstep.kernel.obligations.selectors import (
    STATE_NAMES,
    in_state,
    on_calendar,
    owed_by_place,
    owed_by_rule,
    owed_by_unit,
    state_of,
    year_of_unit,
)
from doorstep.kernel.obligations.services_exemptions import NewExemption, exempt
from doorstep.kernel.obligations.services_linking import link_anew
from doorstep.kernel.obligations.services_past import bring_minutes
from doorstep.kernel.organisations.services import move_unit
from doorstep.surfaces.desk import owed
from tests.obligations.world import SINCE, TODAY
from tests.organisations.world import ABROAD, COMMUNITY, DISTRICT, SISTER, STREET, SYSTEM

YEAR = (dt.date(2026, 1, 1), dt.date(2026, 12, 31))


@pytest.fixture
def lived(world):
    """Every state there is."""
    for day in ("2026-05-20", "2026-06-01"):
        world.held(day)
    new = NewExemption(
        code="lecture",
        unit_id=world.branch.pk,
        since=YEAR[0],
        until=YEAR[1],
        document="演示〔2026〕8号",
        reason="换届",
    )
    exempt(actor=world.actor("street"), new=new)
    return world


def test_each_row_is_in_one_state_and_each_count_adds_up(lived):
    rows = list(Occurrence.objects.all())
    states = {row.pk: state_of(row, TODAY) for row in rows}
    for state in STATE_NAMES:
        found = set(Occurrence.objects.filter(in_state(state, TODAY)).values_list("pk", flat=True))
        assert found == {pk for pk, own in states.items() if own == state} and found
    in_year = [row for row in rows if row.due_on.year == 2026]
    for asked in (owed_by_rule, owed_by_place, owed_by_unit):
        owed = asked(SYSTEM, DISTRICT, *YEAR)
        assert sum(one.total for one in owed) == len(in_year)
        for state in STATE_NAMES:
            expected = sum(states[row.pk] == state for row in in_year)
            assert sum(one.counts[state] for one in owed) == expected
    assert [one.key for one in owed_by_place(SYSTEM, DISTRICT, *YEAR)] == [STREET]
    assert owed_by_rule(lived.actor("secretary"), ABROAD, *YEAR) == []
    assembly = next(one for one in owed_by_rule(SYSTEM, COMMUNITY, *YEAR) if one.key == "assembly")
    assert (assembly.total, assembly.over, assembly.rate) == (4, 2, 50.0)
    year = year_of_unit(lived.actor("branch"), lived.branch.pk, 2026)
    assert [line.rule.code for line in year.lines] == ["assembly", "appraisal", "lecture"]
    assert year_of_unit(lived.actor("outsider"), lived.branch.pk, 2026).lines == ()


def test_figures_count_the_same_rows(lived):
    scope = Scope(COMMUNITY, TODAY, YEAR[0])
    in_time, overdue, held = (indicator(f"obligations.{key}") for key in ("in_time", "overdue", "meetings"))
    assert held.rows(scope).count() == 2
    assert {row.pk for row in overdue.rows(scope)} == set(
        Occurrence.objects.filter(in_state("overdue", TODAY)).values_list("pk", flat=True)
    )
    before = Scope(
        COMMUNITY, dt.date(2026, 5, 25), YEAR[0]
    )  # a week before the second made the first quarter up
    assert lived.row("2026-03-31") in overdue.rows(before) and lived.row("2026-03-31") not in overdue.rows(
        scope
    )
    assert {row.code for row in in_time.rows(scope)} >= {"assembly", "group"}
    assert not in_time.rows(scope).filter(code="lecture").exists()  # exempt


def test_the_calendar_names_each_day_due(lived):
    file = owed_file("演示", on_calendar(lived.branch.pk), "http://example.org/", "example.org").decode()
    assert (
        file == owed_file("演示", on_calendar(lived.branch.pk), "http://example.org/", "example.org").decode()
    )
    whole = file.replace("\r\n ", "")
    assert (
        "DTSTART;VALUE=DATE:20260930" in whole
        and "党员大会到期（按期办理）" in whole
        and "党课到期（已豁免）" in whole
    )


def one_after_the_other(world, days: list[dt.date]) -> dict[dt.date, dt.date]:
    """What the words of the rule say: each record in its turn keeps what closes first; then what is left makes up what was missed."""
    rows = list(Occurrence.objects.filter(unit=world.units["group"], code="group").order_by("closes_on"))
    proved, left = {}, []
    for day in sorted(days):
        row = next(
            (row for row in rows if row.ends_on not in proved and row.opens_on <= day <= row.closes_on), None
        )
        if row is None:
            left.append(day)
        else:
            proved[row.ends_on] = day
    for day in left:
        row = next(
            (row for row in rows if row.ends_on not in proved and row.closes_on < day <= row.mends_until),
            None,
        )
        if row is not None:
            proved[row.ends_on] = day
    return proved


def test_many_of_the_past_prove_as_one_after_the_other_would(world):
    """Forty histories by chance, many in the grace of a month: the rounds of SQL and the plain loop agree."""
    random, group = Random(43), world.units["group"].pk
    for _time in range(40):
        days = sorted(
            {SINCE + dt.timedelta(days=random.randrange(130)) for _ in range(random.randrange(1, 12))}
        )
        cases = [world.meeting(day.isoformat(), "group", unit_id=group) for day in days]
        with transaction.atomic():
            assert bring_minutes(actor=SYSTEM, cases=random.sample(cases, len(cases)), since=SINCE) == len(
                days
            )
            rows = Occurrence.objects.filter(code="group", proof__isnull=False)
            expected = one_after_the_other(world, days)
            assert {row.ends_on: row.proved_on for row in rows} == expected
            link_anew([group], ["group"])
            assert {row.ends_on: row.proved_on for row in rows.all()} == expected
            transaction.set_rollback(True)


def test_the_past_comes_in_once_and_by_the_platform_alone(world):
    cases = [world.meeting(day) for day in ("2026-02-03", "2026-06-01")]
    assert [bring_minutes(actor=SYSTEM, cases=cases, since=SINCE) for _time in range(2)] == [2, 0]
    assert Minutes.objects.count() == 2
    with pytest.raises(ValueError, match="future"):
        bring_minutes(actor=system_actor("tests"), cases=[world.meeting("2026-07-01")], since=SINCE)
    with pytest.raises(PermissionError):
        bring_minutes(actor=world.actor("district"), cases=cases, since=SINCE)


def test_a_move_to_come_does_not_take_a_unit_from_who_looks_after_it_today(world):
    group = world.units["group"].pk
    move_unit(
        actor=SYSTEM, unit_id=group, effective_on=TODAY + dt.timedelta(days=30), place_code=SISTER,
        document="演示〔2026〕9号",
    )  # fmt: skip
    assert owed.unit_seen(world.actor("secretary"), group).unit_id == group
