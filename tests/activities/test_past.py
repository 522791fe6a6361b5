"""Many sessions of the past: the same rules, the same rows, in a number of statements that does not grow."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.errors import ExclusionViolation

from doorstep.kernel.activities.models import Activity, Attendance, Session, SignUp
from doorstep.kernel.activities.services_attendance import Presence
from doorstep.kernel.activities.services_past import PastSession, bring_sessions
from doorstep.kernel.audit.models import Entry
from tests.activities.world import NOW, SYSTEM, World

HOUR = dt.timedelta(hours=1)


def case(world: World, day: int, people=(), hours: float = 2, **more) -> PastSession:
    starts = NOW - dt.timedelta(days=day)
    present = [
        Presence(person_id=each.person_id, in_at=starts, out_at=starts + hours * HOUR) for each in people
    ]
    return PastSession(
        key=uuid.uuid4(), new=world.new(), starts_at=starts, ends_at=starts + hours * HOUR, present=present,
        confirmed_by_id=world.people["leader"].pk, **more,
    )  # fmt: skip


def test_sessions_come_in_with_history_and_a_second_time_nothing_comes(world: World) -> None:
    people = [world.resident("甲"), world.resident("乙")]
    cases = [case(world, 10, people), case(world, 9, people, head_count=30)]
    first = bring_sessions(actor=SYSTEM, cases=cases)
    assert {each.pk for each in bring_sessions(actor=SYSTEM, cases=cases).values()} == {
        each.pk for each in first.values()
    }
    assert (Activity.objects.count(), Session.objects.count(), SignUp.objects.count()) == (2, 2, 4)
    assert sorted(Session.objects.values_list("head_count", flat=True)) == [2, 30]
    assert [row.minutes for row in Attendance.objects.all()] == [120] * 4
    assert Entry.objects.filter(action="activities.came").count() == 4


def test_the_number_of_statements_does_not_grow(world: World) -> None:
    people = [world.resident("甲"), world.resident("乙")]
    counts = []
    for days in ([10], range(20, 60)):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            bring_sessions(actor=SYSTEM, cases=[case(world, day, people) for day in days])
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_database_keeps_its_rules(world: World) -> None:
    one = world.resident("甲")
    with pytest.raises(ExclusionViolation), transaction.atomic():
        bring_sessions(actor=SYSTEM, cases=[case(world, 10, [one]), case(world, 10, [one])])
    with pytest.raises(ValueError):
        bring_sessions(actor=SYSTEM, cases=[case(world, 10, [one], hours=25)])
    with pytest.raises(PermissionError):
        bring_sessions(actor=world.actor("street"), cases=[case(world, 10)])
    assert not Session.objects.exists()
