"""What partners do when a person is erased: where their Party membership lay is forgotten, that somebody was recommended stays."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person
from doorstep.modules.partnership.models import Nomination


def _forget(actor: Actor, person: Person) -> None:
    Nomination.objects.filter(person=person).update(affiliation="")


declare(Step("partnership.nominations", apply=_forget))
