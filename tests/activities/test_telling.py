"""Who is told of what: moved, called off, moved up, let go, the day before; in the reader's words, once."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from doorstep.kernel.activities.checks import NewSession
from doorstep.kernel.activities.models import SignUp
from doorstep.kernel.activities.services import cancel_session, move_session
from doorstep.kernel.activities.services_reminding import remind
from doorstep.kernel.activities.services_sign_up import Applicant, join, withdraw
from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.matters.notices import lines_of
from doorstep.kernel.people.erasure import OWN_WISH, erase_person
from doorstep.kernel.people.own_data import as_json, own_data
from doorstep.kernel.shared import clock
from tests.activities.world import NOW, World

TOMORROW = NOW + dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def sign_up(actor, session) -> SignUp:
    return join(actor=actor, session_id=session.pk, who=Applicant(person_id=actor.person_id))


def told(actor) -> list[str]:
    rows = list(Notice.objects.filter(person_id=actor.person_id).order_by("pk"))
    words = lines_of(rows)
    return [str(words[row.pk]) for row in rows]


def test_moved_and_called_off(world: World) -> None:
    session, one = world.session(), world.resident("甲")
    sign_up(one, session)
    times = NewSession(starts_at=TOMORROW + HOUR, ends_at=TOMORROW + 3 * HOUR)
    move_session(actor=world.actor("leader"), session_id=session.pk, new=times, expected_version=1)
    cancel_session(actor=world.actor("leader"), session_id=session.pk, reason="下大雨", expected_version=2)
    moved, cancelled = told(one)
    assert "2026-06-16 10:00" in moved and "下大雨" in cancelled
    with translation.override("en"):
        assert "清理楼道" in told(one)[0] and "has changed" in told(one)[0]


def test_the_one_who_moves_up_is_told(world: World) -> None:
    session, one, two = world.session(capacity=1), world.resident("甲"), world.resident("乙")
    for actor in (one, two):
        sign_up(actor, session)
    withdraw(actor=one, session_id=session.pk, person_id=one.person_id)
    assert "转正" in told(two)[0] and not told(one)


def test_the_day_before_once_and_again_after_a_move(world: World) -> None:
    session, later = world.session(), world.session(at=NOW + dt.timedelta(days=5), title="读书会")
    one = world.resident("甲")
    sign_up(one, session)
    sign_up(one, later)
    with clock.fixed(TOMORROW - 23 * HOUR):
        assert (remind(), remind()) == (1, 0)
    assert len(told(one)) == 1 and "提醒" in told(one)[0]
    with clock.fixed(TOMORROW - 20 * HOUR):
        times = NewSession(starts_at=TOMORROW + 2 * HOUR, ends_at=TOMORROW + 3 * HOUR)
        move_session(actor=world.actor("leader"), session_id=session.pk, new=times, expected_version=1)
        assert remind() == 1
    assert ["提醒" in line for line in told(one)] == [True, False, True]


def test_reminding_asks_a_fixed_number_of_statements(world: World) -> None:
    counts = []
    for number in range(2):
        for each in range(1 + 4 * number):
            session = world.session(title=f"第{number}{each}场", at=TOMORROW + each * 2 * HOUR, hours=1)
            for name in "甲乙丙"[: 1 + 2 * number]:
                sign_up(world.resident(name + str(number)), session)
        with clock.fixed(TOMORROW - HOUR), CaptureQueriesContext(connection) as asked:
            assert remind() == 1 + 4 * number
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_an_erased_person_gives_the_seat_back_and_sees_before_what_is_kept(world: World) -> None:
    session, one, two = world.session(capacity=1), world.resident("甲"), world.resident("乙")
    for actor in (one, two):
        sign_up(actor, session)
    assert "清理楼道" in str(as_json(own_data(actor=one)))
    erase_person(actor=one, person=world.people["甲"], ground=OWN_WISH)
    assert SignUp.objects.get(person_id=two.person_id).state == "joined" and "转正" in told(two)[0]
