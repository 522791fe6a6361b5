"""Reporting on the phone: one page, a few taps; the same with and without scripts, with and without a network."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel.access.requests import actor_of, stretch_of
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.shared.kept import steady
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.web.frame.installing import sender_of
from doorstep.modules.requests import follow_codes
from doorstep.modules.requests.services import ANONYMOUS_COSTS, LONGEST_TEXT, Reported
from doorstep.surfaces.doorway import emergencies, selectors
from doorstep.surfaces.doorway.pace import REPORTS_PER_MINUTE, marked, paced, too_many_reports
from doorstep.surfaces.doorway.promises import next_promise, standing_of
from doorstep.surfaces.doorway.reporting import Draft, Hints, add_picture, draft_of, hints_for, send
from doorstep.surfaces.doorway.spots import Spot
from doorstep.surfaces.doorway.views import LONGEST_SEARCH, around, datum_of, my_building

SENT, SENT_SECONDS = "sent", 600
SENT_SALT = "doorway.sent"


@require_http_methods(["GET", "POST"])
@marked
def report(request: HttpRequest) -> HttpResponse:
    """The form; by POST the report itself, answered as a page or (Accept: application/json) as data."""
    if request.method == "GET":
        return _form(request, draft_of(request.GET.dict(), my_building(request)))
    with steady(stretch_of(request)):
        return _reported(request)


def _reported(request: HttpRequest) -> HttpResponse:
    too_many = too_many_reports(request)
    draft = draft_of(request.POST.dict(), my_building(request))
    if too_many:
        return _refused(request, draft, _too_many(), "", 429)
    if draft.sender and not draft.anonymous and draft.sender != sender_of(actor_of(request).account_id):
        said = _("写这件事时登录的账号已经退出。请重新登录后再发；您写的都还在。")
        return _refused(request, draft, said, "sender", 409)
    if not (draft.seen or _wants_data(request)):
        hints = hints_for(actor_of(request), draft)
        if hints.nearby or hints.emergencies:
            return _form(request, draft, hints=hints, asks=True)
    try:
        taken = send(actor_of(request), draft)
    except Refused as refusal:
        return _refused(request, draft, str(refusal.message), refusal.field, 422)
    warnings = list(taken.warnings)
    picture = request.FILES.get("picture")
    if picture is not None and (trouble := add_picture(actor_of(request), draft, taken, picture)):
        warnings.append(trouble)
    return _taken(request, taken, warnings)


def _too_many() -> str:
    return _("一分钟里报得太多了（最多 %(n)d 件）。您写的都还在，请过一分钟再发。") % {
        "n": REPORTS_PER_MINUTE
    }


def _taken(request: HttpRequest, taken: Reported, warnings: list[str]) -> HttpResponse:
    """Lead on to what was taken in. What the next page says goes along in a cookie, once."""
    code = follow_codes.code_of(taken.matter) if taken.request.anonymous else ""
    told = {"matter": taken.matter.pk, "code": code, "warnings": warnings}
    answer: HttpResponse
    if _wants_data(request):
        promise = next_promise(taken.matter, taken.promised)
        data = {
            "number": taken.matter.number, "code": code, "title": taken.matter.title, "warnings": warnings,
            "promises": [promise] if promise else [], "url": "/report/sent/",
        }  # fmt: skip
        answer = JsonResponse(data, json_dumps_params={"ensure_ascii": False})
    else:
        answer = redirect("doorway:sent")
    answer.set_cookie(
        SENT, signing.dumps(told, salt=SENT_SALT), max_age=SENT_SECONDS, path="/report/sent/", httponly=True,
        samesite="Lax", secure=request.is_secure(),
    )  # fmt: skip
    return answer


@require_GET
@paced
def sent(request: HttpRequest) -> HttpResponse:
    """What was promised; for somebody unknown the code to follow it by, once."""
    try:
        told = signing.loads(request.COOKIES.get(SENT, ""), salt=SENT_SALT, max_age=SENT_SECONDS)
    except signing.BadSignature:
        return redirect("doorway:mine")
    matter = Matter.objects.filter(pk=told["matter"]).first()
    if matter is None:
        return redirect("doorway:mine")
    context = around(request) | {
        "standing": standing_of(matter), "code": told["code"], "warnings": told["warnings"], "strip": "mine",
        "costs": ANONYMOUS_COSTS,
    }  # fmt: skip
    answer = render(request, "doorway/sent.html", context)
    answer.delete_cookie(SENT, path="/report/sent/", samesite="Lax")
    return answer


@require_POST
@paced
def place(request: HttpRequest) -> HttpResponse:
    """Another place for the report: found by words, picked, or by the phone's position. The words stay."""
    given = request.POST.dict()
    pick = given.get("pick", "")
    found: dict[str, Any] = {}
    if pick[:1] in ("b", "p") and is_digits(pick[1:]):
        kept = {name: text for name, text in given.items() if name not in ("longitude", "latitude")}
        given = kept | {
            "building": pick[1:] if pick[0] == "b" else "",
            "place": pick[1:] if pick[0] == "p" else "",
        }
    elif pick == "find":
        text = given.get("find", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
        buildings, more = selectors.find_buildings(text)
        found = {
            "find_text": text,
            "buildings": buildings,
            "more": more,
            "places": selectors.find_places(text),
        }
        found["searched"] = bool(text)
    draft = draft_of(given, my_building(request))
    if _wants_part(request):
        return render(request, "doorway/_where.html", _where(request, draft) | found)
    return _form(request, draft, **found)


@require_POST
@paced
def hints(request: HttpRequest) -> HttpResponse:
    """What the words may be about and what was reported nearby already, while they are written."""
    draft = draft_of(request.POST.dict(), my_building(request))
    return render(
        request, "doorway/_hints.html", {"draft": draft, "hints": hints_for(actor_of(request), draft)}
    )


@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    """Nobody's form, kept in browsers for when there is no network."""
    asked = request.GET.get("language", "")
    with translation.override(asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        context = _context(request, Draft(Spot())) | {
            "my_building": None,
            "neighbourhood": "",
            "is_kept": True,
        }
        context |= {"nobody": True, "sender": ""}
        return render(request, "doorway/report.html", context)


def _form(
    request: HttpRequest, draft: Draft, *, status: int = 200, hints: Hints | None = None, **more: Any
) -> HttpResponse:
    told = hints or Hints(emergencies=emergencies.in_words(draft.text))
    context = _context(request, draft) | {"hints": told} | more
    return render(request, "doorway/report.html", context, status=status)


def _context(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    actor = actor_of(request)
    return around(request) | _where(request, draft) | {
        "draft": draft, "longest": LONGEST_TEXT, "costs": ANONYMOUS_COSTS, "strip": "home",
        "emergencies": json.dumps(emergencies.for_scripts(), ensure_ascii=False),
        "sender": sender_of(actor.account_id), "nobody": actor.is_anonymous,
    }  # fmt: skip


def _where(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    return {"spot": draft.spot, "datum": datum_of(request), "home_place": settings.HOME_PLACE}


def _refused(request: HttpRequest, draft: Draft, message: str, field: str, status: int) -> HttpResponse:
    if _wants_data(request):
        answer: HttpResponse = JsonResponse(
            {"message": message, "field": field}, status=status, json_dumps_params={"ensure_ascii": False}
        )
    else:
        answer = _form(request, draft, status=status, refusal=message, refused_field=field)
    if status == 429:
        answer["Retry-After"] = "60"
    return answer


def _wants_data(request: HttpRequest) -> bool:
    return "application/json" in request.META.get("HTTP_ACCEPT", "")


def _wants_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
