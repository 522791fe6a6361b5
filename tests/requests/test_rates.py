"""The three rates: valid call-backs beneath, nothing for nothing, intervals, and too few are not shown to the public."""

import datetime as dt

import pytest

from doorstep.kernel.indicators.selectors import breakdown, figures
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.modules.requests import rules, selectors_rates
from doorstep.modules.requests.rules import CallBackCounts, three_rates, wilson
from doorstep.modules.requests.services_feedback import call_back
from tests.requests import world as making
from tests.requests.test_feedback import GOOD
from tests.requests.world import COMMUNITY, DISTRICT, GRID, SECOND_GRID, STREET, closed, reported, step

SINCE, ON = dt.date(2026, 6, 1), dt.date(2026, 6, 30)


@pytest.mark.parametrize(
    ("share", "n", "low", "high"),
    [(1.0, 30, 0.886, 1.0), (0.9, 30, 0.744, 0.965), (0.0, 10, 0.0, 0.278), (0.5, 1, 0.0546, 0.9454)],
)
def test_wilson(share, n, low, high):
    found = wilson(share, n)
    assert found == pytest.approx((low, high), abs=6e-4)


def test_nothing_out_of_nothing_is_nothing():
    rates = three_rates(CallBackCounts(closed=4, tried=2), basically=0.9, weights=(0.1, 0.5, 0.4))
    assert (rates.response.value, rates.response.low, rates.composite) == (None, None, None)
    assert rates.coverage == 0.0
    assert three_rates(CallBackCounts(), basically=0.9, weights=(1, 0, 0)).coverage is None


def test_the_formula():
    counts = CallBackCounts(
        closed=20, covered=10, tried=12, valid=10, contacted=9, solved=8, satisfied=5, basically=2
    )
    rates = three_rates(counts, basically=0.9, weights=(0.1, 0.5, 0.4))
    assert (rates.response.value, rates.resolution.value) == (0.9, 0.8)
    assert rates.satisfaction.value == pytest.approx(0.68)
    assert rates.composite == pytest.approx(0.1 * 0.9 + 0.5 * 0.8 + 0.4 * 0.68)
    assert rates.coverage == 0.5 and rates.response.n == 10


def test_too_few_are_not_shown_to_the_public():
    few = CallBackCounts(closed=9, covered=9, tried=9, valid=9, contacted=9, solved=9, satisfied=9)
    hidden = three_rates(few, basically=0.9, weights=(0.1, 0.5, 0.4), public_least=10)
    assert hidden.suppressed and hidden.counts == CallBackCounts() and hidden.response.value is None
    assert not three_rates(few, basically=0.9, weights=(0.1, 0.5, 0.4), public_least=9).suppressed


def counted(world):
    good, bad, missed, unasked = (closed(world) for _ in range(4))
    call_back(actor=world["caller"], matter_id=good.pk, **GOOD)
    call_back(
        actor=world["caller"], matter_id=bad.pk, valid=True, contacted=True, solved=False, satisfaction=3
    )
    call_back(actor=world["caller"], matter_id=missed.pk, valid=False, invalid_reason="no_answer")
    return good, bad, missed, unasked


def test_rates_of_a_place(world):
    counted(world)
    rates = selectors_rates.rates_of(world["street"], STREET, SINCE, ON)
    assert rates.counts == CallBackCounts(
        closed=4, covered=2, tried=3, valid=2, contacted=2, solved=1, satisfied=1, basically=1
    )
    assert (rates.response.value, rates.resolution.value, rates.satisfaction.value) == (1.0, 0.5, 0.95)
    before = selectors_rates.rates_of(world["street"], STREET, dt.date(2026, 5, 1), dt.date(2026, 5, 31))
    assert before.response.value is None and before.coverage is None
    with pytest.raises(NotVisible):
        selectors_rates.rates_of(world["outsider"], STREET, SINCE, ON)


def test_rates_by_place_stand_in_the_order_of_codes(world):
    counted(world)
    parts = selectors_rates.rates_by_place(world["street"], COMMUNITY, SINCE, ON)
    assert [(part.key, part.rates.counts.valid) for part in parts] == [(GRID, 2), (SECOND_GRID, 0)]
    assert parts[1].rates.response.value is None
    shown = selectors_rates.public_rates(COMMUNITY, SINCE, ON)
    assert all(part.rates.suppressed for part in shown)


