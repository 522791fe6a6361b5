"""Erasing a person (PIPL article 47): the key is destroyed, a tombstone remains.

Packages that stand on people declare what they must finish first (an appointment in force) and what goes with the
person (an account).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.people.models import Consent, Person, PersonKey
from doorstep.kernel.people.purposes import erasure_grounds
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.names import name_keys

Text = str | Promise
OWN_WISH = "asked"  # everybody may ask for their own, and needs nobody's leave
TOMBSTONE = "已删除的人员"
_TOMBSTONE_SHOWN = gettext_lazy("已删除的人员")  # what pages show for the stored word


@dataclass(frozen=True)
class Step:
    """What one package does about an erasure, in its transaction.

    refuse: why this person's data must stay for now (with its basis, PIPL article 50), or None.
    apply: what the package removes of the person.
    """

    key: str
    refuse: Callable[[Person], Text | None] = lambda person: None
    apply: Callable[[Actor, Person], None] = lambda actor, person: None


_steps: dict[str, Step] = {}


def declare(step: Step) -> None:
    if step.key in _steps:
        raise RuntimeError(f"erasure step {step.key} is declared twice")
    _steps[step.key] = step


@transaction.atomic
def erase_person(*, actor: Actor, person: Person, ground: str) -> Person:
    """Destroy the person's key and values. What the audit holds under that key is unreadable from then on, and the
    chain still verifies. `ground` is one of `purposes.erasure_grounds()`: words of one's own would tell of the person
    for ever.

    Raises RuleViolation when a package must keep the data for now, when no ground is given, or the second time.
    """
    found = Person.objects.select_for_update().filter(pk=person.pk).first()
    if found is None:
        raise NotVisible(_("没有找到这条记录。"))
    own = ground == OWN_WISH and actor.person_id is not None and actor.person_id == found.pk
    if not own:
        policy_for(Person).require(actor, "erase", found)
    if found.erased_at is not None:
        raise RuleViolation(_("此人的信息已经删除。"))
    if ground not in erasure_grounds():
        raise RuleViolation(_("请选择删除的理由。"), field="ground")
    for _key, step in sorted(_steps.items()):
        if refusal := step.refuse(found):
            raise RuleViolation(refusal, clause=_("个人信息保护法第四十七条、第五十条"))
    for _key, step in sorted(_steps.items()):
        step.apply(actor, found)
    PersonKey.objects.filter(person=found).delete()
    _end_consents(found)
    for column, value in name_keys(TOMBSTONE).items():
        setattr(found, column, value)
    found.phone_sealed = found.phone_index = found.identity_sealed = found.identity_index = None
    found.erased_at = clock.now()
    found.save()
    record(actor, Act("people.erase", found, found.place_code, {"erased": [False, True]}, purpose=ground))
    return found


def _end_consents(person: Person) -> None:
    """Nothing is agreed to from today on; that something was, and when, stays without its words."""
    today, consents = clock.today(), Consent.objects.filter(person=person)
    consents.filter(valid_from__gte=today).delete()
    consents.in_force(today).update(valid_to=today)
    consents.update(given_by="")
