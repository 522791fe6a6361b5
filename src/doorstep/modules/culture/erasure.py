"""What cultural events do when a person is erased: words of theirs go, the grade stays; pictures forget who added them."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.modules.culture.models import Feedback, Picture


def _forget(actor: Actor, person: Person) -> None:
    Feedback.objects.filter(person=person).update(words="", shown=False, erased_at=clock.now())
    Picture.objects.filter(added_by=person).update(added_by=None)


declare(Step("culture", apply=_forget))
