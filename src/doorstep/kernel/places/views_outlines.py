"""Boundaries from a GeoJSON file: read and repaired, looked at on a map, then laid, all of them or none."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.places.forms import OutlinesForm
from doorstep.kernel.places.geometry import area_of
from doorstep.kernel.places.inputs import NewOutline
from doorstep.kernel.places.outline_file import MOST_BYTES, read_outlines
from doorstep.kernel.places.pages import places_page
from doorstep.kernel.places.policies import DRAW_OUTLINES
from doorstep.kernel.places.services_outlines import Examined, add_outlines, examine_outlines
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.kernel.shared.place_codes import LEVEL_NAMES, is_code, level_of

KEPT_SECONDS = 3600
SQUARE_KILOMETRE = 1_000_000


@places_page
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file and say where it comes from and from when it holds."""
    actor = _drawing(request)
    asked = request.GET.get("place", "")
    place = asked if is_code(asked) else ""
    form = OutlinesForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return redirect("places:preview_outlines", key=_keep(actor, form.cleaned_data, place))
            except RuleViolation as refusal:
                form.refuse(refusal)
    return render(request, "places/upload_outlines.html", {"form": form}, status=status)


@places_page
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """What was read, place by place and on a map; `do=lay` lays it where nothing is wrong, `do=drop` gives it up."""
    actor = _drawing(request)
    kept = _kept(actor, key)
    if request.method == "POST":
        if request.POST.get("do") == "lay":
            try:
                rows = add_outlines(actor=actor, outlines=_outlines(kept), valid_from=_day(kept))
            except Refused as refusal:
                messages.error(request, str(refusal.message))
                return redirect("places:preview_outlines", key=key)
            messages.success(request, _("已划定 {n} 个地方的边界。").format(n=len(rows)))
        cache.delete(_name(key))
        return redirect(f"{reverse('web:register', args=['places.communities'])}")
    found = examine_outlines(actor=actor, outlines=_outlines(kept), valid_from=_day(kept))
    context = {
        "found": found, "key": key, "kept": kept, "day": _day(kept), "lines": [_line(each) for each in found],
        "wrong": sum(1 for each in found if each.problem),
        "repaired": sum(1 for each in found if each.checked and each.checked.repaired),
    }  # fmt: skip
    return render(request, "places/preview_outlines.html", context)


@places_page
@require_GET
def shapes(request: HttpRequest, key: str) -> HttpResponse:
    """The outlines of a preview as they would be laid, for its map."""
    actor = _drawing(request)
    kept = _kept(actor, key)
    found = examine_outlines(actor=actor, outlines=_outlines(kept), valid_from=_day(kept))
    features = [_feature(each, kept["illustrative"]) for each in found if each.checked]
    answer = {"type": "FeatureCollection", "features": features}
    return JsonResponse(answer, content_type="application/geo+json")


def _drawing(request: HttpRequest) -> Actor:
    """The reader, who may draw outlines somewhere; for anybody else the page does not exist."""
    actor = actor_of(request)
    if not actor.holds_somewhere(DRAW_OUTLINES):
        raise Http404
    return actor


def _keep(actor: Actor, data: dict[str, Any], place: str) -> str:
    """Read the file and keep it for an hour, for this reader alone. Raises RuleViolation."""
    file = data["file"]
    given = read_outlines(file.read(MOST_BYTES + 1), place)
    key = secrets.token_urlsafe(12)
    kept = {
        "account": actor.account_id, "given": given, "source": data["source"], "illustrative": data["illustrative"],
        "valid_from": data["valid_from"].isoformat(), "file": file.name[:120],
    }  # fmt: skip
    examine_outlines(
        actor=actor, outlines=_outlines(kept)[:0], valid_from=_day(kept)
    )  # its day, said at the form
    cache.set(_name(key), kept, KEPT_SECONDS)
    return key


def _kept(actor: Actor, key: str) -> dict[str, Any]:
    kept = cache.get(_name(key))
    if kept is None or kept["account"] != actor.account_id:
        raise Http404
    return kept


def _name(key: str) -> str:
    return f"places.outlines.{key}"


def _outlines(kept: dict[str, Any]) -> list[NewOutline]:
    return [
        NewOutline(code, geometry, kept["source"], illustrative=kept["illustrative"])
        for code, geometry in kept["given"]
    ]


def _day(kept: dict[str, Any]) -> dt.date:
    return dt.date.fromisoformat(kept["valid_from"])


def _size(found: Examined) -> float | None:
    return None if found.checked is None else round(area_of(found.checked.shape) / SQUARE_KILOMETRE, 3)


def _line(found: Examined) -> dict[str, Any]:
    return {"found": found, "level": LEVEL_NAMES[level_of(found.place_code)], "size": _size(found)}


def _feature(found: Examined, illustrative: bool) -> dict[str, Any]:
    assert found.checked is not None
    size = _size(found)
    return {
        "type": "Feature", "geometry": found.checked.geometry,
        "properties": {
            "code": found.place_code, "name": found.name, "value": size, "href": "", "illustrative": illustrative,
            "value_text": _("{size} 平方公里").format(size=size),
        },
    }  # fmt: skip
