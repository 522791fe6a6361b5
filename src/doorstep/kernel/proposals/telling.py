"""Who sent a plan hears that a second person sent it back, or that its day refused it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.messages import ToldPerson, tell_persons
from doorstep.kernel.proposals.models import Proposal

REFUSED, BACK = "refused", "back"


def tell_sender(actor: Actor, plan: Proposal, subject: str, key: str) -> int:
    person = Account.objects.filter(pk=plan.sent_by or 0).values_list("person_id", flat=True).first()
    return len(tell_persons(actor, [ToldPerson(person, subject, plan.pk, key)])) if person else 0


def tell(actor: Actor, plan: Proposal, subject: str, groups: Mapping[str, Any]) -> int:
    """Persons by the key of what they are told; who is in several hears the first."""
    told: dict[int, str] = {}
    for key, persons in groups.items():
        for person in sorted(persons):
            told.setdefault(person, key)
    rows = [ToldPerson(person, subject, plan.pk, key) for person, key in told.items()]
    return len(tell_persons(actor, rows)) if rows else 0
