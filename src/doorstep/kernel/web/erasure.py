"""What pages forget when a person is erased: searches by the name whose rows were exported."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person
from doorstep.kernel.web.models import Export


def _forget_searches(actor: Actor, person: Person) -> None:
    Export.objects.filter(sentence__contains=person.name).update(sentence="")


declare(Step("web", apply=_forget_searches))
