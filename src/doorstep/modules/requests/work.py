"""What waits for somebody among requests: reopenings to answer, samples to call back, faults of the routes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.requests import selectors_call_backs
from doorstep.modules.requests.models import RoutingFault
from doorstep.modules.requests.policies import KEEP_ROUTES

Found = tuple[Iterable[WorkItem], int]


def _items(matters: list[Matter], action: Any, detail: Any, page: str = "desk:matter") -> list[WorkItem]:
    return [
        WorkItem(
            title=matter.title, place_code=matter.place_code, place_name="", action=action, detail=str(detail),
            url=reverse(page, args=[matter.number]) + ("?tab=sampled" if page == "requests:call_back" else ""),
        )
        for matter in matters
    ]  # fmt: skip


def reopenings(actor: Actor, today: dt.date, limit: int) -> Found:
    """Reopenings asked that the actor may answer, the oldest first."""
    rows = selectors_call_backs.reopenings(actor)
    shown = list(rows.order_by("state_since")[:limit])
    return _items(shown, _("答复"), _("要求重办")), rows.count()


def samples(actor: Actor, today: dt.date, limit: int) -> Found:
    """Sampled requests nobody has called back on yet."""
    rows = selectors_call_backs.to_call(actor, sampled=True)
    shown = list(rows.order_by("since", "pk")[:limit])
    return _items(shown, _("去回访"), _("当场办结、未经核实"), "requests:call_back"), rows.count()


def faults(actor: Actor, today: dt.date, limit: int) -> Found:
    """Reports that found no rule or no unit in force."""
    rows = RoutingFault.objects.filter(within("place_code", actor.places_for(KEEP_ROUTES)), settled_at=None)
    items = [
        WorkItem(
            title=row.matter.title, place_code=row.place_code, place_name="", action=_("补上规则"),
            detail=row.get_kind_display(), url=f"/desk/r/requests.faults/record/{row.pk}/",
        )
        for row in rows.select_related("matter").order_by("-pk")[:limit]
    ]  # fmt: skip
    return items, rows.count()


declare(
    WorkProvider("requests.reopenings", _("要求重办"), "decide", reopenings),
    WorkProvider("requests.samples", _("回访抽样"), "settle", samples),
    WorkProvider(
        "requests.faults",
        _("派办故障"),
        "broken",
        faults,
        lambda actor: "/desk/r/requests.faults/?settled=no",
    ),
)