def test_rates_by_month(world):
    counted(world)
    months = selectors_rates.rates_by_month(world["street"], STREET, dt.date(2026, 1, 1), ON)
    assert [(month.name, month.rates.counts.valid) for month in months] == [("2026-06", 2)]


def test_the_report_costs_the_same_for_any_number(world, django_assert_num_queries):
    counted(world)
    with django_assert_num_queries(5):
        selectors_rates.rates_by_place(world["street"], COMMUNITY, SINCE, ON)


def values(place=DISTRICT, on=ON, since=SINCE, keys=()):
    return {figure.key: figure.value for figure in figures(place, on=on, since=since, keys=keys)}


def test_figures_of_requests(world):
    good, *_ = counted(world)
    stuck = reported(world).matter
    with clock.fixed(making.TODAY + dt.timedelta(days=10)):
        found = values(keys=[
            "requests.received", "requests.open", "requests.overdue", "requests.solved", "requests.response_rate",
            "requests.resolution_rate", "requests.satisfaction_rate", "requests.on_the_spot", "requests.whole_median",
            "requests.stalled_community", "requests.stalled_street", "requests.valid_call_backs", "whistles.emergency",
        ])  # fmt: skip
    assert found == {
        "requests.received": 5, "requests.open": 2, "requests.overdue": 2, "requests.solved": 3,
        "requests.response_rate": 100.0, "requests.resolution_rate": 50.0, "requests.satisfaction_rate": 95.0,
        "requests.on_the_spot": 0.0, "requests.whole_median": 0.0, "requests.stalled_community": 2,
        "requests.stalled_street": 0, "requests.valid_call_backs": 2, "whistles.emergency": None,
    }  # fmt: skip
    assert stuck.is_open and good.pk
    assert isinstance(found["requests.received"], int)


def test_a_share_of_nothing_is_unknown_not_zero(world):
    assert values(keys=["requests.response_rate", "requests.handle_p90"]) == {
        "requests.response_rate": None, "requests.handle_p90": None,
    }  # fmt: skip
    counted(world)
    parts = breakdown("requests.resolution_rate", COMMUNITY, on=ON, since=SINCE)
    assert [(part.code, part.value) for part in parts] == [(GRID, 50.0), (SECOND_GRID, None)]


def test_times_by_stage(world):
    for hours in (1, 3, 9):
        matter = reported(world).matter
        at = clock.now()
        for who, name, after in (
            ("worker", "accept", 0),
            ("worker", "handle", hours),
            ("community", "verify", 2 * hours),
        ):
            from doorstep.kernel.matters import services as matters
            from doorstep.kernel.matters.steps import Inputs

            matters.apply_transition(
                actor=world[who], matter_id=matter.pk, name=name, inputs=Inputs(note="好"),
                at=at + dt.timedelta(hours=after),
            )  # fmt: skip
    found = values(
        keys=[
            "requests.handle_median",
            "requests.handle_p90",
            "requests.whole_median",
            "requests.verify_median",
        ]
    )
    assert found["requests.handle_median"] == 3 and found["requests.handle_p90"] == pytest.approx(7.8)
    assert (found["requests.whole_median"], found["requests.verify_median"]) == (6, 3)


def test_reopenings_are_counted(world):
    matter = closed(world)
    call_back(actor=world["caller"], matter_id=matter.pk, **(GOOD | {"solved": False}))
    step(world, "community", matter, "reopen", note="再办")
    assert values(keys=["requests.reopened"]) == {"requests.reopened": 1}


def test_lots_and_titles():
    assert rules.title_of("，，。楼道灯坏了，请来修！谢谢", "无") == "楼道灯坏了，请来修"
    assert rules.title_of("😀。。", "无") == "无"
    assert len(rules.title_of("长" * 90, "无")) == 40


def test_a_period_has_its_first_and_its_last_day(world):
    reported(world)
    day, key = making.TODAY, "requests.received"
    assert values(keys=[key], since=day, on=day) == {key: 1}
    assert values(keys=[key], since=day - dt.timedelta(days=9), on=day - dt.timedelta(days=1)) == {
        key: None
    }  # nothing had been recorded by then
    with clock.fixed(day + dt.timedelta(days=1)):
        assert values(keys=[key], since=day + dt.timedelta(days=1), on=day + dt.timedelta(days=1)) == {key: 0}
