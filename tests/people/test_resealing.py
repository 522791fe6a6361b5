"""Another cipher, another master key: everybody is sealed anew, and found again."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.reading import personal_values
from doorstep.kernel.audit.selectors import history_of
from doorstep.kernel.people import selectors
from doorstep.kernel.people.ciphers import suite_of
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services import reveal
from doorstep.kernel.people.services_bulk import NewPerson, register_people

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")


@pytest.fixture
def people() -> list[Person]:
    made = register_people(
        actor=SYSTEM, people=[NewPerson(f"演示{n}", "210202", phone=f"1380000{n:04}") for n in range(3)]
    )
    erase_person(actor=SYSTEM, person=made[2], ground="asked")
    return made


def faults() -> list[str]:
    return [error.id for error in run_checks(tags=["production"], databases=["default"])]


def test_from_aes_to_sm4_with_the_check_that_asks_for_it(people, settings):
    assert faults() == []
    settings.FIELD_CIPHER = "sm4-gcm"
    assert faults() == ["people.E002"]
    assert not selectors.find_persons(SYSTEM, "13800000001").exists()
    call_command("reseal_people")
    assert faults() == []
    found = selectors.find_persons(SYSTEM, "13800000001").get()
    assert found == people[1] and suite_of(bytes(found.phone_sealed)).name == "sm4-gcm"
    assert reveal(actor=SYSTEM, person=found, field="phone", purpose="contact") == "13800000001"
    told = history_of(found).get(action="people.register")
    assert personal_values(told)["phone"] == "13800000001"


def test_a_new_master_key(people, settings):
    settings.OLD_MASTER_KEY, settings.MASTER_KEY = settings.MASTER_KEY, bytes(range(32))
    call_command("reseal_people")
    settings.OLD_MASTER_KEY = b""
    found = selectors.find_persons(SYSTEM, "13800000000").get()
    assert selectors.masked(found, "phone") == "138****0000"


def test_an_unknown_cipher_is_refused_at_the_start(settings):
    settings.FIELD_CIPHER = "rot13"
    assert faults() == ["people.E001"]
