"""Hours by kind and place, on a page."""

from __future__ import annotations

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.people.selectors import name_of_place
from doorstep.kernel.shared import clock
from doorstep.kernel.web.pages import guarded
from doorstep.modules.volunteering.pages import areas
from doorstep.modules.volunteering.policies import VIEW
from doorstep.modules.volunteering.selectors_hours import hours_of


@guarded
@require_GET
def hours(request: HttpRequest) -> HttpResponse:
    """Of one of the reader's places, this year unless asked for other days."""
    actor = actor_of(request)
    places = areas(actor.places_for(VIEW), ("county", "street", "community"))
    place = request.GET.get("place", "") or (places[0][0] if places else "")
    if place not in dict(places):
        raise Http404
    today = clock.today()
    since = _day(request, "since") or today.replace(month=1, day=1)
    on = max(_day(request, "on") or today, since)
    context = {
        "place": place, "place_name": name_of_place(place), "places": places, "since": since, "on": on,
        "hours": hours_of(actor, place, since, on),
    }  # fmt: skip
    return render(request, "volunteering/hours.html", context)


def _day(request: HttpRequest, name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
