"""One's own activities in one's phone's calendar: by a secret address, made anew, ended; nothing in it of anybody else."""

from __future__ import annotations

import datetime as dt
import re

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.models import OwnCalendar
from doorstep.kernel.activities.services import NewSession, cancel_session, move_session
from doorstep.kernel.activities.services_calendar import end_calendar, renew_calendar
from doorstep.kernel.activities.services_sign_up import Applicant, join, withdraw
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.shared.errors import NotVisible
from tests.activities.world import NOW, SYSTEM, World
from tests.sign_in import client_of

DAY = dt.timedelta(days=1)


def events(address: str) -> dict[str, tuple[str, dt.datetime]]:
    """By title: status and beginning, as a calendar reads them. The reader has not signed in."""
    answer = Client().get(address)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    found = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    return {str(each["summary"]): (str(each["status"]), each.decoded("dtstart")) for each in found}


def asked_for(client: Client, do: str = "renew") -> str:
    page = client.post("/mine/activities/calendar/", {"do": do}).content.decode()
    found = re.search(r"<code[^>]*>https?://testserver(/mine/calendar/[^<]+\.ics)</code>", page)
    assert found
    return found[1]


@pytest.fixture
def one(world: World) -> Client:
    world.resident("甲")
    return client_of(world.accounts["甲"])


def signed_up(world: World, name: str, **session):
    actor = world.resident(name)
    made = world.session(**session)
    join(actor=actor, session_id=made.pk, who=Applicant(person_id=int(actor.person_id or 0)))
    return made


def test_what_one_signed_up_for_and_nothing_else(world: World, one: Client) -> None:
    mine = signed_up(world, "甲", title="清理楼道")
    called_off = signed_up(world, "甲", title="除草", at=NOW + 2 * DAY)
    left = signed_up(world, "甲", title="退出的", at=NOW + 3 * DAY)
    full = world.session(title="名额已满", at=NOW + 4 * DAY, capacity=1)
    for name in ("乙", "甲"):
        actor = world.resident(name)
        join(actor=actor, session_id=full.pk, who=Applicant(person_id=int(actor.person_id or 0)))
    signed_up(world, "乙", title="别人的", at=NOW + 5 * DAY)
    withdraw(actor=world.actor("甲"), session_id=left.pk, person_id=world.people["甲"].pk)
    leader = world.actor("leader")
    cancel_session(actor=leader, session_id=called_off.pk, reason="下雨", expected_version=1)
    later = NewSession(starts_at=NOW + 6 * DAY, ends_at=NOW + 6 * DAY + DAY / 12)
    move_session(actor=leader, session_id=mine.pk, new=later, expected_version=1)
    address = asked_for(one)
    assert events(address) == {
        "清理楼道": ("CONFIRMED", NOW + 6 * DAY), "除草": ("CANCELLED", NOW + 2 * DAY),
        "名额已满": ("TENTATIVE", NOW + 4 * DAY),
    }  # fmt: skip
    answer = Client().get(address)
    assert "演示乙" not in answer.content.decode() and "no-cache" in answer["Cache-Control"]
    assert Client().get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    with CaptureQueriesContext(
        connection,
    ) as asked:
        Client().get(address)
    assert len(asked) == 3  # its pace, the calendar, what it shows


def test_made_anew_the_old_address_is_dead_and_ended_none_lives(world: World, one: Client) -> None:
    signed_up(world, "甲")
    first = asked_for(one)
    kept = OwnCalendar.objects.get()
    secret = first.rpartition("/")[2].removesuffix(".ics")
    assert len(secret) >= 40 and secret not in (kept.token_digest, str(kept.__dict__))
    second = asked_for(one)
    never = f"/mine/calendar/{'x' * len(secret)}.ics"
    assert first != second and events(second)
    dead, unknown = Client().get(first), Client().get(never)
    assert dead.status_code == unknown.status_code == 404
    assert dead.content.replace(first.encode(), b"") == unknown.content.replace(never.encode(), b"")
    page = one.get("/mine/activities/").content.decode()
    assert secret not in page and second not in page and "换一个地址" in page
    ended = one.post("/mine/activities/calendar/", {"do": "end"}, follow=True).content.decode()
    assert "已停用" in ended and "要一个日历地址" in ended
    assert Client().get(second).status_code == 404 and not OwnCalendar.objects.exists()
    assert one.post("/mine/activities/calendar/", {"do": "end"}, follow=True).status_code == 200


def test_one_makes_ones_own_alone_and_signed_in(world: World, one: Client) -> None:
    away = Client().post("/mine/activities/calendar/", {"do": "renew"})
    assert away.status_code == 302 and "/sign-in/" in away["Location"]
    with pytest.raises(NotVisible):
        renew_calendar(actor=SYSTEM)
    asked_for(one)
    other = world.resident("乙")
    assert not policy_for(OwnCalendar).visible_to(other).exists()
    assert not policy_for(OwnCalendar).can(other, "view", OwnCalendar.objects.get())
    end_calendar(actor=other)
    assert OwnCalendar.objects.count() == 1


def test_it_goes_with_its_person(world: World, one: Client) -> None:
    address = asked_for(one)
    erase_person(actor=SYSTEM, person=world.people["甲"], ground="asked")
    assert Client().get(address).status_code == 404 and not OwnCalendar.objects.exists()
