"""Two years of requests: plausible, by the rules, the same however often the load is cut off; never twice."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest
from django.db import connection
from django.db.models import Count, F, Q
from django.db.models.functions import ExtractHour
from django_tasks_db.models import DBTaskResult

from doorstep.demo import tasks
from doorstep.demo.requests import past, seasons, words
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.matters.models import Deadline, History, Link, Matter, Notice
from doorstep.kernel.people.models import Person
from doorstep.launch import templates
from doorstep.launch.locations import PROJECT
from doorstep.modules.requests import seeds
from doorstep.modules.requests.models import CallBack, Rating, Request, Sample, WhistleCall
from tests.clones import own_database, own_name, pointed_at
from tests.conftest import DEMO_DAY

JULY = past.Month(dt.date(2025, 7, 1), dt.date(2025, 7, 21))
SLICE = past.Month(dt.date(2026, 5, 4), dt.date(2026, 5, 17))
KILLED_AFTER_A_PORTION = """
import os, signal, django
django.setup()
from doorstep.demo.requests import past
import datetime as dt
month = past.Month(dt.date({first}), dt.date({last}))
past.load_month(month, tell=lambda number: os.kill(os.getpid(), signal.SIGKILL))
"""


@pytest.fixture(scope="module")
def july(django_db_setup, django_db_blocker):
    """Three weeks of a summer in a demo district of this module's own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DOORSTEP_TODAY", DEMO_DAY.isoformat())
        name, template = own_name("july"), templates.demo_template(DEMO_DAY)
        with own_database(name, template), pointed_at(name, django_db_blocker):
            before = Matter.objects.count()
            brought = past.load_month(JULY)
            yield brought, before


def of_july(**more):
    rows = Matter.objects.filter(kind="request", opened_at__date__range=(JULY.first, JULY.last))
    return rows.filter(**more)


def share(rows, condition):
    return rows.filter(condition).count() / rows.count()


def test_every_case_keeps_the_rules(july):
    brought, before = july
    assert (brought.problems, brought.added) == ([], JULY.cases)
    assert Matter.objects.count() - before == JULY.cases
    rows = of_july()
    assert rows.count() == JULY.requests == Request.objects.filter(matter__in=rows).count()
    assert History.objects.filter(matter__in=rows, name="open").count() == JULY.requests
    assert (
        Entry.objects.filter(action="request.open", changes__has_key="brought_from").count() == JULY.requests
    )
    assert not Notice.objects.filter(matter__in=rows).exists()
    assert not rows.filter(confidentiality=Matter.INTERNAL, item__in=seeds.SEALED).exists()


def test_the_mix_is_plausible(july):
    rows = of_july()
    assert rows.values("item").distinct().count() > 50
    assert rows.values("community_code").distinct().count() > 60
    sources = dict(rows.values_list("source").annotate(Count("pk")).order_by())
    assert set(sources) == {"phone", "hotline", "patrol", "worker", "counter", "forum"}
    assert 0.12 < share(rows, Q(request__on_the_spot=True)) < 0.25
    late = Deadline.objects.filter(matter__in=rows, breached_at__isnull=False).values("matter").distinct()
    assert 0.055 < late.count() / rows.count() < 0.085
    steps = dict(History.objects.filter(matter__in=rows).values_list("name").annotate(Count("pk")).order_by())
    rare = (
        "return",
        "object",
        "suspend",
        "rework",
        "reject",
        "withdraw",
        "reopen",
        "decline_reopen",
        "raise",
        "merge",
    )
    assert all(1 <= steps[name] < rows.count() * 0.1 for name in rare), steps
    assert Link.objects.filter(matter__in=rows, kind=Link.DUPLICATE).count() == steps["merge"]
    assert share(rows, Q(is_open=True)) < 0.002  # a year later


