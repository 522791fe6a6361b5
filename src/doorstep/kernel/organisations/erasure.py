"""What organisations forget when a person is erased: what was written of the leaving; posts and days stay."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person


def _forget_words(actor: Actor, person: Person) -> None:
    held = Appointment.objects.filter(person=person)
    held.update(end_reason="")
    held.filter(document__contains=person.name).update(document="")


declare(Step("organisations", apply=_forget_words))
