"""What the vanguard does when a person is erased: their reporting in ends, what they hold is vacant, words of theirs go."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.modules.vanguard.models import Called, Feedback, HandOver, Holding, Member, Wish


def _in_hand(person: Person) -> str | None:
    """Somebody waits for what they took on (PIPL article 47, first paragraph, item 1)."""
    number = Wish.objects.filter(
        member__person=person, matter__state__in=["claimed", "served"], matter__handler=person
    ).count()
    if number:
        return _("此人认领的心愿还有 %(n)d 件没有办完，请先退回或办完。") % {"n": number}
    return None


def _forget(actor: Actor, person: Person) -> None:
    today = clock.today()
    for model in (Member, Holding):
        rows = model.objects.filter(person=person, valid_to=None)
        rows.filter(valid_from__lt=today).update(valid_to=today)
        rows.update(valid_to=today + dt.timedelta(days=1))
    Member.objects.filter(person=person).update(
        employer=None, employer_name=_("已删除"), slip="", skills=[], times=[]
    )
    Holding.objects.filter(person=person).update(end_reason="", document="")
    Feedback.objects.filter(member__person=person).update(employer=None, employer_name=_("已删除"))
    Called.objects.filter(answered_by=person).update(answered_by=None)
    HandOver.objects.filter(by=person).update(by=None, text="")
    Wish.objects.filter(matter__reporter=person).update(helped="")


declare(Step("vanguard", refuse=_in_hand, apply=_forget))
