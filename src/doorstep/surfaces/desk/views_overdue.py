"""The overdue board of a place."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared.place_codes import contains, is_code, minimal
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.modules.requests.states import VIEW
from doorstep.surfaces.desk import overdue


@login_required
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """What is past its deadline in ?place=, by default the reader's own. 404 outside it."""
    actor: Actor = actor_of(request)
    own = [code or settings.HOME_PLACE for code in minimal(actor.places_for(VIEW))]
    place = request.GET.get("place", "") or (own[0] if own else "")
    if not is_code(place) or not any(contains(each, place) for each in own):
        raise Http404
    name = full_names_of({place}).get(place)
    if name is None:
        raise Http404
    context = {
        "board": overdue.board(actor, place, name), "place": place, "name": name,
        "own": sorted(full_names_of(set(own)).items()) if len(own) > 1 else [],
    }  # fmt: skip
    return render(request, "desk/overdue.html", context)
