"""From a figure to its rows."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.declarations.findings import address_of
from doorstep.kernel.declarations.indicators import all_indicators, indicator
from doorstep.kernel.indicators.days import asked_day
from doorstep.kernel.indicators.selectors import figure, scope_for, visible_rows
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.shared.place_codes import is_code

SHOWN = 500


@require_GET
def rows(request: HttpRequest, key: str) -> HttpResponse:
    """Opens the register of those rows, narrowed to the figure's, or the list of breaks; else a plain list.

    404 for an unknown figure or a place outside the reader's; an impossible day is answered with today, and said.
    """
    actor = actor_of(request)
    if actor.is_anonymous:
        return redirect_to_login(request.get_full_path())
    place = request.GET.get("place", "")
    if key not in {known.key for known in all_indicators()} or not is_code(place):
        raise Http404
    asked = request.GET.get("on", "")
    scope = scope_for(place, asked_day(asked).day, _since(request))
    try:
        found = visible_rows(actor, key, scope)
    except Refused:
        raise Http404 from None
    register = indicator(key).register
    if register:
        days = {
            "place": place,
            "on": asked[:20]
            or scope.on.isoformat(),  # as asked, so that the register says what is wrong with it
            "figure": key,
            "figure_since": scope.since.isoformat(),
        }
        return redirect(f"/desk/r/{register}/?{urlencode(days)}")
    kind = key.removeprefix("findings.")
    if kind != key and (listed := address_of(kind, place, scope.on)):
        return redirect(listed)
    measured = figure(key, place, on=scope.on, since=scope.since)
    context = {"figure": measured, "rows": found.order_by("pk")[:SHOWN], "shown": SHOWN, "place_code": place}
    return render(request, "indicators/rows.html", context)


def _since(request: HttpRequest) -> dt.date | None:
    """The first day of a flow; None (the programme's start, which the page names) for anything that is no such day."""
    asked = asked_day(request.GET.get("since", ""))
    return None if asked.trouble or not request.GET.get("since") else asked.day
