"""A figure is its rows: for any place, any day, in one statement."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import subprocess
import sys
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, Model, Sum
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.access.actors import Actor, Grant
from doorstep.kernel.declarations.indicators import Indicator, Scope, all_indicators
from doorstep.kernel.indicators import selectors
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.kernel.indicators.periods import month_back, trend_days, trend_spans
from doorstep.kernel.organisations.models import Unit, UnitVersion
from doorstep.kernel.places.models import Area, Building
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.names import name_keys

DAY = dt.date(2026, 6, 15)
TEAMS = Indicator(
    key="test.teams", name="队伍", unit="支", kind="stock", chapter="2", clause="x",
    rows=lambda scope: UnitVersion.objects.in_force(scope.on).filter(kind="volunteer_team"),
)  # fmt: skip
FOUNDED = Indicator(
    key="test.founded", name="新建", unit="支", kind="flow", chapter="2", clause="x",
    rows=lambda scope: UnitVersion.objects.filter(
        kind="volunteer_team", valid_from__gte=scope.since, valid_from__lte=scope.on
    ),
)  # fmt: skip
HOUSEHOLDS = Indicator(
    key="test.households", name="户", unit="户", kind="stock", chapter="3", clause="x",
    rows=lambda scope: Building.objects.all(), aggregate=Sum("households"),
)  # fmt: skip


@pytest.fixture
def streets(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two streets of county 990101; street 001 has communities 001 and 002, street 002 has 001."""
    declared = {item.key: item for item in (TEAMS, FOUNDED, HOUSEHOLDS)}
    monkeypatch.setattr("doorstep.kernel.declarations.indicators._indicators", declared)
    for code, level in [
        ("990101", "county"), ("990101001", "street"), ("990101002", "street"), ("990101001001", "community"),
        ("990101001002", "community"), ("990101002001", "community"),
    ]:  # fmt: skip
        parent = {"street": 6, "community": 9}.get(level)
        Area.objects.create(
            code=code,
            level=level,
            edition=2023,
            parent_id=code[:parent] if parent else None,
            **name_keys(f"地方{code}"),
        )


def team(place: str, start: dt.date, end: dt.date | None = None) -> UnitVersion:
    unit = Unit.objects.create(kind="volunteer_team", founded_on=start, ended_on=end)
    return UnitVersion.objects.create(
        unit=unit, kind=unit.kind, place_code=place, valid_from=start, valid_to=end, **name_keys("演示队")
    )


def test_a_stock_is_as_of_its_day_and_a_subtree_is_a_prefix(streets: None) -> None:
    team("990101001001", dt.date(2024, 1, 1))
    team("990101001002", dt.date(2024, 1, 1), dt.date(2026, 6, 15))  # no longer holds on the day itself
    team("990101002001", dt.date(2026, 6, 15))
    team("9901010020019", dt.date(2027, 1, 1))
    assert selectors.figure("test.teams", "990101", on=DAY).value == 2
    assert selectors.figure("test.teams", "990101", on=DAY - dt.timedelta(days=1)).value == 2
    assert selectors.figure("test.teams", "990101001", on=DAY).value == 1
    assert selectors.figure("test.teams", "990101001", on=DAY - dt.timedelta(days=1)).value == 2
    rows = selectors.rows_of(TEAMS, Scope("990101001", DAY, DAY))
    assert [row.place_code for row in rows] == ["990101001001"]


def test_a_flow_counts_both_ends_of_its_period(streets: None) -> None:
    for day in ("2026-05-31", "2026-06-01", "2026-06-15", "2026-06-16"):
        team("990101001001", dt.date.fromisoformat(day))
    value = selectors.figure("test.founded", "990101", on=DAY, since=dt.date(2026, 6, 1)).value
    assert value == 2


def test_nothing_recorded_anywhere_is_unknown_but_none_here_is_zero(streets: None) -> None:
    assert selectors.figure("test.teams", "990101001", on=DAY).value is None
    team("990101002001", dt.date(2024, 1, 1))
    assert selectors.figure("test.teams", "990101001", on=DAY).value == 0


