"""What waits for somebody among matters of any kind: those whose handler has left, which a term that ran out can bring
about and no refusal can prevent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.matters.leaving import owed, page_of
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.policies import EXTEND
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import within


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


def _way(matter: Matter) -> str:
    try:
        return page_of(matter.handler_id or 0) or reverse("desk:matter", args=[matter.number])
    except NoReverseMatch:
        return ""


declare(WorkProvider("matters.left_behind", _("承办人已离任的未结事项"), "broken", left_behind))
