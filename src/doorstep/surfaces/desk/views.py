"""The cockpit and "my work"."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.kernel.indicators.days import asked_day
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible
from doorstep.kernel.shared.place_codes import is_code
from doorstep.kernel.web.context import page_of
from doorstep.modules.requests.states import ON_THE_SPOT
from doorstep.surfaces.desk import breakdowns, selectors
from doorstep.surfaces.desk.waiting import waiting
from doorstep.surfaces.desk.ways import ways


def _day(request: HttpRequest) -> dt.date:
    """The as-of day to show; the page says why, where another was asked for."""
    return asked_day(request.GET.get("on", "")).day


@login_required
@require_GET
def cockpit(request: HttpRequest, code: str) -> HttpResponse:
    """A place at a glance. Outside the reader's places it does not exist."""
    page = page_of(request)
    if not is_code(code) or not page.place_name:
        raise Http404
    try:
        shown = selectors.cockpit(
            actor_of(request),
            code,
            on=_day(request),
            key=request.GET.get("indicator", ""),
            by=request.GET.get("by", ""),
        )
    except (NotVisible, NotAllowed):
        raise Http404 from None
    chosen = shown.chosen.key if shown.chosen else ""
    scope_query = urlencode({"indicator": chosen, "on": shown.scope.on.isoformat()})
    context = {
        "cockpit": shown,
        "place_name": page.place_name,
        "trend": _trend(shown, page.place_name),
        "scope_query": scope_query,
        "map_query": f"?{scope_query}&by={shown.breakdown.level if shown.breakdown else ''}",
    }
    return render(request, "desk/cockpit.html", context)


def _trend(shown: selectors.Cockpit, place_name: str) -> dict[str, object] | None:
    if shown.chosen is None or shown.chosen.value is None or not shown.chosen.trend:
        return None
    name = str(shown.chosen.indicator.name)
    return {
        "kind": "line" if shown.chosen.indicator.kind == "stock" else "bar",
        "labels": [day.strftime("%Y-%m") for day, _value in shown.chosen.trend],
        "unit": str(shown.chosen.indicator.unit),
        "description": f"{place_name} {name}",
        "series": [{"name": name, "values": [value for _day, value in shown.chosen.trend]}],
    }


@login_required
@require_GET
def map_of_place(request: HttpRequest, code: str) -> HttpResponse:
    """Outlines one or two levels below with the chosen figure, as GeoJSON."""
    if not is_code(code):
        raise Http404
    try:
        collection = breakdowns.feature_collection(
            actor_of(request),
            code,
            on=_day(request),
            key=request.GET.get("indicator", ""),
            by=request.GET.get("by", ""),
        )
    except (NotVisible, NotAllowed):
        raise Http404 from None
    return JsonResponse(
        collection, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False}
    )


@login_required
@require_GET
def cockpit_home(request: HttpRequest) -> HttpResponse:
    """The cockpit of the first place one answers for."""
    places = actor_of(request).places_for(VIEW)
    if not places:
        return redirect("desk:work")
    return redirect("desk:cockpit", code=places[0])


@login_required
@require_GET
def work(request: HttpRequest) -> HttpResponse:
    """What waits for this person today; where a secretary or worker lands after sign-in."""
    actor = actor_of(request)
    if not actor.is_staff:
        return redirect("doorway:home")  # a resident's first page is the doorway
    page = page_of(request)
    seen = actor.places_for(VIEW)
    here = page.place_code if any(page.place_code.startswith(place) for place in seen) else ""
    groups = waiting(actor, clock.today())
    context = {
        "groups": [group for group in groups if group.items],
        "empty": _("、").join(
            group.title for group in groups if not group.items and _concerns(actor, group.key)
        ),
        "is_free": not any(group.items for group in groups if group.key != "own"),
        "ways": [] if here else ways(page, request.path),
        "figures": selectors.headline_views(here) if here else [],
        "here": here,
        "has_patrol": actor.holds_somewhere(ON_THE_SPOT),
        "place_name": page.place_name,
    }
    return render(request, "desk/work.html", context)


def _concerns(actor: Actor, group: str) -> bool:
    """Breaks are nobody's who answers for no place; what is one's own is shown or not, never missed."""
    return group not in ("broken", "own") or (group == "broken" and bool(actor.places_for(VIEW)))
