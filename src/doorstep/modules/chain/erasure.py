"""What the chain does when a person is erased: a household in force is revoked first, and old doors are forgotten."""

from __future__ import annotations

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.modules.chain.models import MemberHousehold


def _designated(person: Person) -> str | None:
    """Today or from a day to come."""
    if MemberHousehold.objects.filter(person=person).exclude(valid_to__lte=clock.today()).exists():
        return _("此人的家庭现为党员中心户。请先撤销认定。")
    return None


def _forget_doors(actor: Actor, person: Person) -> None:
    rows = MemberHousehold.objects.filter(person=person)
    rows.update(door="", end_reason="")
    rows.filter(document__contains=person.name).update(document="")


declare(Step("chain", refuse=_designated, apply=_forget_doors))