def test_seasons_and_hours():
    def kinds(month):
        return dict(zip(*seasons.items_on(month, False, False), strict=True))

    assert kinds(1)["live.heating"] > 20 * kinds(7)["live.heating"] > 0
    assert kinds(7)["live.leak"] > 5 * kinds(1)["live.leak"] and kinds(7)["env.snow"] == 0
    assert set(kinds(3)) == {code for _class, code, *_rest in seeds.ITEMS} == set(words.TROUBLES)
    months = past.months_until(DEMO_DAY)
    assert sum(month.cases for month in months) >= 60_000
    assert months[0].first == DEMO_DAY - dt.timedelta(days=730) and months[-1].last < DEMO_DAY


def test_people_sleep_at_night(july):
    hour = ExtractHour("opened_at", tzinfo=seasons.DISTRICT_ZONE)
    by_hour = dict(of_july().annotate(hour=hour).values_list("hour").annotate(Count("pk")).order_by())
    assert sum(by_hour.get(each, 0) for each in range(5)) < 0.05 * JULY.requests
    assert by_hour[9] > 4 * by_hour.get(23, 0)
    office = History.objects.filter(matter__in=of_july(urgency="normal"), name="verify")
    at = office.annotate(hour=ExtractHour("at", tzinfo=seasons.DISTRICT_ZONE))
    assert not at.exclude(hour__range=(8, 17)).exists()


def test_those_who_report_are_plainly_made_up(july):
    people = Person.objects.filter(reported__in=of_july()).distinct()
    assert people.count() > 500 and not people.exclude(name__startswith="演示").exists()
    assert Person.objects.filter(name__regex="^演示[居邻]").count() == 715 * 6


def test_rates_and_figures_are_those_of_the_rows(july):
    """Against SQL written by hand."""
    on = dt.date(2025, 8, 31)
    found = {each.key: each.value for each in figures("210202", on=on, since=JULY.first)}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), avg(100.0 * contacted::int), avg(100.0 * solved::int),
                   avg(CASE WHEN satisfaction >= 4 THEN 100 WHEN satisfaction = 3 THEN 90 ELSE 0 END)
            FROM requests_callback WHERE valid AND at >= '2025-06-30 16:00Z' AND at < '2025-08-31 16:00Z'
            """
        )
        number, response, resolution, satisfaction = (float(value) for value in cursor.fetchone())
    assert number == found["requests.valid_call_backs"] > 150
    assert found["requests.response_rate"] == pytest.approx(response) and 90 < response < 99
    assert found["requests.resolution_rate"] == pytest.approx(resolution) and 82 < resolution < 96
    assert found["requests.satisfaction_rate"] == pytest.approx(satisfaction) and 80 < satisfaction < 97
    assert found["requests.received"] == Matter.objects.filter(
        kind="request", opened_at__gte="2025-06-30 16:00Z", opened_at__lt="2025-08-31 16:00Z"
    ).count()  # fmt: skip
    assert CallBack.objects.filter(valid=False).count() > 30 and Rating.objects.count() > 100
    handled = History.objects.filter(matter=F("matter"), name__in=("accept", "handle", "on_the_spot"))
    assert not CallBack.objects.filter(
        request__matter__history__in=handled, request__matter__history__person=F("person")
    ).exists()


def test_whistles_call_several_departments(july):
    rows = Matter.objects.filter(kind="whistle", opened_at__date__range=(JULY.first, JULY.last))
    calls = WhistleCall.objects.filter(whistle__matter__in=rows)
    assert rows.count() == len(JULY.days) and rows.values("category").distinct().count() >= 3
    assert calls.filter(released_at=None, lead=True).count() == rows.exclude(state="declined").count()
    assert calls.count() > 1.5 * rows.count() and calls.values("unit").distinct().count() >= 5


def told(name):
    """All that two loads must agree on, by the cases' keys."""
    rows = Matter.objects.filter(opened_at__date__range=(SLICE.first, SLICE.last)).order_by("key")
    return {
        "matters": list(rows.values_list("key", "kind", "state", "title", "text", "holder", "handler", "opened_at", "closed_at", "due_at", "main__key", "reporter")),
        "history": list(History.objects.filter(matter__in=rows).order_by("matter__key", "number").values_list("matter__key", "number", "name", "at", "person", "unit", "note")),
        "promises": list(Deadline.objects.filter(matter__in=rows).order_by("matter__key", "clock", "round").values_list("matter__key", "clock", "due_at", "met_at", "breached_at")),
        "called": list(CallBack.objects.filter(request__matter__in=rows).order_by("request__matter__key", "at").values_list("request__matter__key", "at", "valid", "solved", "satisfaction")),
        "rated": list(Rating.objects.filter(request__matter__in=rows).order_by("request__matter__key", "at").values_list("request__matter__key", "at", "satisfaction")),
        "links": Link.objects.filter(matter__in=rows).count(),
        "acts": Entry.objects.filter(target="matters.matter", changes__has_key="brought_from").count(),
    }  # fmt: skip


