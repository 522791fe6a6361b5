"""What waits for somebody among requests and whistles: what to give to somebody else, to check, to come to; reopenings to
answer, samples to call back, faults of the routes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.policies import at_places, handling_units, held_by_units
from doorstep.kernel.matters.working_days import last_day
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.modules.requests import selectors_call_backs, states_whistle
from doorstep.modules.requests.models import RoutingFault, WhistleCall
from doorstep.modules.requests.policies import KEEP_ROUTES
from doorstep.modules.requests.services_calls import RUNNING
from doorstep.modules.requests.states import DISPATCH, SPOT_CHECK, VERIFY

Found = tuple[Iterable[WorkItem], int]


def _items(matters: list[Matter], action: Any, detail: Any, page: str = "desk:matter") -> list[WorkItem]:
    return [
        WorkItem(
            title=matter.title, place_code=matter.place_code, place_name="", action=action, detail=str(detail),
            due=last_day(matter.due_at) if matter.is_open and matter.due_at else None,
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


def looks(actor: Actor, today: dt.date, limit: int) -> Found:
    """Sampled requests that nobody told, to be looked at by somebody else than who recorded them."""
    rows = selectors_call_backs.to_look_at(actor)
    rows = rows.filter(_near(actor, SPOT_CHECK))
    shown = list(rows.order_by("since", "pk")[:limit])
    return _items(shown, _("去看看"), _("当场办结、没有报告人"), "requests:look"), rows.count()


def to_give(actor: Actor, today: dt.date, limit: int) -> Found:
    """Returned and objected requests, whistles to screen, to give to another or to decide; the longest waiting first."""
    rows = _seen(actor).filter(
        Q(kind="request", state__in=("returned", "objected")) & _near(actor, DISPATCH)
        | Q(kind="whistle", state__in=("proposed", "objected")) & _near(actor, states_whistle.ISSUE)
        | Q(kind="whistle", state="escalated") & at_places(actor.places_for(states_whistle.DECIDE))
    )
    return _waiting(rows, limit, _("裁定"))


def undecided(actor: Actor, today: dt.date, limit: int) -> Found:
    """Requests whose item nobody has named: of the actor's communities, else with the actor's own unit, as in the box that
    the whole list opens; the nearest term first. They go by the terms and the route of anything else until then."""
    places = _communities(actor)
    held = at_places(places or actor.places_for(DISPATCH)) & (
        Q() if places else held_by_units(actor, "holder_id")
    )
    rows = _seen(actor).filter(held, kind="request", item="")
    shown = list(rows.defer("text", "sought", "bigrams").order_by("due_at", "pk")[: limit + 1])
    items = [
        WorkItem(
            title=matter.title, place_code=matter.place_code, place_name="", action=_("改定事项"),
            detail=_("事项未定"), due=last_day(matter.due_at) if matter.due_at else None,
            url=reverse("desk:act", args=[matter.number, "item"]),
        )
        for matter in shown[:limit]
    ]  # fmt: skip
    return items, len(shown) if len(shown) <= limit else rows.count()


def _communities(actor: Actor) -> list[str]:
    return [code for code in actor.places_for(DISPATCH) if len(code) >= LENGTHS["community"]]


def _undecided_list(actor: Actor) -> str:
    return f"{reverse('desk:inbox')}?box={'place' if _communities(actor) else 'unit'}&item=undecided"


def to_check(actor: Actor, today: dt.date, limit: int) -> Found:
    """What somebody else has done and the actor's office is to check, and whistles whose departments are to be judged; the
    nearest term first."""
    rows = _seen(actor).filter(
        Q(kind="request", state="handled") & _near(actor, VERIFY)
        | Q(kind="whistle", state__in=("handled", "verified")) & _near(actor, states_whistle.VERIFY)
    )
    return _waiting(rows.exclude(handler_id=actor.person_id or 0), limit, _("核实"), "due_at")


def called(actor: Actor, today: dt.date, limit: int) -> Found:
    """Whistles that call the actor's unit: beside the lead and not answered or not there yet, or led and not done."""
    own = WhistleCall.objects.filter(unit_id__in=handling_units(actor), released_at=None)
    beside = own.filter(lead=False, objected_at=None, arrived_at=None, whistle__matter__state__in=RUNNING)
    rows = Matter.objects.filter(
        Q(pk__in=beside.values("whistle"))
        | Q(pk__in=own.filter(lead=True).values("whistle"), state__in=("accepted", "arrived", "planned")),
        kind="whistle", is_open=True,
    )  # fmt: skip
    shown = list(rows.defer("text", "sought", "bigrams").order_by("state_since", "pk")[: limit + 1])
    owed = {
        call.whistle_id: last_day(call.due_at)
        for call in beside.filter(whistle__in=[row.pk for row in shown])
    }
    items = [
        replace(item, due=owed.get(matter.pk, item.due))
        for matter in shown[:limit] for item in _items([matter], _("应哨"), matter.state_name)
    ]  # fmt: skip
    return items, len(shown) if len(shown) <= limit else rows.count()


def _seen(actor: Actor) -> QuerySet[Matter]:
    rows: QuerySet[Matter] = policy_for(Matter).visible_to(actor)
    return rows.filter(is_open=True)


def _near(actor: Actor, capability: str) -> Q:
    """Over the actor's streets and communities: a whole district's everyday is not one person's list."""
    return at_places(code for code in actor.places_for(capability) if len(code) >= LENGTHS["street"])


def _waiting(rows: QuerySet[Matter], limit: int, action: Any, order: str = "state_since") -> Found:
    shown = list(rows.defer("text", "sought", "bigrams").order_by(order, "pk")[: limit + 1])
    items = [item for matter in shown[:limit] for item in _items([matter], action, matter.state_name)]
    return items, len(shown) if len(shown) <= limit else rows.count()


def faults(actor: Actor, today: dt.date, limit: int) -> Found:
    """Reports that found no rule or no unit in force."""
    rows = RoutingFault.objects.filter(within("place_code", actor.places_for(KEEP_ROUTES)), settled_at=None)
    items = [
        WorkItem(
            title=row.matter.title, place_code=row.place_code, place_name="", action=_("补上规则"),
            detail=row.get_kind_display(), url=reverse("requests:settle", args=[row.pk]),
        )
        for row in rows.select_related("matter").order_by("-pk")[:limit]
    ]  # fmt: skip
    return items, rows.count()


def _call_backs(tab: str) -> Callable[[Actor], str]:
    return lambda actor: f"{reverse('requests:call_backs')}?tab={tab}"


declare(
    WorkProvider("requests.to_give", _("等待派办或裁定"), "decide", to_give),
    WorkProvider("requests.undecided", _("事项未定"), "decide", undecided, _undecided_list),
    WorkProvider("requests.to_check", _("已办，等待核实"), "confirm", to_check),
    WorkProvider("requests.called", _("吹哨叫到本单位"), "decide", called),
    WorkProvider(
        "requests.reopenings", _("要求重办"), "decide", reopenings, _call_backs(selectors_call_backs.ASKED)
    ),
    WorkProvider(
        "requests.samples", _("回访抽样"), "settle", samples, _call_backs(selectors_call_backs.SAMPLED)
    ),
    WorkProvider(
        "requests.looks", _("当场办结抽查"), "settle", looks, _call_backs(selectors_call_backs.LOOK)
    ),
    WorkProvider(
        "requests.faults",
        _("派办故障"),
        "broken",
        faults,
        lambda actor: "/desk/r/requests.faults/?settled=no",
    ),
)
