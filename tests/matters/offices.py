"""Real appointments for the cast of `world`, and addresses of its people: who hears is read from them."""

from __future__ import annotations

from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.services_choices import choose_message
from doorstep.kernel.organisations.services_appointments import appoint
from doorstep.kernel.people.ciphers import current_suite, new_key
from doorstep.kernel.people.models import PersonKey
from doorstep.kernel.people.services import correct_person
from tests.matters.world import SYSTEM, World
from tests.organisations.world import START


def appoint_cast(world: World, but: tuple[str, ...] = ()) -> None:
    """Those of the cast who act in office are appointed there (a department has no post of a district officer)."""
    for role, actor in world.actors.items():
        for grant in actor.grants if role not in {*but, "district"} else ():
            appoint(
                actor=SYSTEM, person_id=world.people[role].pk, post=grant.post, unit_id=grant.unit_id,
                valid_from=START, places=grant.places,
            )  # fmt: skip


def reachable(world: World, role: str, *channels: str, phone: str = "13900000001") -> None:
    """Give somebody a phone and an e-mail address; they choose these channels."""
    person = world.people[role]
    PersonKey.objects.create(person=person, cipher=current_suite().name, wrapped=new_key(person.pk)[1])
    correct_person(actor=SYSTEM, person=person, phone=phone, reason="演示")
    Account.objects.create(username=role, email=f"{role}@example.org", person=person)
    for channel in channels:
        choose_message(actor=world[role], channel=channel, wanted=True)
