"""The calendar of a place: this week, the next, by month; all kinds; on phones without signing in; its feed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import icalendar
import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.activities import feeds, kinds
from doorstep.kernel.activities.kinds import Kind
from doorstep.kernel.activities.models import Activity, Session
from doorstep.kernel.activities.services import announce, cancel_session
from doorstep.kernel.places.models import Area
from doorstep.modules.culture import rules, selectors_calendar
from doorstep.modules.culture.services import NewSession
from tests.culture.world import DAY, ONE, STREET, TODAY, TWO, World, activity, at, plan, planned_session

PATH = f"/calendar/{ONE}/"


@pytest.fixture
def another_kind() -> Iterator[str]:
    """A kind of activity that no module declares yet, for the time of a test."""
    if kinds.is_kind("test_service"):
        yield "test_service"
        return
    kinds.declare(Kind("test_service", "演示志愿服务"))
    yield "test_service"
    del kinds._kinds["test_service"]


def titles(calendar: selectors_calendar.Calendar) -> list[list[str]]:
    parts = [*calendar.weeks, *calendar.months]
    return [[line.session.activity.title for each in part.days for line in each.lines] for part in parts]


def shown(code: str = ONE, **asked: Any) -> selectors_calendar.Calendar:
    return selectors_calendar.calendar_of(Area.objects.select_related("parent").get(code=code), **asked)


def test_this_week_the_next_and_later(world: World) -> None:
    """TODAY is a Monday."""
    for title, day in (("今天", TODAY), ("周日", TODAY + 6 * DAY), ("下周一", TODAY + 7 * DAY), ("月底", TODAY + 15 * DAY),
                       ("七月", dt.date(2026, 7, 20)), ("明年", dt.date(2027, 5, 1))):  # fmt: skip
        new = activity(world, title=title)
        start = at(day, 14)
        announce(actor=world.actor("secretary"), new=new, key=uuid.uuid4(),
                 sessions=[NewSession(starts_at=start, ends_at=start + dt.timedelta(hours=1))])  # fmt: skip
    found = shown()
    assert titles(found) == [["今天", "周日"], ["下周一"], ["月底"], ["七月"]]
    assert [month.first.month for month in found.months] == [6, 7]
    assert len(found.weeks[0].free) == 5
    july = shown(month=dt.date(2026, 7, 1))
    assert (titles(july), july.weeks, july.grid[0][0].day) == ([["七月"]], (), dt.date(2026, 6, 29))


def test_whose_activities_a_calendar_shows(world: World) -> None:
    plan(world, title="社区的")
    plan(world, title="网格的", place_code=ONE + "001")
    plan(world, who="street", title="街道的", place_code=STREET)
    plan(world, who="outsider", title="邻街的", place_code=TWO, organiser_id=world.committees[TWO].pk)
    plan(world, title="不公开的", is_public=False)
    assert sorted(titles(shown())[0]) == ["社区的", "网格的", "街道的"]
    assert sorted(titles(shown(STREET))[0]) == ["社区的", "网格的", "街道的"]
    assert sorted(titles(shown("210202"))[0]) == ["社区的", "网格的", "街道的", "邻街的"]
    assert titles(shown(TWO))[0] == ["邻街的"]


def test_all_kinds_and_one_by_its_chip(world: World, another_kind: str) -> None:
    plan(world, title="百家宴")
    start = at(TODAY + DAY, 14)
    service = activity(world, kind=another_kind, category="", title="修家电")
    announce(actor=world.actor("secretary"), new=service, key=uuid.uuid4(),
             sessions=[NewSession(starts_at=start, ends_at=start + dt.timedelta(hours=2))])  # fmt: skip
    page = Client().get(PATH).content.decode()
    assert "百家宴" in page and "修家电" in page and "演示志愿服务" in page
    page = Client().get(PATH, {"kind": another_kind}).content.decode()
    assert "百家宴" not in page and "修家电" in page
    session = Session.objects.get(kind=another_kind)
    assert f'href="/on/{session.pk}/"' in page


def test_the_page_is_public_and_escapes(world: World) -> None:
    plan(world, title="<script>alert(1)</script>🎉")
    answer = Client().get(PATH)
    page = answer.content.decode()
    assert answer.status_code == 200 and "<script>alert(1)" not in page and "🎉" in page
    assert "今天" in page or "明天" in page or "6月16日" in page


def test_days_without_anything_say_what_to_do(world: World) -> None:
    page = Client().get(PATH).content.decode()
    assert "这周没有安排" in page and "下周没有安排" in page and "0411-80000001" in page
    page = Client().get(PATH, {"month": "2026-09"}).content.decode()
    assert "这个月没有安排" in page and f'href="{PATH}"' in page


def test_cancelled_ones_say_so(world: World) -> None:
    session = planned_session(world)
    cancel_session(actor=world.actor("secretary"), session_id=session.pk, reason="下雨", expected_version=1)
    assert "已取消" in Client().get(PATH).content.decode()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/calendar/210202005099/", 404), ("/calendar/310101/", 404), ("/calendar/2102020/", 404),
        (f"/calendar/{ONE}001/", 302), (PATH + "?month=2026-13", 404), (PATH + "?month=9999-01", 404),
        (PATH + "?month=２０２６-01", 404), (PATH + "?month=2090-01", 404), (PATH + "?kind=nothing", 404),
        (PATH + "?kind=event&month=2026-06", 200), ("/calendar/210202/", 200), (f"/calendar/{STREET}.ics", 200),
        ("/calendar/310101.ics", 404),
    ],
)  # fmt: skip
def test_addresses(world: World, path: str, status: int) -> None:
    assert Client().get(path).status_code == status


def test_a_page_costs_the_same_however_full(
    world: World, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(12):
        plan(world, title=f"第{number}场", day=TODAY + (1 + number) * DAY)
    client = Client()
    client.get(PATH)
    with django_assert_num_queries(3, connection=connection):
        assert "第11场" in client.get(PATH).content.decode()


def test_too_many_say_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors_calendar, "MOST", 2)
    monkeypatch.setattr(selectors_calendar.sessions_for, "__defaults__", ((), 2))
    for number in range(3):
        plan(world, title=f"第{number}场")
    assert shown().more and "只列了前面一些" in Client().get(PATH).content.decode()


def test_the_feed_is_a_calendar_that_programs_read(world: World) -> None:
    session = planned_session(
        world, title="百家宴；逗号, 分号; 反斜线\\ 🎉" + "长" * 50, text="第一行\n第二行"
    )
    called_off = planned_session(world, title="露天电影", category="film")
    cancel_session(
        actor=world.actor("secretary"), session_id=called_off.pk, reason="下雨", expected_version=1
    )
    answer = Client().get(f"/calendar/{ONE}.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8" and "max-age" in answer["Cache-Control"]
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    read = icalendar.Calendar.from_ical(answer.content)
    events = {str(each["uid"]): each for each in read.walk("VEVENT")}
    one = events[f"session-{session.pk}@testserver"]
    assert str(one["summary"]) == session.activity.title and str(one["description"]) == "第一行\n第二行"
    assert one.decoded("dtstart") == session.starts_at and one.decoded("dtend") == session.ends_at
    assert (str(one["status"]), str(one["url"])) == ("CONFIRMED", f"http://testserver/on/{session.pk}/")
    assert str(events[f"session-{called_off.pk}@testserver"]["status"]) == "CANCELLED"
    again = Client().get(f"/calendar/{ONE}.ics", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80))
def test_any_title_comes_through_the_feed(text: str) -> None:
    new = Session(pk=1, kind="event", category="feast", starts_at=at(TODAY, 9), ends_at=at(TODAY, 10))
    new.activity = Activity(title=text, where="广场", text="", made_at=at(TODAY, 8))
    content = feeds.calendar_file("演示", [(new, "")], lambda session: "/on/1/", "host")
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert str(event["summary"]) == text


@given(day=st.dates(min_value=dt.date(2000, 1, 1), max_value=dt.date(2100, 1, 1)))
def test_weeks_and_months(day: dt.date) -> None:
    first = rules.month_of(day)
    assert rules.month_before(rules.next_month(first)) == first
    weeks = rules.weeks_of(first)
    days = [each for week in weeks for each in week]
    assert all(week[0].weekday() == 0 and len(week) == 7 for week in weeks)
    assert (
        day in days
        and days == sorted(days)
        and rules.monday_of(day) <= day < rules.monday_of(day) + rules.WEEK
    )
