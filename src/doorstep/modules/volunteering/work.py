"""What waits for somebody: services to confirm and to approve, records to look at, appeals to answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.models import Session
from doorstep.kernel.activities.policies import ORGANISE, organising_units
from doorstep.kernel.activities.selectors import to_confirm
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.volunteering import work_redemption  # noqa: F401  declared by being imported
from doorstep.modules.volunteering.models import Appeal, Oddity
from doorstep.modules.volunteering.models_review import OPEN, WAITING
from doorstep.modules.volunteering.policies import APPROVE, REVIEW
from doorstep.modules.volunteering.registers_records import row_facts
from doorstep.modules.volunteering.selectors import KIND, rule_values, to_approve

Found = tuple[Iterable[WorkItem], int]


def own_to_confirm(actor: Actor, today: dt.date, limit: int) -> Found:
    """Services of the actor's own units that are over and not confirmed: the oldest first."""
    if not actor.holds_somewhere(ORGANISE):
        return [], 0
    rows = to_confirm(actor, KIND).filter(activity__organiser__in=organising_units(actor))
    shown = list(rows[:limit])
    hours = dt.timedelta(hours=rule_values().get("confirm.hours", 48))
    items = [
        WorkItem(
            title=row.activity.title, place_code=row.place_code, place_name="", action=_("确认到场"), detail=_day(row),
            due=clock.day_of(row.ends_at + hours), url=f"/organise/{row.pk}/",
        )
        for row in shown
    ]  # fmt: skip
    return items, len(shown) if len(shown) < limit else rows.count()


def approving(actor: Actor, today: dt.date, limit: int) -> Found:
    if not actor.holds_somewhere(APPROVE):
        return [], 0
    rows = to_approve(actor)
    shown = list(rows[:limit])
    items = [
        WorkItem(
            title=row.activity.title, place_code=row.place_code, place_name="", action=_("审核"), detail=_day(row),
            url=f"{reverse('volunteering:approvals')}#session-{row.pk}",
        )
        for row in shown
    ]  # fmt: skip
    return items, len(shown) if len(shown) < limit else rows.count()


def oddities(actor: Actor, today: dt.date, limit: int) -> Found:
    if not actor.holds_somewhere(REVIEW):
        return [], 0
    rows = Oddity.objects.filter(within("place_code", actor.places_for(REVIEW)), decision=WAITING)
    shown = list(rows.order_by("pk")[:limit])
    items = [
        WorkItem(
            title=row.get_kind_display(), place_code=row.place_code, place_name="", action=_("核实"), detail=row_facts(row),
            url=reverse("volunteering:oddity", args=[row.pk]),
        )
        for row in shown
    ]  # fmt: skip
    return items, len(shown) if len(shown) < limit else rows.count()


def appeals(actor: Actor, today: dt.date, limit: int) -> Found:
    if not actor.holds_somewhere(REVIEW):
        return [], 0
    rows = Appeal.objects.filter(within("place_code", actor.places_for(REVIEW)), outcome=OPEN)
    shown = list(rows.select_related("session__activity").order_by("due_on", "pk")[:limit])
    items = [
        WorkItem(
            title=row.session.activity.title, place_code=row.place_code, place_name="", action=_("答复"),
            detail=_("对服务记录的申诉"), due=row.due_on, url=reverse("volunteering:answer", args=[row.pk]),
        )
        for row in shown
    ]  # fmt: skip
    return items, len(shown) if len(shown) < limit else rows.count()


def _day(row: Session) -> str:
    return row.day.isoformat()


declare(
    WorkProvider("volunteering.confirm", _("确认志愿服务到场"), "confirm", own_to_confirm),
    WorkProvider("volunteering.approve", _("审核志愿服务"), "confirm", approving, lambda actor: reverse("volunteering:approvals")),
    WorkProvider(
        "volunteering.oddities", _("核实服务记录"), "decide", oddities,
        lambda actor: f"{reverse('web:register', args=['volunteering.oddities'])}?decision={WAITING}",
    ),
    WorkProvider(
        "volunteering.appeals", _("答复服务记录申诉"), "decide", appeals,
        lambda actor: f"{reverse('web:register', args=['volunteering.appeals'])}?outcome={OPEN}",
    ),
)  # fmt: skip
