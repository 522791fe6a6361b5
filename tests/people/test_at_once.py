"""Two officers enter the same person at the same moment: one is registered, the other is told."""

import datetime as dt
import threading
import time

import pytest
from django.db import connection, transaction

from doorstep.kernel.access.actors import Actor, Grant, system_actor
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services import appoint, found_unit
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services import correct_person, give_consent, register_person, reveal
from doorstep.kernel.shared.errors import Refused, RuleViolation
from tests.authority.cast import make_places

SYSTEM = system_actor("test")


def at_once(act) -> list[str]:
    """What two threads that start together are told."""
    gate = threading.Barrier(2)
    told: list[str] = []

    def run(number: int) -> None:
        gate.wait(10)
        try:
            act(number)
            told.append("done")
        except RuleViolation as refusal:
            told.append(str(refusal.message))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told, key=lambda text: text != "done")


def test_one_identity_number(fresh_database):
    told = at_once(
        lambda n: register_person(
            actor=SYSTEM, name=f"演示{n}", place_code="210202", identity="11010519491231002X"
        )
    )
    assert told[0] == "done" and "登记" in told[1]
    assert Person.objects.count() == 1


def test_one_username_and_one_account_for_a_person(fresh_database):
    people = [register_person(actor=SYSTEM, name=f"演示{n}", place_code="210202") for n in range(2)]
    told = at_once(lambda n: create_account(actor=SYSTEM, person=people[n], username="same"))
    assert told[0] == "done" and "使用" in told[1]
    held = Account.objects.get()
    rest = next(person for person in people if person.pk != held.person_id)
    told = at_once(lambda n: create_account(actor=SYSTEM, person=rest, username=f"other{n}"))
    assert told[0] == "done" and "账号" in told[1]
    assert Account.objects.count() == 2


def test_one_consent(fresh_database):
    person = register_person(actor=SYSTEM, name="演示", place_code="210202")
    told = at_once(lambda n: give_consent(actor=SYSTEM, person=person, purpose="notices", given_by="书面"))
    assert told == ["done", "本人已经同意过这项用途。"]


def refused_by_the_one_waited_for(act, winner) -> str:
    """What `act` is refused with when `winner` has written the same number but commits only while `act` waits."""
    told: list[str] = []
    written, waited = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            winner()
            written.set()
            waited.wait(10)
        connection.close()

    def second() -> None:
        try:
            act()
        except Refused as refusal:
            told.append(f"{refusal.field} {refusal.message} {refusal.clause or ''}")
        finally:
            connection.close()

    threads = [threading.Thread(target=first)]
    threads[0].start()
    assert written.wait(10)
    threads.append(threading.Thread(target=second))
    threads[1].start()
    wait_for_a_blocked_session()
    waited.set()
    for thread in threads:
        thread.join(20)
    return told[0]


def wait_for_a_blocked_session() -> None:
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                " WHERE NOT l.granted AND a.datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.05)
    raise AssertionError("the second never waited for the first")


@pytest.mark.parametrize("way", ["correct", "register"])
@pytest.mark.parametrize("elsewhere", [True, False])
def test_coming_second_by_a_moment_tells_no_more_than_coming_later(fresh_database, way, elsewhere):
    """Where the number is somebody's of another street, both refusals are the same, word for word."""
    mine, theirs = "210202005011", "210202006001" if elsewhere else "210202005011"
    grant = Grant("community_worker", 1, (mine,), capabilities_of("community_worker"))
    officer = Actor(account_id=1, person_id=None, name="演示", grants=(grant,))
    person = register_person(actor=SYSTEM, name="演示甲", place_code=mine)
    acts = {
        "correct": lambda number: correct_person(
            actor=officer, person=person, identity=number, reason="补登"
        ),
        "register": lambda number: register_person(
            actor=officer, name="演示乙", place_code=mine, identity=number
        ),
    }
    registered = "11010519491231002X"
    register_person(actor=SYSTEM, name="演示丙", place_code=theirs, identity=registered)
    with pytest.raises(RuleViolation) as plain:
        acts[way](registered)
    fresh = "210202199001010010"
    raced = refused_by_the_one_waited_for(
        lambda: acts[way](fresh),
        lambda: register_person(actor=SYSTEM, name="演示丁", place_code=theirs, identity=fresh),
    )
    assert raced == f"{plain.value.field} {plain.value.message} {plain.value.clause or ''}"
    assert ("无法登记" in raced) == elsewhere and ("已经登记" in raced) != elsewhere
    assert Person.objects.count() == 3


@pytest.mark.parametrize("way", ["reveal", "account", "appointment"])
def test_who_is_being_erased_is_not_looked_at_nor_put_into_office(fresh_database, way):
    """Each began while the erasure had not committed, with the record as it was before."""
    make_places()
    person = register_person(actor=SYSTEM, name="演示甲", place_code="210202005011", phone="13800000001")
    unit = found_unit(
        actor=SYSTEM, kind="residents_committee", name="演示居委会", place_code="210202005011",
        founded_on=dt.date(2025, 1, 1), document="演示〔2025〕1号",
    )  # fmt: skip
    read_before = Person.objects.select_related("key").get(pk=person.pk)
    acts = {
        "reveal": lambda: reveal(actor=SYSTEM, person=read_before, field="phone", purpose="contact"),
        "account": lambda: create_account(actor=SYSTEM, person=read_before, username="jia.yi"),
        "appointment": lambda: appoint(
            actor=SYSTEM, person_id=person.pk, post="community_worker", unit_id=unit.pk,
            valid_from=dt.date(2025, 1, 1),
        ),
    }  # fmt: skip
    told = refused_by_the_one_waited_for(
        acts[way], lambda: erase_person(actor=SYSTEM, person=person, ground="asked")
    )
    assert told and "13800000001" not in told
    assert not Account.objects.exists() and not Appointment.objects.exists()
