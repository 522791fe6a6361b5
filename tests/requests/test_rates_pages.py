"""The three-rate report on its pages: in one's places alone, what each rate stands on, its rows, its file; and in public."""

import datetime as dt
import html
import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.web.models import Export
from doorstep.modules.requests import periods
from doorstep.modules.requests.models import RuleValue
from doorstep.modules.requests.periods import Span
from doorstep.modules.requests.rules import Rate, overlap, rate, to_hide
from doorstep.modules.requests.selectors_report import public_report, report
from doorstep.modules.requests.services_feedback import call_back
from tests.authority import cast

JUNE = "since=2026-06-01&on=2026-06-15"
PERIOD = Span(dt.date(2026, 6, 1), dt.date(2026, 6, 15))
GOOD = {"valid": True, "contacted": True, "solved": True, "satisfaction": 5}


@pytest.fixture
def called(offices):
    """Five closed; three asked, one of them dissatisfied; one not reached."""
    made = [offices.closed() for _number in range(5)]
    answers = [
        GOOD,
        GOOD,
        GOOD | {"solved": False, "satisfaction": 2},
        {"valid": False, "invalid_reason": "no_answer"},
    ]
    for matter, answer in zip(made, answers, strict=False):
        call_back(actor=offices["hotline_officer"], matter_id=matter.pk, **answer)
    return offices


def page(offices, role="street_officer", code=cast.STREET, query=JUNE):
    answer = offices.client(role).get(f"/desk/rates/{code}/?{query}")
    return answer.status_code, html.unescape(answer.content.decode())


def text_of(shown):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown))


def test_each_rate_with_what_it_stands_on(called):
    status, shown = page(called)
    words = text_of(shown)
    assert status == 200 and "2026-06-01 至 2026-06-15" in words
    assert "100.0%" in words and "66.7%" in words and "n = 3 次有效回访" in words
    assert "60.0%" in words, "covered of closed"
    assert "无人接听" in words and "不排名次" in words
    low, high = rate(2, 3).low, rate(2, 3).high
    assert f"{low * 100:.1f}%–{high * 100:.1f}%" in words and 'class="interval"' in shown


def test_every_number_opens_its_rows(called):
    _status, shown = page(called)
    at = called.client("street_officer")
    counted = {
        "contacted=yes": 3,
        "solved=yes": 2,
        "least=3": 2,
        "reason=no_answer": 1,
        "called=yes": 3,
        "closed_since": 5,
    }
    for part, number in counted.items():
        found = [link for link in re.findall(r'href="(/desk/r/[^"]+)"', shown) if part in link]
        assert found, part
        opened = text_of(at.get(found[0]).content.decode())
        assert f"共 {number} 条" in opened, (part, found[0])


def test_nothing_is_said_of_nothing(offices):
    status, shown = page(offices)
    assert (
        status == 200
        and "0.0%" not in shown
        and "没有有效回访，不计算" in shown
        and "这一期没有结案" in shown
    )


def test_outside_ones_places_there_is_no_report(called):
    for role, code in (
        ("outside_officer", cast.STREET), ("outsider", cast.COMMUNITY), ("street_officer", cast.DISTRICT),
        ("resident", cast.STREET), ("department_officer", cast.DISTRICT), ("street_officer", "abc"),
        ("district_officer", "210202999"),
    ):  # fmt: skip
        for more in ("", "rates.xlsx"):
            assert called.client(role).get(f"/desk/rates/{code}/{more}?{JUNE}").status_code == 404, (
                role,
                code,
            )
    assert called.client("resident").get("/desk/rates/").status_code == 404
    assert called.client("street_officer").get("/desk/rates/").url == f"/desk/rates/{cast.STREET}/"
    assert Client().get(f"/desk/rates/{cast.STREET}/").status_code == 302
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        "since=2026-06-10&on=2026-06-01",
        "since=x&on=2026-06-01",
        "since=2026-06-01",
        "since=2026-06-01&on=2030-01-01",
    ],
)
def test_days_that_cannot_be_shown_are_said(called, query):
    status, shown = page(called, query=query)
    assert status == 200 and "先后相接的两天" in shown and "2026-05-01 至 2026-05-31" in shown


