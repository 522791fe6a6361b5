"""Places as JSON, for pickers, maps and other programs."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.places import selectors
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.shared.place_codes import LEVELS, is_code


@require_GET
def find(request: HttpRequest) -> JsonResponse:
    """`?q=chunhai&limit=10`: places by characters, pinyin, initials or code, the reader's own first."""
    limit = request.GET.get("limit", "10")
    if not is_digits(limit):
        return _refused(_("代码、级别或条数不对。"))
    found = selectors.find_places(actor_of(request), request.GET.get("q", ""), int(limit[:4]))
    return JsonResponse({"places": [asdict(place) | {"level": place.level} for place in found]})


@require_GET
def areas_below(request: HttpRequest) -> JsonResponse:
    """`?under=210202&level=street&after=210202003&limit=50`: a page of areas, and the code the next one starts behind."""
    code, level = request.GET.get("under", ""), request.GET.get("level", "")
    limit = request.GET.get("limit", "50")
    if not is_code(code) or (level and level not in LEVELS) or not is_digits(limit):
        return _refused(_("代码、级别或条数不对。"))
    rows = selectors.subtree_page(
        code, after=request.GET.get("after", "")[:15], limit=max(int(limit[:4]), 1), level=level
    )
    full = len(rows) == min(max(int(limit[:4]), 1), selectors.LONGEST_PAGE)
    return JsonResponse({"areas": rows, "after": rows[-1]["code"] if full else None})


@require_GET
def outlines_below(request: HttpRequest) -> JsonResponse:
    """`?under=210202&on=2026-06-15`: outlines one level below as a GeoJSON FeatureCollection."""
    code, on = request.GET.get("under", ""), request.GET.get("on", "")
    try:
        day = dt.date.fromisoformat(on) if on else None
    except ValueError:
        return _refused(_("日期应写成 2026-06-15。"))
    if not is_code(code):
        return _refused(_("代码不对。"))
    found = selectors.outlines_below(actor_of(request), code, day)
    return JsonResponse(found, content_type="application/geo+json")


def _refused(message: str) -> JsonResponse:
    return JsonResponse({"error": message}, status=400, json_dumps_params={"ensure_ascii": False})
