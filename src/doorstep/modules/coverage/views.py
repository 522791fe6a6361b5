"""A place's coverage at a glance: map, chart, gaps by date; and the studio of joint branches."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import LENGTHS, contains, is_code
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.frame.naming import full_names_of, names_of
from doorstep.modules.coverage import rules, selectors, selectors_joining
from doorstep.modules.coverage.models import TRADES
from doorstep.modules.coverage.numbers import MEMBERS, REACH, UNITS, number_in_force
from doorstep.modules.coverage.pages import desk_page
from doorstep.modules.coverage.policies import KEEP, VIEW
from doorstep.modules.coverage.selectors_communities import mechanisms
from doorstep.modules.coverage.states import PLAN

GAPS_SHOWN = 20


def _seen(request: HttpRequest, code: str) -> str:
    """The place's full name. Raises Http404 outside the reader's places."""
    actor = actor_of(request)
    own = [place or settings.HOME_PLACE for place in actor.places_for(VIEW)]
    name = full_names_of({code}).get(code) if is_code(code) and len(code) >= LENGTHS["county"] else None
    if name is None or not any(contains(place, code) for place in own):
        raise Http404
    page_of(request).place_code = code
    return name


@desk_page
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The page of the first place one looks after."""
    for place in actor_of(request).places_for(VIEW):
        return redirect("coverage:place", place or settings.HOME_PLACE)
    raise Http404


@desk_page
@require_GET
def place(request: HttpRequest, code: str) -> HttpResponse:
    """What covers the organisations of a place, by state, by the places below, and what is still a gap."""
    actor, name, today = actor_of(request), _seen(request, code), clock.today()
    counts = selectors.by_state(actor, code, today)
    below = selectors.by_place(actor, code, today)
    names = names_of(below)
    gaps = list(selectors.gaps(actor, code)[: GAPS_SHOWN + 1])
    called = selectors.named([gap.organisation for gap in gaps])
    total = sum(counts.values())
    context = {
        "code": code, "name": name, "total": total, "today": today, "covered": total - counts[rules.GAP],
        "states": [_state(code, state, counts[state]) for state in rules.STATES],
        "chart": _chart(name, names, below) if below else None,
        "below": [(place, names.get(place, place), tuple(row[state] for state in rules.STATES)) for place, row in below.items()],
        "heads": [selectors.STATE_NAMES[state] for state in rules.STATES],
        "gaps": [(gap, called.get(gap.organisation.unit_id, ""), actor.holds(PLAN, gap.place_code)) for gap in gaps[:GAPS_SHOWN]],
        "more_gaps": len(gaps) > GAPS_SHOWN, "keeps": actor.holds(KEEP, code), "may_import": actor.holds_somewhere(KEEP),
        "map_url": reverse("coverage:map", args=[code]), "mechanisms": [one for one in mechanisms(actor) if contains(code[:9], one.place_code)],
    }  # fmt: skip
    return render(request, "coverage/place.html", context)


def _state(code: str, state: str, number: int) -> dict[str, Any]:
    asked = urlencode({"place": code, "state": state})
    url = f"{reverse('web:register', args=['coverage.organisations'])}?{asked}"
    return {"state": state, "name": selectors.STATE_NAMES[state], "number": number, "url": url}


def _chart(name: str, names: dict[str, str], below: dict[str, dict[str, int]]) -> dict[str, Any]:
    return {
        "kind": "bar", "unit": _("个"), "labels": [names.get(code, code) for code in below],
        "description": _("%(name)s各处的组织由什么覆盖") % {"name": name},
        "series": [
            {"name": str(selectors.STATE_NAMES[state]), "values": [row[state] for row in below.values()]} for state in rules.STATES
        ],
    }  # fmt: skip


@desk_page
@require_GET
def map_of_place(request: HttpRequest, code: str) -> HttpResponse:
    """The organisations as points over the outlines of the places below. GeoJSON."""
    _seen(request, code)
    collection = selectors.features(actor_of(request), code, clock.today())
    for feature in collection["features"]:
        number = feature["properties"].get("id")
        feature["properties"]["href"] = (
            reverse("coverage:organisation", args=[number])
            if number
            else reverse("coverage:place", args=[feature["properties"]["code"]])
        )
    return JsonResponse(
        collection, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False}
    )


@desk_page
@require_GET
def studio(request: HttpRequest, code: str) -> HttpResponse:
    """Which organisations with few members could form a joint branch together, and why."""
    actor, name = actor_of(request), _seen(request, code)
    found = selectors_joining.suggested(actor, code)
    context = {
        "code": code, "name": name, "found": found, "keeps": _keeps(actor, code), "trades": dict(TRADES),
        "least": number_in_force(MEMBERS), "most": number_in_force(UNITS), "reach": number_in_force(REACH),
    }  # fmt: skip
    return render(request, "coverage/studio.html", context)


def _keeps(actor: Actor, code: str) -> bool:
    return actor.holds(KEEP, code)