def test_compared_with_another_period_says_whether_it_may_be_chance(called):
    with clock.fixed(dt.date(2026, 7, 10)):
        later = called.closed()
        call_back(actor=called["hotline_officer"], matter_id=later.pk, **GOOD)
        _status, shown = page(called, query="since=2026-07-01&on=2026-07-10&against=before")
        words = text_of(shown)
    assert "对比 2026-06-21 至 2026-06-30" in words and "对比期没有有效回访" in words
    with clock.fixed(dt.date(2026, 7, 31)):
        words = text_of(page(called, query="since=2026-07-01&on=2026-07-31&against=before")[1])
    assert "对比 2026-06-01 至 2026-06-30" in words and "可能只是偶然" in words and "33.3 个百分点" in words


def test_the_file_has_the_places_and_how_it_was_counted(called):
    answer = called.client("street_officer").get(f"/desk/rates/{cast.STREET}/rates.xlsx?{JUNE}")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = list(book.worksheets[0].values)
    assert [row[1] for row in rows[1:]] == [cast.STREET, cast.COMMUNITY]
    assert rows[1][2:7] == (5, 3, 0.6, 4, 3) and rows[1][7] == 1
    assert any("95%" in str(row[1]) for row in book.worksheets[1].values)
    assert Export.objects.get().register == "requests.rates"
    empty = called.client("outside_officer").get(f"/desk/rates/{cast.NEIGHBOUR}/rates.xlsx?{JUNE}")
    (_titles, street, _community) = openpyxl.load_workbook(io.BytesIO(empty.content)).worksheets[0].values
    assert street[7] is None, "nothing, not 0, where nobody was asked"


def test_the_text_to_copy(called):
    _status, shown = page(called)
    assert "【三率】" in shown and "解决率：66.7%（n=3" in shown


def test_a_report_costs_twelve_queries_whatever_its_size(called, django_assert_max_num_queries):
    against = periods.compared(PERIOD, periods.BEFORE)
    officer = called["district_officer"]
    with django_assert_max_num_queries(12):
        report(officer, cast.DISTRICT, PERIOD, against)
    with CaptureQueriesContext(connection) as few:
        page(called)
    called.closed()
    with CaptureQueriesContext(connection) as more:
        page(called)
    assert len(more) <= len(few)


def test_in_public_too_few_are_not_shown(called):
    area = Area.objects.get(code=cast.STREET)
    shown = public_report(area, PERIOD)
    assert shown.whole.suppressed and all(part.rates.suppressed for part in shown.parts)
    at = Client()
    with clock.fixed(dt.date(2026, 7, 10)):
        words = text_of(at.get(f"/rates/{cast.STREET}/?month=2026-06").content.decode())
        assert "不足 10 位" in words and "%" not in words.split("哪个月")[1].split("横条")[0]
        RuleValue.objects.filter(key="rates.public_least").update(value=3)
        words = text_of(at.get(f"/rates/{cast.STREET}/").content.decode())
        assert "66.7%" in words and "3 次有效回访" in words
        for wrong in ("210299", "x", cast.COMMUNITY + "001", "210299001"):
            assert at.get(f"/rates/{wrong}/").status_code == 404
        assert at.get(f"/rates/{cast.STREET}/?month=2020-01").status_code == 404
        assert at.get("/rates/").status_code == 200
    assert Matter.objects.exists()


def test_what_is_hidden_cannot_be_told_as_the_rest():
    assert to_hide({"a": 30, "b": 4, "c": 12}, 10) == {"b", "c"}
    assert to_hide({"a": 30, "b": 0, "c": 12}, 10) == {"b"}
    assert to_hide({"a": 30, "b": 6, "c": 5, "d": 12}, 10) == {"b", "c"}
    assert to_hide({"a": 3}, 10) == {"a"}
    assert to_hide({}, 10) == set()


def test_periods():
    assert periods.month_before(dt.date(2026, 1, 5)) == Span(dt.date(2025, 12, 1), dt.date(2025, 12, 31))
    assert periods.compared(Span(dt.date(2026, 3, 1), dt.date(2026, 4, 30)), "before") == Span(
        dt.date(2026, 1, 1), dt.date(2026, 2, 28)
    )
    assert periods.compared(Span(dt.date(2026, 6, 11), dt.date(2026, 6, 20)), "before") == Span(
        dt.date(2026, 6, 1), dt.date(2026, 6, 10)
    )
    assert periods.compared(Span(dt.date(2024, 2, 1), dt.date(2024, 2, 29)), "year") == Span(
        dt.date(2023, 2, 1), dt.date(2023, 2, 28)
    )
    assert periods.compared(PERIOD, "none") is None


def test_intervals_that_overlap_may_be_chance():
    assert overlap(rate(5, 10), rate(7, 10)) and not overlap(rate(1, 200), rate(150, 200))
    assert overlap(Rate(None, 0, None, None), rate(1, 2))
