"""What waits for somebody: reports in to be seen, wishes to be made known or confirmed for who has no phone, shifts over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.policies import ORGANISE, organising_units
from doorstep.kernel.activities.selectors import to_confirm
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.vanguard.models import Member, Wish
from doorstep.modules.vanguard.policies import RECEIVE, answers_for_some
from doorstep.modules.vanguard.selectors import SHIFT
from doorstep.modules.vanguard.selectors_calls import own_calls
from doorstep.modules.vanguard.states import CONFIRM, PUBLISH

Found = tuple[Iterable[WorkItem], int]


def to_receive(actor: Actor, today: dt.date, limit: int) -> Found:
    """Members who reported in and whom the community has not seen, the first first."""
    if not actor.holds_somewhere(RECEIVE):
        return [], 0
    here = within("place_code", actor.places_for(RECEIVE))
    rows = Member.objects.in_force(today).filter(here, received_at=None).order_by("reported_at", "pk")
    shown = list(rows[:limit])
    items = [
        WorkItem(
            title=str(_("一位在职党员来报到")), place_code=row.place_code, place_name="", action=_("收到"),
            detail=row.reported_at.astimezone(clock.DISTRICT_ZONE).date().isoformat(),
            url=reverse("vanguard:receive", args=[row.pk]),
        )
        for row in shown
    ]  # fmt: skip
    return items, len(shown) if len(shown) < limit else rows.count()


def _wishes(actor: Actor, capability: str, limit: int, action: str, **having: object) -> Found:
    if not actor.holds_somewhere(capability):
        return [], 0
    here = within("matter__place_code", actor.places_for(capability))
    rows = Wish.objects.filter(here, **having).select_related("matter").order_by("matter__state_since", "pk")
    shown = list(rows[:limit])
    items = [
        WorkItem(
            title=row.matter.title, place_code=row.matter.place_code, place_name="", action=action, detail=row.matter.number,
            url=reverse("vanguard:office_wish", args=[row.pk]),
        )
        for row in shown
    ]  # fmt: skip
    return items, len(shown) if len(shown) < limit else rows.count()


def to_publish(actor: Actor, today: dt.date, limit: int) -> Found:
    return _wishes(actor, PUBLISH, limit, str(_("看过公布")), matter__state="collected")


def to_ask(actor: Actor, today: dt.date, limit: int) -> Found:
    """Done, for somebody without a phone: to be asked by who did not do it."""
    return _wishes(actor, CONFIRM, limit, str(_("问本人")), matter__state="served", person_has_phone=False)


def shifts_over(actor: Actor, today: dt.date, limit: int) -> Found:
    """Shifts of the actor's own units that are over and not confirmed: the oldest first."""
    if not actor.holds_somewhere(ORGANISE):
        return [], 0
    rows = to_confirm(actor, SHIFT).filter(activity__organiser__in=organising_units(actor))
    shown = list(rows[:limit])
    items = [
        WorkItem(
            title=row.activity.title, place_code=row.place_code, place_name="", action=_("确认到场"),
            detail=row.day.isoformat(), url=f"/organise/{row.pk}/",
        )
        for row in shown
    ]  # fmt: skip
    return items, len(shown) if len(shown) < limit else rows.count()


def to_answer(actor: Actor, today: dt.date, limit: int) -> Found:
    """Call-ups that ask for people of the actor's units and have no answer, the next event first."""
    if not answers_for_some(actor):
        return [], 0
    rows = own_calls(actor).filter(answer="")
    shown = list(rows[:limit])
    items = [
        WorkItem(
            title=row.callup.name, place_code=row.callup.place_code, place_name="", action=_("答复能来几人"),
            detail=_("请来 %(n)d 人") % {"n": row.people}, due=row.callup.starts_on, url=reverse("vanguard:call", args=[row.pk]),
        )
        for row in shown
    ]  # fmt: skip
    return items, len(shown) if len(shown) < limit else rows.count()


declare(
    WorkProvider("vanguard.answer", _("请本单位来人的集结"), "decide", to_answer, lambda actor: reverse("vanguard:calls")),
    WorkProvider(
        "vanguard.receive", _("来报到的在职党员"), "confirm", to_receive,
        lambda actor: f"{reverse('web:register', args=['vanguard.members'])}?received=no",
    ),
    WorkProvider("vanguard.publish", _("待公布的心愿"), "decide", to_publish, lambda actor: reverse("vanguard:board")),
    WorkProvider("vanguard.ask", _("问本人办好了没有"), "confirm", to_ask, lambda actor: reverse("vanguard:board")),
    WorkProvider("vanguard.shifts", _("站完的班次"), "confirm", shifts_over),
)  # fmt: skip
