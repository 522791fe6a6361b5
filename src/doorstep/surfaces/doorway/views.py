"""Pages for a resident's phone. Nothing here needs signing in, and nothing personal is logged."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.activities.policies import ORGANISE
from doorstep.kernel.places.models import Building
from doorstep.kernel.places.positions import to_wgs84
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.frame.installing import sender_of
from doorstep.modules.partnership.policies import ACT
from doorstep.surfaces.doorway import on, selectors, told
from doorstep.surfaces.doorway.cards import door_of
from doorstep.surfaces.doorway.forms import GCJ02, WGS84, PositionForm
from doorstep.surfaces.doorway.pace import paced

MY_DOOR = "my_door"
YEAR = 365 * 24 * 3600
LONGEST_SEARCH = 60
SHOWN = 5  # of what I reported, on the page of what is mine


@require_GET
@paced
def home(request: HttpRequest) -> HttpResponse:
    """My neighbourhood, one large button, three lines."""
    actor = actor_of(request)
    latest = told.told_by(actor, 1)
    context = around(request)
    context |= {
        "strip": "home", "latest": latest[0] if latest else None, "sender": sender_of(actor.account_id),
        "next_on": on.next_in(context["community_code"]), "points": on.points_of(actor),
    }  # fmt: skip
    return render(request, "doorway/home.html", context)


@require_GET
@paced
def find(request: HttpRequest) -> HttpResponse:
    """Pick a building: by a search, by the list of streets, or by position."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    buildings, more = selectors.find_buildings(text)
    context = around(request) | {
        "text": text, "buildings": buildings, "more": more, "places": selectors.find_places(text),
        "streets": [] if text else selectors.places_in(settings.HOME_PLACE), "datum": datum_of(request),
    }  # fmt: skip
    return render(request, "doorway/find.html", context)


@require_GET
@paced
def place(request: HttpRequest, code: str) -> HttpResponse:
    """Communities of a street, or buildings of a community."""
    area = selectors.area(code)
    if area is None:
        raise Http404
    in_street = area.level == "street"
    context = around(request) | {
        "area": area,
        "above": None if in_street else selectors.area(code[:9]),
        "communities": selectors.places_in(code) if in_street else [],
        "buildings": [] if in_street else selectors.buildings_in(code),
        "office_here": selectors.office_of(code),
    }
    return render(request, "doorway/place.html", context)


@require_POST
@paced
def near(request: HttpRequest) -> HttpResponse:
    """Buildings around a position. The position is answered and forgotten."""
    form = PositionForm(request.POST)
    if not form.is_valid():
        return render(request, "doorway/near.html", around(request) | {"unreadable": True}, status=400)
    position = form.cleaned_data["longitude"], form.cleaned_data["latitude"]
    if form.cleaned_data["datum"] == GCJ02:
        position = to_wgs84(*position)
    located = selectors.place_at(*position)
    context = around(request) | {
        "buildings": selectors.buildings_near(*position),
        "outside": located is None,
        "edge": located is not None and located.near,
    }
    return render(request, "doorway/near.html", context)


@require_GET
@paced
def door(request: HttpRequest, building_id: int) -> HttpResponse:
    """The chain up from one door."""
    building = _building(building_id)
    context = around(request) | {"door": door_of(building)}
    context["is_mine"] = context["my_building"] is not None and context["my_building"].pk == building.pk
    context["community_code"], context["community_name"] = selectors.neighbourhood(building.place_code)
    return render(request, "doorway/door.html", context)


@require_POST
@paced
def keep_door(request: HttpRequest, building_id: int) -> HttpResponse:
    """Remember this door in this browser alone."""
    building = _building(building_id)
    answer = redirect("doorway:home")
    answer.set_signed_cookie(
        MY_DOOR, str(building.pk), max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return answer


@require_POST
def forget_door(request: HttpRequest) -> HttpResponse:
    """Forget the door kept in this browser."""
    answer = redirect("doorway:home")
    answer.delete_cookie(MY_DOOR, samesite="Lax")
    return answer


@require_GET
@paced
def nearby(request: HttpRequest) -> HttpResponse:
    """Offices and places to go to around my door."""
    context = around(request) | {"strip": "nearby"}
    code = context["community_code"]
    context |= {"venues": selectors.venues_in(code) if code else [], "lines": on.week_in(code)}
    return render(request, "doorway/nearby.html", context)


@require_GET
@paced
def mine(request: HttpRequest) -> HttpResponse:
    """What is mine: what I reported and follow, the door kept here, signing in."""
    actor = actor_of(request)
    standings = told.told_by(actor, SHOWN + 1)
    context = around(request) | {
        "strip": "mine", "standings": standings[:SHOWN], "more_told": len(standings) > SHOWN,
        "followed": told.followed_by(actor), "points": on.points_of(actor), "sender": sender_of(actor.account_id),
        "organises": actor.holds_somewhere(ORGANISE), "acts_for_unit": actor.holds_somewhere(ACT),
    }  # fmt: skip
    return render(request, "doorway/mine.html", context)


def around(request: HttpRequest) -> dict[str, Any]:
    """My door, neighbourhood and office, where this browser keeps one. Three queries at most."""
    building = my_building(request)
    code, name = selectors.neighbourhood(building.place_code) if building else ("", "")
    office = selectors.office_of(code) if code else None
    return {
        "my_building": building, "community_code": code, "neighbourhood": name, "office": office,
        "is_staff": actor_of(request).is_staff,
    }  # fmt: skip


def my_building(request: HttpRequest) -> Building | None:
    try:
        kept = request.get_signed_cookie(MY_DOOR, default="") or ""
    except BadSignature:
        return None
    number = whole_number(kept)
    return selectors.building_with_id(number) if number is not None else None


def _building(building_id: int) -> Building:
    building = selectors.building_with_id(building_id)
    if building is None:
        raise Http404
    return building


def datum_of(request: HttpRequest) -> str:
    """WeChat's browser gives positions shifted as public maps are."""
    return GCJ02 if "MicroMessenger" in request.headers.get("User-Agent", "") else WGS84
