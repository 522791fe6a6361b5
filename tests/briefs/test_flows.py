"""What a period changes in a brief: the chapter on requests, with two weeks of the demo district's past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from doorstep.demo.requests import past
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.indicators.selectors import Figure
from doorstep.kernel.indicators.statements import rows_of
from doorstep.launch import templates
from doorstep.surfaces.briefs.builder import Brief, build_brief, figure_text, previous_text
from tests.clones import own_database, own_name, pointed_at
from tests.conftest import DEMO_DAY

DISTRICT = "210202"
FIRST, LAST = dt.date(2026, 5, 4), dt.date(2026, 5, 17)
SECOND_WEEK = dt.date(2026, 5, 11)


@pytest.fixture(scope="module")
def two_weeks(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DOORSTEP_TODAY", DEMO_DAY.isoformat())
        name, template = own_name("two_weeks"), templates.demo_template(DEMO_DAY)
        with own_database(name, template), pointed_at(name, django_db_blocker):
            past.load_month(past.Month(FIRST, LAST))
            yield


pytestmark = pytest.mark.usefixtures("two_weeks")


def brief_of(**days: dt.date) -> Brief:
    return build_brief(system_actor("test"), DISTRICT, **days)


def figures_of(**days: dt.date) -> dict[str, Figure]:
    runs = (run for section in brief_of(**days).sections for line in section.paragraphs for run in line)
    return {run.key: run for run in runs if isinstance(run, Figure)}


def test_flows_are_those_of_the_period_and_stocks_those_of_the_day() -> None:
    whole, week = figures_of(on=LAST, since=FIRST), figures_of(on=LAST, since=SECOND_WEEK)
    first = figures_of(on=SECOND_WEEK - dt.timedelta(1), since=FIRST)
    for key in ("requests.received", "requests.solved", "requests.valid_call_backs"):
        assert 0 < week[key].value < whole[key].value == week[key].value + first[key].value
    for key in ("chain.grid_branches", "requests.open", "requests.overdue"):
        assert whole[key].value == week[key].value
    assert rows_of(week["requests.received"].indicator, week["requests.received"].scope).count() == (
        week["requests.received"].value
    )


def test_the_three_rates_are_shares_with_their_sign() -> None:
    found = figures_of(on=LAST, since=FIRST)
    for key in ("response_rate", "resolution_rate", "satisfaction_rate"):
        rate = found[f"requests.{key}"]
        assert 0 < rate.value <= 100
        assert figure_text(rate) == f"{rate.value:.1f}%"
    assert "响应率 " in "\n".join(brief_of(on=LAST, since=FIRST).lines())


def test_the_period_to_compare_with_is_as_long_or_the_one_that_is_asked_for() -> None:
    before = SECOND_WEEK - dt.timedelta(1)
    usual = figures_of(on=LAST, since=SECOND_WEEK, compared_on=before)
    short = figures_of(on=LAST, since=SECOND_WEEK, compared_on=before, compared_since=before)
    key = "requests.received"
    assert usual[key].previous == figures_of(on=before, since=FIRST)[key].value
    assert short[key].previous == figures_of(on=before, since=before)[key].value
    assert 0 < short[key].previous < usual[key].previous
    assert usual[key].value == short[key].value
    assert previous_text(usual["requests.response_rate"]).endswith("%")


def test_the_note_names_both_periods() -> None:
    note = brief_of(on=LAST, since=SECOND_WEEK, compared_on=dt.date(2026, 5, 10)).note
    assert "自 2026-05-11 起" in note and "2026-05-04 至 2026-05-10" in note
