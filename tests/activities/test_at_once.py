"""At the same moment, by real connections: the last seat, two places, one announcement sent twice, one person ticked twice."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection

from doorstep.kernel.activities import codes
from doorstep.kernel.activities.checks import NewSession
from doorstep.kernel.activities.models import Activity, Attendance, SignUp
from doorstep.kernel.activities.services import announce
from doorstep.kernel.activities.services_attendance import Presence, check_in, tick
from doorstep.kernel.activities.services_sign_up import Applicant, join, withdraw
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from tests.activities.world import NOW, World, build

BEGIN = NOW + dt.timedelta(days=1)


@pytest.fixture
def world(fresh_database: str) -> World:
    return build()


def together(acts: Sequence[Callable[[], Any]], at: dt.datetime = NOW) -> list[Any]:
    """What each got: a value or the refusal; anything else fails the test."""
    gate, found = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=20)
            with clock.fixed(at):
                found.append(act())
        except Exception as trouble:
            found.append(trouble)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(found) == len(acts)
    strange = [each for each in found if isinstance(each, Exception) and not isinstance(each, Refused)]
    assert not strange, strange
    return found


def joining(actor, session):
    return lambda: join(actor=actor, session_id=session.pk, who=Applicant(person_id=actor.person_id))


def test_the_last_seat_goes_to_one_and_the_others_wait_in_line(world: World) -> None:
    session = world.session(capacity=1)
    people = [world.resident(f"甲{number}") for number in range(6)]
    together([joining(actor, session) for actor in people])
    states = list(SignUp.objects.values_list("state", flat=True))
    assert sorted(states) == ["joined", *["waiting"] * 5]


def test_leaving_and_joining_at_once_never_overfills(world: World) -> None:
    session = world.session(capacity=2)
    people = [world.resident(f"甲{number}") for number in range(6)]
    for actor in people[:4]:
        joining(actor, session)()
    leave = [
        lambda actor=actor: withdraw(actor=actor, session_id=session.pk, person_id=actor.person_id)
        for actor in people[:2]
    ]
    together([*leave, *(joining(actor, session) for actor in people[4:])])
    assert SignUp.objects.filter(state="joined").count() == 2


def test_one_person_on_two_phones_is_promised_to_one_place(world: World) -> None:
    one, sessions = world.resident("甲"), [world.session(title=f"第{number}处") for number in range(4)]
    found = together([joining(one, session) for session in sessions])
    assert SignUp.objects.filter(state="joined").count() == 1
    assert sum(isinstance(each, Refused) for each in found) == 3


def test_one_person_is_there_once(world: World) -> None:
    one = world.resident("甲")
    sessions = [world.session(title=f"第{number}处", by_sign_up=False) for number in range(3)]

    def coming(session):
        return lambda: check_in(actor=one, session_id=session.pk, code=codes.typed_code(session.pk, BEGIN))

    found = together([coming(session) for session in [*sessions, *sessions]], BEGIN)
    assert Attendance.objects.count() == 1 and sum(isinstance(each, Refused) for each in found) == 4


def test_two_organisers_tick_the_same_list(world: World) -> None:
    session, people = world.session(), [world.resident(f"甲{number}") for number in range(5)]
    present = [Presence(person_id=each.person_id, in_at=BEGIN) for each in people]
    together(
        [
            lambda role=role: tick(actor=world.actor(role), session_id=session.pk, present=present)
            for role in ("leader", "secretary", "deputy")
        ],
        BEGIN,
    )
    assert Attendance.objects.count() == 5


def test_one_announcement_sent_by_two_clicks_is_one(world: World) -> None:
    key, new, leader = uuid.uuid4(), world.new(), world.actor("leader")
    times = [NewSession(starts_at=BEGIN, ends_at=BEGIN + dt.timedelta(hours=1))]
    together([lambda: announce(actor=leader, new=new, sessions=times, key=key)] * 5)
    assert Activity.objects.count() == 1 and Activity.objects.get().sessions.count() == 1


def test_two_sessions_that_meet_move_the_same_one_up(world: World) -> None:
    first, second = world.session(capacity=1), world.session(capacity=1, title="读书会")
    one, two, waiting = (world.resident(name) for name in "甲乙丙")
    for session, actor in ((first, one), (second, two), (first, waiting), (second, waiting)):
        joining(actor, session)()
    together(
        [
            lambda: withdraw(actor=one, session_id=first.pk, person_id=one.person_id),
            lambda: withdraw(actor=two, session_id=second.pk, person_id=two.person_id),
        ]
    )
    states = sorted(SignUp.objects.filter(person_id=waiting.person_id).values_list("state", flat=True))
    assert states == ["joined", "waiting"]