def test_what_is_found_by_looking_is_a_true_zero(streets: None, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = replace(TEAMS, computed=True)
    monkeypatch.setattr("doorstep.kernel.declarations.indicators._indicators", {looked.key: looked})
    assert selectors.figure("test.teams", "990101001", on=DAY).value == 0


def test_an_aggregate_other_than_a_count(streets: None) -> None:
    for households in (30, 12):
        Building.objects.create(
            place_code="990101001001", name="楼", longitude=1, latitude=1, households=households
        )
    assert selectors.figure("test.households", "990101", on=DAY).value == 42
    parts = selectors.breakdown("test.households", "990101", on=DAY)
    assert [(part.code, part.value) for part in parts] == [("990101001", 42), ("990101002", 0)]


def test_all_figures_with_trends_and_comparison_take_one_statement(streets: None) -> None:
    team("990101001001", dt.date(2026, 2, 20))
    Building.objects.create(place_code="990101001001", name="楼", longitude=1, latitude=1, households=3)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        measured = selectors.figures(
            "990101", on=DAY, since=dt.date(2026, 1, 1), compared_on=dt.date(2026, 1, 31), trend=True
        )
    assert len(queries) == 1
    by_key = {item.key: item for item in measured}
    teams = by_key["test.teams"]
    assert [value for _, value in teams.trend] == [0] * 8 + [1] * 4
    assert (teams.value, teams.previous, teams.change) == (1, 0, 1)
    assert [value for _, value in by_key["test.founded"].trend] == [0] * 8 + [1, 0, 0, 0]


def test_figures_are_for_those_whose_places_they_are(streets: None) -> None:
    team("990101001001", dt.date(2024, 1, 1))
    officer = Actor(1, 1, "街道", (Grant("street_officer", 1, ("990101001",), frozenset({VIEW})),))
    assert selectors.visible_figures(officer, "990101001", on=DAY)[0].key == "test.teams"
    for place in ("990101002", "990101", ""):
        with pytest.raises(NotVisible):
            selectors.visible_figures(officer, place, on=DAY)
        with pytest.raises(NotVisible):
            selectors.visible_rows(officer, "test.teams", Scope(place, DAY, DAY))
    with pytest.raises(NotVisible):
        selectors.visible_figures(Actor(2), "990101001", on=DAY)


def test_the_command_prints_keys_and_values(streets: None) -> None:
    team("990101001001", dt.date(2024, 1, 1))
    out = StringIO()
    call_command("figures", place="990101", on=DAY, format="json", stdout=out)
    assert {"key": "test.teams", "value": 1} in json.loads(out.getvalue())
    out = StringIO()
    call_command("figures", "rows", "test.teams", place="990101", on=DAY, format="json", stdout=out)
    assert [row["place_code"] for row in json.loads(out.getvalue())] == ["990101001001"]
    with pytest.raises(CommandError, match="no place"):
        call_command("figures", place="990109")
    with pytest.raises(CommandError, match="no indicator"):
        call_command("figures", "rows", "no.such", place="990101")


def test_months_back_keep_to_the_calendar() -> None:
    assert month_back(dt.date(2026, 3, 31), 1) == dt.date(2026, 2, 28)
    assert month_back(dt.date(2026, 1, 15), 13) == dt.date(2024, 12, 15)
    assert trend_days(DAY)[0] == dt.date(2025, 7, 15)
    spans = trend_spans(DAY)
    assert all(
        first == previous[1] + dt.timedelta(days=1) for previous, (first, _) in itertools.pairwise(spans)
    )


def test_distinct_counts(streets: None) -> None:
    unit = team("990101001001", dt.date(2024, 1, 1), dt.date(2025, 1, 1)).unit
    UnitVersion.objects.create(
        unit=unit,
        kind=unit.kind,
        place_code="990101001001",
        valid_from=dt.date(2025, 1, 1),
        **name_keys("新名"),
    )
    item = selectors.Measurement(
        Indicator(
            "k",
            "n",
            "u",
            "flow",
            "1",
            "c",
            lambda scope: UnitVersion.objects.all(),
            Count("unit", distinct=True),
        ),
        Scope("990101", DAY, DAY),
    )
    selectors.measure([item])
    assert item.value == 1


@pytest.mark.parametrize("day", [dt.date.min, dt.date.max])
def test_days_beyond_counting_are_the_nearest_that_can_be_counted(streets: None, day: dt.date) -> None:
    measured = selectors.figures("990101", on=day, since=day, compared_on=day, trend=True)
    assert all(
        selectors.FIRST_DAY <= item.scope.on <= dt.date.today() + selectors.LONGEST_AHEAD for item in measured
    )
    assert selectors.breakdown("test.teams", "990101", on=day)


def test_every_row_of_every_figure_says_what_it_is(db) -> None:
    day = Scope("", dt.date(2026, 6, 15), dt.date(2026, 1, 1))
    models = {item.rows(day).model for item in all_indicators()}
    assert not [model.__name__ for model in models if model.__str__ is Model.__str__]


def test_a_wrong_day_on_the_command_line_is_told_without_a_traceback() -> None:
    command = [sys.executable, "-m", "doorstep.launch.managed", "figures", "--on", "banana"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 2 and "banana is not a date" in told.stderr and "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--on", "1900-01-01"], "cannot be counted"),
        (["--on", "9999-12-31"], "cannot be counted"),
        (["--on", "2026-02-30"], "is not a date"),
        (["--on", "2026-01-01", "--since", "2026-01-02"], "must not be later"),
    ],
)
def test_the_command_refuses_days_instead_of_moving_them(
    streets: None, options: list[str], said: str
) -> None:
    for command in ("figures", "brief"):
        with pytest.raises(CommandError, match=said):
            call_command(command, *options, "--place", "990101", stdout=StringIO())
