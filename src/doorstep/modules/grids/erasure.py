"""What grids do when a person is erased: visits forget whom they served, where exactly and what was said."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person
from doorstep.modules.grids.models import Visit


def _forget(actor: Actor, person: Person) -> None:
    Visit.objects.filter(person=person).update(person=None, door="", note="")


declare(Step("grids", apply=_forget))
