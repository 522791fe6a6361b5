"""What the four lists do when a person is erased: words of a rating go, its grade stays; claims forget who made them."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person
from doorstep.modules.partnership.models_lists import Claim, Rating


def _forget(actor: Actor, person: Person) -> None:
    Rating.objects.filter(person=person).update(words="")
    Claim.objects.filter(by=person).update(by=None)


declare(Step("partnership.lists", apply=_forget))
