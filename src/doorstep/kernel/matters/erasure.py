"""What matters do when a person is erased: those reported are finished first, the words of closed ones go with the person.

What the person has in hand: leaving.
"""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.models import Matter, MessageChoice, Notice, Participation, Remark
from doorstep.kernel.matters.services_retention import erase_matters
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person


def _unfinished(person: Person) -> str | None:
    """The purpose is not fulfilled while a matter is open (PIPL article 47, first paragraph, item 1)."""
    reported = Matter.objects.filter(Q(reporter=person) | Q(teller=person), is_open=True).count()
    if reported:
        return _("此人上报的事还有 %(number)d 件没有办结。请先办结，或由本人撤回。") % {"number": reported}
    return None


def _forget(actor: Actor, person: Person) -> None:
    reported = Matter.objects.filter(reporter=person, erased_at__isnull=True)
    erase_matters(actor, list(reported.values_list("pk", flat=True)))
    Matter.objects.filter(teller=person).update(teller=None)
    Remark.objects.filter(person=person, unit__isnull=True).exclude(text="").update(text="")
    Notice.objects.filter(person=person).delete()
    MessageChoice.objects.filter(person=person).delete()
    Participation.objects.filter(person=person).delete()


declare(Step("matters", refuse=_unfinished, apply=_forget))
