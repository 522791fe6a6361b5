"""A statement that is kept says what one built anew would say, for every place and day; what cannot is not kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from django.db.models import Avg, Count, QuerySet, Sum, Value
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doorstep.kernel.declarations.indicators import Indicator, Scope, all_indicators
from doorstep.kernel.indicators import selectors, statements
from doorstep.kernel.indicators.periods import month_back
from doorstep.kernel.organisations.models import Unit, UnitVersion
from doorstep.kernel.places.models import Building
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.names import name_keys

DAY = dt.date(2026, 6, 15)
NEW_RULE = dt.date(2025, 1, 1)
SPECIAL = dt.date(2024, 1, 9)
COMMUNITIES = ("990101001001", "990101001002", "990101002001")
PLACES = ("", "99", "990101", "990101001", "990101002", *COMMUNITIES, "990101001001001", "210202")
days = st.dates(dt.date(2023, 12, 28), dt.date(2024, 3, 5))
any_scope = st.builds(
    Scope,
    st.sampled_from(PLACES),
    st.dates(dt.date(1949, 10, 1), dt.date(2036, 1, 1)),
    st.dates(dt.date(1949, 10, 1), dt.date(2036, 1, 1)),
)
on_records = st.builds(Scope, st.sampled_from(PLACES), days, days)


def versions() -> QuerySet[Any]:
    return UnitVersion.objects.filter(kind="volunteer_team")


def stock(scope: Scope) -> QuerySet[Any]:
    return versions().in_force(scope.on)


def flow(scope: Scope) -> QuerySet[Any]:
    return versions().filter(valid_from__gte=scope.since, valid_from__lte=scope.on)


def of(rows: Callable[[Scope], QuerySet[Any]], **options: Any) -> Indicator:
    return Indicator(
        key="test.teams", name="队伍", unit="支", kind="stock", chapter="2", clause="x", rows=rows, **options
    )


KEPT = (of(stock), of(flow), of(flow, aggregate=Count("unit", distinct=True)), of(lambda scope: versions()))


def team(place: str, start: dt.date, end: dt.date | None = None) -> None:
    unit = Unit.objects.create(kind="volunteer_team", founded_on=start, ended_on=end)
    UnitVersion.objects.create(
        unit=unit, kind=unit.kind, place_code=place, valid_from=start, valid_to=end, **name_keys("演示队")
    )


@pytest.fixture
def teams(db: None) -> None:
    """Three communities, in each a team from every second day of January 2024, for a fortnight."""
    for number in range(45):
        start = dt.date(2024, 1, 1) + dt.timedelta(days=number // 3 * 2)
        team(COMMUNITIES[number % 3], start, start + dt.timedelta(days=14))


def value(subject: Indicator, scope: Scope) -> Any:
    item = selectors.Measurement(subject, scope)
    selectors.measure([item])
    return item.value


def is_kept(subject: Indicator, place: str = "990101") -> bool:
    field = subject.placed_by(len(place)) if place else ""
    return statements._kept(subject, field, 0, clock.today()) is not None


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(scope=any_scope)
def test_every_declared_indicator_asks_what_it_would_ask_if_built_anew(scope: Scope) -> None:
    for subject in all_indicators():
        with clock.fixed(clock.now()):  # some ask what is over by now
            asked = statements.statement_of(subject, scope)
            plain = statements._compiled(subject, statements.rows_of(subject, scope), 0)
        assert (asked.sql, asked.filled(7, scope)) == (plain.sql, plain.filled(7, scope)), subject.key


@pytest.mark.django_db
def test_the_headline_figures_are_kept() -> None:
    headlines = [subject for subject in all_indicators() if subject.headline]
    assert len(headlines) >= 6
    assert all(is_kept(subject) and is_kept(subject, "") for subject in headlines)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(st.sampled_from(KEPT), on_records), min_size=1, max_size=8))
def test_values_asked_together_are_those_of_each_scope_alone(
    teams: None, asked: list[tuple[Indicator, Scope]]
) -> None:
    items = [selectors.Measurement(subject, scope) for subject, scope in asked]
    selectors.measure(items)
    for item in items:
        inside = [
            row for row in item.indicator.rows(item.scope) if row.place_code.startswith(item.scope.place_code)
        ]
        units = item.indicator.aggregate.distinct
        assert item.value == (len({row.unit_id for row in inside}) if units else len(inside))
        assert is_kept(item.indicator, item.scope.place_code)


def by_rule_of_the_day(scope: Scope) -> QuerySet[Any]:
    return versions().filter(place_code__startswith="990101001" if scope.on >= NEW_RULE else "990101002")


def by_the_later_of_two(scope: Scope) -> QuerySet[Any]:
    return versions().filter(valid_from__lt=min(NEW_RULE, scope.on))


def by_year(scope: Scope) -> QuerySet[Any]:
    return versions().filter(valid_from__year=scope.on.year)


def a_month_before(scope: Scope) -> QuerySet[Any]:
    return versions().filter(valid_from__gt=month_back(scope.on, 1))


def days_before(scope: Scope) -> QuerySet[Any]:
    return versions().filter(valid_from__gt=scope.on - dt.timedelta(days=30))


def by_instant(scope: Scope) -> QuerySet[Any]:
    return versions().filter(valid_from__lte=dt.datetime.combine(scope.on, dt.time()).date())


def by_text(scope: Scope) -> QuerySet[Any]:
    return versions().filter(valid_from__lte=f"{scope.on}")


def by_table(scope: Scope) -> QuerySet[Any]:
    return versions().filter(valid_from__lte={SPECIAL: dt.date(2024, 1, 4)}.get(scope.on, scope.on))


def by_equality(scope: Scope) -> QuerySet[Any]:
    return versions() if scope.on == SPECIAL else versions().none()


def by_type(scope: Scope) -> QuerySet[Any]:
    return versions() if isinstance(scope.on, dt.date) else versions().none()


def by_length_of_code(scope: Scope) -> QuerySet[Any]:
    return versions() if len(scope.place_code) > 9 else versions().none()


def by_start_of_code(scope: Scope) -> QuerySet[Any]:
    return versions().filter(place_code__startswith=scope.place_code[:9])


def by_ids_asked_first(scope: Scope) -> QuerySet[Any]:
    return versions().filter(pk__in=list(stock(scope).values_list("pk", flat=True)))


def by_first_found(scope: Scope) -> QuerySet[Any]:
    found = versions().order_by("pk").first()
    return versions().exclude(pk=found.pk) if found else versions()


def by_present_instant(scope: Scope) -> QuerySet[Any]:
    return (
        versions().annotate(asked=Value(clock.now())).filter(asked__gt=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    )


LOOKING = [
    by_rule_of_the_day, by_the_later_of_two, by_year, a_month_before, days_before, by_instant, by_text, by_table,
    by_equality, by_type, by_length_of_code, by_start_of_code, by_ids_asked_first, by_first_found,
]  # fmt: skip


@pytest.mark.parametrize(
    "look",
    [
        lambda blank: blank == DAY, lambda blank: blank != DAY, lambda blank: blank == DAY, lambda blank: blank < DAY,
        lambda blank: blank <= DAY, lambda blank: blank > DAY, lambda blank: blank >= DAY, lambda blank: {blank},
        lambda blank: blank in (DAY,), lambda blank: blank - dt.timedelta(1), lambda blank: blank + "0", len, str, repr,
        list, lambda blank: f"{blank}", lambda blank: blank[:2], lambda blank: "2" in blank, lambda blank: blank % 2,
    ],
)  # fmt: skip
def test_nothing_looks_into_a_blank(look: Callable[[Any], Any]) -> None:
    with pytest.raises(statements.LookedInto):
        look(statements.PLACE)
    assert statements.PLACE  # a code of some place is never empty: the nation has statements of its own


@pytest.mark.parametrize("rows", LOOKING)
def test_rows_that_look_into_their_scope_are_built_each_time(
    teams: None, rows: Callable[[Scope], QuerySet[Any]]
) -> None:
    subject = of(rows)
    assert not is_kept(subject)
    for place in ("990101", "990101001", "990101002001"):
        for on in (DAY, SPECIAL, dt.date(2024, 2, 20), NEW_RULE):
            scope = Scope(place, on, on)
            inside = [row for row in rows(scope) if row.place_code.startswith(place)]
            assert value(subject, scope) == len(inside)


def test_what_differs_with_each_instant_is_not_kept(db: None) -> None:
    assert not is_kept(of(by_present_instant))


def test_rows_as_of_today_follow_the_day(teams: None) -> None:
    subject, scope = of(lambda scope: versions().in_force()), Scope("990101", DAY, DAY)
    found = []
    for day in (dt.date(2024, 1, 1), dt.date(2024, 1, 20), dt.date(2024, 1, 1), DAY):
        with clock.fixed(day):
            assert is_kept(subject)
            found.append(value(subject, scope))
    assert found == [3, 21, 3, 0]


def test_a_changed_setting_is_read_again(teams: None, settings: Any) -> None:
    settings.PROGRAMME_START = "2024-01-05"
    subject = of(
        lambda scope: versions().filter(valid_from__gte=dt.date.fromisoformat(configured.PROGRAMME_START))
    )
    assert value(subject, Scope("990101", DAY, DAY)) == 39
    settings.PROGRAMME_START = "2024-01-25"
    assert value(subject, Scope("990101", DAY, DAY)) == 9


def test_a_later_start_of_the_programme_counts_from_there(
    teams: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("doorstep.kernel.declarations.indicators._indicators", {"test.teams": of(flow)})
    found = []
    for start in ("2024-01-05", "2024-01-25"):
        settings.PROGRAMME_START = start
        found.append(selectors.figure("test.teams", "990101", on=DAY).value)
    assert found == [39, 9]


def test_a_key_declared_otherwise_is_another_figure(teams: None, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for declared in (of(stock), replace(of(stock), rows=flow), replace(of(flow), place_field="kind")):
        monkeypatch.setattr("doorstep.kernel.declarations.indicators._indicators", {"test.teams": declared})
        found.append(selectors.figure("test.teams", "990101", on=dt.date(2024, 1, 20)).value)
    assert found == [21, 30, 0]


def test_each_value_is_decoded_as_its_own_aggregate_asks(teams: None) -> None:
    for households in (30, 13):
        Building.objects.create(
            place_code=COMMUNITIES[0], name="楼", longitude=1, latitude=1, households=households
        )
    buildings = [
        of(lambda scope: Building.objects.all(), aggregate=aggregate("households"))
        for aggregate in (Count, Avg, Sum)
    ]
    items = [selectors.Measurement(subject, Scope("990101", DAY, DAY)) for subject in buildings]
    selectors.measure(items)
    assert [(item.value, type(item.value)) for item in items] == [(2, int), (21.5, float), (43, int)]


def test_nothing_is_asked_to_build_a_statement_and_nothing_where_no_row_can_be(teams: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert value(of(stock), Scope("990101", dt.date(2024, 1, 5), DAY)) == 9
        assert value(of(lambda scope: versions().none()), Scope("990101", DAY, DAY)) == 0
    assert len(queries) == 1
