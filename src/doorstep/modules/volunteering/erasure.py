"""What volunteering does when a person is erased: the volunteer leaves, the number stays without anything about anybody, and
the records of service with it, since the books add up."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.modules.volunteering.models import Appeal, Membership, Volunteer


def _forget(actor: Actor, person: Person) -> None:
    today = clock.today()
    members = Membership.objects.filter(volunteer__person=person)
    members.filter(in_force(today), valid_from__lt=today).update(valid_to=today)
    volunteers = Volunteer.objects.filter(person=person)
    volunteers.filter(left_on=None).update(left_on=today)
    volunteers.update(born_in=None, skills=[], times=[], card_index=None)
    Appeal.objects.filter(volunteer__person=person).update(text="", answer="")


declare(Step("volunteering", apply=_forget))
