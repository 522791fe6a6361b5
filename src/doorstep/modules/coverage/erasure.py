"""What coverage does when a person is erased: pages and decisions forget who wrote and took them; what they wrote of visits goes."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person
from doorstep.modules.coverage.models import Assistance, CommunityPage, Visit


def _forget(actor: Actor, person: Person) -> None:
    Visit.objects.filter(instructor=person).update(found="")
    CommunityPage.writers.through.objects.filter(person=person).delete()
    CommunityPage.objects.filter(approved_by=person).update(approved_by=None)
    Assistance.objects.filter(decided_by=person).update(decided_by=None)


declare(Step("coverage", apply=_forget))
