"""A household in force keeps the person's data; once it is revoked, nothing of the door remains."""

import pytest

from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.chain.models import MemberHousehold
from doorstep.modules.chain.own_data import _households
from doorstep.modules.chain.services import revoke_household
from doorstep.modules.chain.services_bulk import NewHousehold, designate_households
from tests.chain.world import BEGAN, ONE, SYSTEM, TODAY, person


def test_erasing_waits_for_the_revocation_and_then_forgets_the_door(world):
    who: Person = person()
    new = NewHousehold(
        person_id=who.pk, building_id=world.buildings[f"{ONE}001"][0].pk, designated_on=BEGAN, door="2单元301"
    )
    row = designate_households(actor=SYSTEM, households=[new])[0]
    assert [shown["door"] for shown in _households(who)] == ["2单元301"]
    with pytest.raises(RuleViolation, match="撤销认定"):
        erase_person(actor=SYSTEM, person=who, ground="asked")
    revoke_household(actor=SYSTEM, household_id=row.pk, revoked_on=TODAY, reason="本人要求")
    erase_person(actor=SYSTEM, person=who, ground="asked")
    assert MemberHousehold.objects.get(pk=row.pk).door == ""
    assert Person.objects.get(pk=who.pk).name != who.name or who.erased_at