def test_nothing_is_proposed_after_the_day_on_which_it_is_loaded(july):
    """Whatever day that is: after a Saturday, within the holidays of May."""
    ground = past.Ground.read(DEMO_DAY)
    for number in range(14):
        ground.today = today = dt.date(2026, 5, 1) + dt.timedelta(days=number)
        month = past.months_until(today)[-1]
        told = [case.matter.at for case in past.whistles_of(ground, month)]
        assert len(told) == len(month.days) and max(told) < seasons.at(today, 0), today


def test_a_load_that_was_killed_goes_on_and_equals_an_unbroken_one(fresh_demo_database, django_db_blocker):
    first, last = (f"{day.year}, {day.month}, {day.day}" for day in (SLICE.first, SLICE.last))
    code = KILLED_AFTER_A_PORTION.format(first=first, last=last)
    killed = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False)
    assert killed.returncode == -9
    half = told(fresh_demo_database)
    assert 0 < len(half["matters"]) < SLICE.cases
    rest = past.load_month(SLICE)
    assert rest.known == len(half["matters"]) and rest.added == SLICE.cases - rest.known
    broken = told(fresh_demo_database)
    assert past.load_month(SLICE).added == 0
    other, template = own_name("unbroken"), templates.demo_template(DEMO_DAY)
    with own_database(other, template), pointed_at(other, django_db_blocker):
        past.load_month(SLICE)
        assert told(other) == broken


def test_the_scheduler_asks_for_the_load_once_and_each_month_for_the_next(
    fresh_demo_database, monkeypatch, settings, capsys
):
    settings.DEMO = True
    monkeypatch.setattr(seasons, "DAYS", 17)  # half of June, and the last days of May
    for _again in range(2):
        tasks.carry_on()
    (job,) = DBTaskResult.objects.all()
    assert job.priority == tasks.BEHIND_OTHERS
    assert [month.name for month in past.standing().waiting] == ["2026-05", "2026-06"]
    DBTaskResult.objects.all().delete()
    tasks.load_requests.func()
    assert past.standing().waiting[0].name == "2026-06" and DBTaskResult.objects.count() == 1
    tasks.load_requests.func()
    assert past.standing().waiting == () and past.standing().done == past.standing().total
    assert "全部装入" in capsys.readouterr().out
    assert Sample.objects.filter(month=dt.date(2026, 5, 1)).exists()
    DBTaskResult.objects.all().delete()
    tasks.carry_on()
    assert [job.task_path for job in DBTaskResult.objects.all()] == [tasks.load_volunteering.module_path]


def test_only_the_demo_district_is_filled(fresh_database, settings):
    settings.DEMO = True
    tasks.carry_on()
    settings.DEMO = False
    tasks.carry_on()
    assert not DBTaskResult.objects.exists() and not Matter.objects.exists()
