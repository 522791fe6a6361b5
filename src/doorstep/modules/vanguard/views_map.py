"""The map of responsibility areas: which grids and communities are somebody's, and which are nobody's."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.people.selectors import name_of_place, with_names_seen
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import LENGTHS, is_code
from doorstep.kernel.web.context import page_of
from doorstep.modules.vanguard import selectors, selectors_map
from doorstep.modules.vanguard.models import Holding
from doorstep.modules.vanguard.pages_acting import desk_page
from doorstep.modules.vanguard.policies import KEEP, VIEW


def _place(request: HttpRequest, asked: str) -> str:
    """The place asked for, else the reader's first; no finer than a community. Raises Http404."""
    places = [place[:12] for place in actor_of(request).places_for(VIEW)]
    if not places:
        raise Http404
    if not asked:
        return places[0] or "210202"
    if not is_code(asked) or not 6 <= len(asked) <= 12 or not any(asked.startswith(one) for one in places):
        raise Http404
    return asked


@desk_page
@require_GET
def areas(request: HttpRequest) -> HttpResponse:
    """The map, and the same as a table."""
    actor = actor_of(request)
    place = _place(request, request.GET.get("place", ""))
    page_of(request).place_code = place
    context = {
        "place": place, "place_name": name_of_place(place), "parts": selectors_map.parts_of(actor, place),
        "drawn": _drawn(actor, place), "keeps": actor.holds_somewhere(KEEP),
    }  # fmt: skip
    return render(request, "vanguard/areas.html", context)


def _drawn(actor: Actor, place: str) -> list[tuple[str, str, str]]:
    """Name, holder, size of what was drawn in a community; [] for wider places, whose map does not show it."""
    rows = selectors_map.drawn_areas(actor, place) if len(place) == LENGTHS["community"] else []
    holders = with_names_seen(Holding.objects.filter(in_force(), area__in=rows), actor, "person")
    names = {row.area_id: row.seen_name or "—" for row in holders}
    words = selectors.places_in_words(rows)
    return [(row.name, names.get(row.pk, ""), words.get(row.pk, "")) for row in rows]


@desk_page
@require_GET
def area_map(request: HttpRequest, code: str) -> HttpResponse:
    """The outlines with how many areas each has, as GeoJSON."""
    place = _place(request, code)
    found = selectors_map.feature_collection(actor_of(request), place)
    return JsonResponse(found, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False})
