"""What waits for somebody among matters of any kind: what one's unit is asked to take over, what nobody there has taken
on, what one has in hand; and those whose handler has left, which a term that ran out can bring about and no refusal can
prevent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.matters.laws import Transition, all_laws
from doorstep.kernel.matters.leaving import owed, page_of
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.policies import EXTEND, held_by_units
from doorstep.kernel.matters.services_deadlines import open_requests
from doorstep.kernel.matters.working_days import last_day
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import LENGTHS, within


def left_behind(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Open matters whose handler is no longer in office in the unit that holds them, the nearest deadline first."""
    places = actor.places_for(EXTEND)
    if not places:
        return [], 0
    in_office = Appointment.objects.filter(
        in_force(today), person_id=OuterRef("handler_id"), unit_id=OuterRef("holder_id")
    )
    rows = (
        policy_for(Matter)
        .visible_to(actor)
        .filter(within("place_code", places), owed(), ~Exists(in_office), is_open=True)
    )
    rows = rows.filter(handler__isnull=False)
    shown = list(rows.select_related("handler").order_by("due_at", "pk")[: limit + 1])
    items = [
        WorkItem(
            title=matter.title, place_code=matter.place_code, place_name="", url=_way(matter), action=_("移交"),
            due=None, detail=f"{matter.number} · {matter.handler.name if matter.handler else ''}",
        )
        for matter in shown[:limit]
    ]  # fmt: skip
    return items, len(shown) if len(shown) <= limit else rows.count()


def asked(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """What a unit of the actor's is asked to take over and has not answered."""
    waits = _before(lambda row: row.takes_over)
    rows = Matter.objects.filter(held_by_units(actor, "asked_id"), waits, is_open=True)
    return _nearest(rows, limit, _("接办或退回"))


def _before(step: Callable[[Transition], bool]) -> Q:
    """Condition on matters: their law allows such a step from the state they are in."""
    condition = Q(pk__in=[])
    for law in all_laws():
        for row in law.transitions:
            if step(row):
                condition |= Q(kind=law.kind, state__in=row.sources)
    return condition


def untaken(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """What came to a unit of the actor's first and nobody has taken on, where taking it on is a step of those who hold it: what
    is screened or planned by a capability waits in the list of its module."""
    waits = _before(lambda row: row.makes_handler and "holder" in row.parts)
    rows = Matter.objects.filter(
        held_by_units(actor, "holder_id"), waits, is_open=True, asked=None, handler=None
    )
    return _nearest(rows, limit, _("接办"))


def extensions(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Requests for more time that the actor may answer, the nearest deadline first."""
    near = [code for code in actor.places_for(EXTEND) if len(code) >= LENGTHS["street"]]
    own = Q(asked_by=actor.person_id or 0) | Q(matter__handler=actor.person_id or 0)
    seen = policy_for(Matter).visible_to(actor).values("pk")
    rows = open_requests().filter(within("matter__place_code", near), matter__in=seen).exclude(own)
    shown = list(rows.select_related("matter").order_by("deadline__due_at", "pk")[: limit + 1])
    items = [
        WorkItem(
            title=row.matter.title, place_code=row.matter.place_code, place_name="", url=_page(row.matter), action=_("答复"),
            due=last_day(row.deadline.due_at),
            detail=_t("%(number)s · 申请延到 %(day)s") % {"number": row.matter.number, "day": row.due_day.isoformat()},
        )
        for row in shown[:limit]
    ]  # fmt: skip
    return items, len(shown) if len(shown) <= limit else rows.count()


def in_hand(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """What the actor handles and is owed still, the nearest deadline first."""
    rows = Matter.objects.filter(owed(), handler_id=actor.person_id or 0, is_open=True, asked=None)
    return _nearest(rows, limit, _("办理"))


def _nearest(rows: QuerySet[Matter], limit: int, action: Any) -> tuple[list[WorkItem], int]:
    shown = list(rows.defer("text", "sought", "bigrams").order_by("due_at", "pk")[: limit + 1])
    items = [
        WorkItem(
            title=matter.title, place_code=matter.place_code, place_name="", url=_page(matter), action=action,
            due=last_day(matter.due_at) if matter.due_at else None, detail=f"{matter.number} · {matter.state_name}",
        )
        for matter in shown[:limit]
    ]  # fmt: skip
    return items, len(shown) if len(shown) <= limit else rows.count()


def _page(matter: Matter) -> str:
    try:
        return reverse("desk:matter", args=[matter.number])
    except NoReverseMatch:
        return ""


def _box(key: str) -> Callable[[Actor], str]:
    def url(actor: Actor) -> str:
        try:
            return f"{reverse('desk:inbox')}?box={key}"
        except NoReverseMatch:
            return ""

    return url


def _way(matter: Matter) -> str:
    try:
        return page_of(matter.handler_id or 0) or _page(matter)
    except NoReverseMatch:
        return ""


declare(
    WorkProvider("matters.asked", _("等本单位接办"), "decide", asked, _box("asked")),
    WorkProvider("matters.untaken", _("还没有人接办"), "settle", untaken, _box("unit")),
    WorkProvider("matters.extensions", _("申请延期，等答复"), "decide", extensions),
    WorkProvider("matters.in_hand", _("正在办理"), "due", in_hand, _box("mine")),
    WorkProvider("matters.left_behind", _("承办人已离任的未结事项"), "broken", left_behind),
)
