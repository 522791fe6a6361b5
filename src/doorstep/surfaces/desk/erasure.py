"""What the desk forgets with a person: filters of the own account, and those whose name or search names the person."""

from __future__ import annotations

from urllib.parse import quote_plus

from django.db.models import Q

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person
from doorstep.surfaces.desk.models import SavedFilter


def _forget_filters(actor: Actor, person: Person) -> None:
    own = Account.objects.filter(person=person).values("pk")
    names = Q(name__contains=person.name) | Q(query__contains=quote_plus(person.name))
    SavedFilter.objects.filter(Q(account_id__in=own) | names).delete()


declare(Step("desk", apply=_forget_filters))
