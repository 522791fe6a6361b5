"""On the first day everybody of the cast finds something in hand, made by the live services and dated before today."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.demo.cast import CAST
from doorstep.demo.requests.cast_life import play
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.declarations.work import all_providers
from doorstep.kernel.matters import selectors
from doorstep.kernel.matters.models import History, Matter, Notice
from doorstep.kernel.shared import clock
from doorstep.modules.requests.models import Rating, WhistleCall
from doorstep.surfaces.desk.waiting import waiting
from tests.conftest import DEMO_DAY


@pytest.fixture(autouse=True)
def played(demo_database):
    assert play(DEMO_DAY) > 20 and play(DEMO_DAY) == 0


NOON = clock.DISTRICT_ZONE


def actor(username):
    return actor_for(Account.objects.get(username=username))


def states(username):
    """States of what somebody has a part in."""
    person = Account.objects.get(username=username).person_id
    rows = policy_for(Matter).visible_to(actor(username)).filter(reporter_id=person)
    return sorted(rows.values_list("state", flat=True))


def work(username, key):
    (provider,) = [each for each in all_providers() if each.key == key]
    items, total = provider.items(actor(username), DEMO_DAY, 20)
    return [str(item.title) for item in items], total


@pytest.mark.parametrize("member", [member for member in CAST if member.post], ids=lambda each: each.username)
def test_everybody_at_a_desk_finds_something(member):
    assert any(group.total for group in waiting(actor(member.username), DEMO_DAY))


def test_the_resident_follows_what_was_answered_what_is_in_hand_and_what_is_new():
    assert set(states("resident")) >= {"closed", "in_progress", "reopening_asked", "reported"}
    assert states("merchant") == ["dispatched", "in_progress"]
    assert Rating.objects.count() == 2


def test_the_worker_has_something_due_today_something_overdue_and_something_new():
    mine, number = work("worker", "matters.in_hand")
    late = selectors.box(actor("worker"), "overdue", "").values_list("title", flat=True)
    assert number >= 3 and "楼梯拐角堆满旧鞋柜和木板" in mine and "楼梯拐角堆满旧鞋柜和木板" in late
    due = Matter.objects.get(title="分类亭门口的袋子快堆到路上了").due_at
    assert due == dt.datetime(2026, 6, 16, tzinfo=NOON)  # the end of the fixed day, a Monday
    assert work("worker", "matters.untaken")[1] >= 2


def test_the_secretary_checks_answers_and_is_asked():
    assert work("secretary", "requests.to_check")[1] == 2
    assert work("secretary", "requests.reopenings")[0] == ["有人遛狗从来不拴绳"]
    assert work("secretary", "matters.asked")[0] == ["绿化带里有棵树枯了大半，怕大风刮倒"]


def test_the_street_gives_away_screens_and_judges():
    assert work("street", "matters.asked")[0] == ["一楼下水往外返脏水，主管道归谁一直说不清"]
    given, _number = work("street", "requests.to_give")
    assert "小区入口的沥青裂开一个大坑" in given and len(given) == 2  # and a whistle to screen
    checked = policy_for(Matter).visible_to(actor("street")).filter(kind="whistle", state="handled")
    assert checked.count() == 1 and checked[0].title in work("street", "requests.to_check")[0]


def test_the_department_the_company_the_district_and_the_neighbour():
    asked, _number = work("department", "matters.asked")
    assert len(asked) == 2  # a whistle to answer and a road
    assert work("department", "matters.in_hand")[1] == 1
    assert work("property", "matters.asked")[1] == work("property", "matters.in_hand")[1] == 1
    assert work("district", "requests.to_give")[1] == 1
    assert work("street2", "matters.asked")[1] == 1 and work("outsider", "matters.in_hand")[1] == 2
    assert WhistleCall.objects.filter(lead=False).count() == 1


def test_nothing_is_dated_today_and_what_is_overdue_has_been_told():
    morning = dt.datetime.combine(DEMO_DAY, dt.time(), clock.DISTRICT_ZONE)
    steps = History.objects.exclude(name="overdue")
    assert steps.filter(at__lt=morning).count() == steps.count() > 60
    assert (
        History.objects.filter(name="overdue").count() >= 4 and Notice.objects.filter(key="overdue").exists()
    )


def test_my_work_costs_a_fixed_number_of_queries():
    for username, most in (("secretary", 60), ("worker", 40)):
        own = actor(username)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            waiting(own, DEMO_DAY)
        assert len(seen) <= most, (username, len(seen))
