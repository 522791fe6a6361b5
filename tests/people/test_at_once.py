"""Two officers enter the same person at the same moment: one is registered, the other is told."""

import threading

from django.db import connection

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.services import create_account
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services import give_consent, register_person
from doorstep.kernel.shared.errors import RuleViolation

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
