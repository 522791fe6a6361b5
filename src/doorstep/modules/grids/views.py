"""Pages of grids that anybody may open on a phone."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from doorstep.kernel.shared import clock
from doorstep.modules.grids import selectors, selectors_roster


@require_GET
def grid(request: HttpRequest, code: str) -> HttpResponse:
    """What must be posted of a grid. An ended grid says which grids followed."""
    shown = selectors.grid_page(code)
    if shown is None:
        raise Http404
    context = {"shown": shown, "neighbourhood": shown.community.name}
    if shown.ended:
        return render(request, "grids/ended.html", context, status=410)
    return render(request, "grids/grid.html", context)


@require_GET
def grid_map(request: HttpRequest, code: str) -> HttpResponse:
    """The grid's outline among its neighbours', as GeoJSON."""
    found = selectors.outlines_around(code)
    if not any(feature["id"] == code for feature in found["features"]):
        raise Http404
    return JsonResponse(found, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False})


@require_GET
def community(request: HttpRequest, code: str) -> HttpResponse:
    """The grids of a community."""
    area = selectors.community_in_home(code)
    if area is None:
        raise Http404
    day = clock.today()
    context = {"area": area, "grids": selectors.grids_in(code, day), "neighbourhood": area.name, "on": day}
    return render(request, "grids/community.html", context)


@require_GET
def timetable(request: HttpRequest, code: str) -> HttpResponse:
    """When which legal professional is in the community, and questions answered in public."""
    area = selectors.community_in_home(code)
    if area is None:
        raise Http404
    day = clock.today()
    context = {
        "area": area, "shown": selectors_roster.timetable(code, day), "neighbourhood": area.name, "on": day,
        "office": selectors.office_of(code, day),
    }  # fmt: skip
    return render(request, "grids/timetable.html", context)
