"""What scripts on the phone ask for: one action at a time, and the parts of an installed page."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.web.assets import DIST, NotBuilt, bundle
from doorstep.kernel.web.frame.installing import ACCENT, GROUND, SIZES, sender_of
from doorstep.surfaces.patrol.actions import Action, perform
from doorstep.surfaces.patrol.views import is_at_home_here, shown, way_from

WORKER_FILE = "patrol-worker.js"
MOST_FIELDS = 20


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """One action from a phone's queue, answered in data. Who did it must be who is signed in."""
    actor = actor_of(request)
    if not request.user.is_authenticated or not is_at_home_here(actor):
        return _told("signed_out", _("请重新登录，没有发出的都还在手机里。"), status=401)
    try:
        given = json.loads(
            request.POST["action"] if request.content_type == "multipart/form-data" else request.body
        )
        action, sender = _action(given), given.get("sender")
    except (ValueError, TypeError, KeyError, AttributeError):
        return _told("refused", _("手机发来的内容读不出来。"), status=400)
    if sender != sender_of(actor.account_id):
        return _told("other", _("这一步是另一个账号办的，要用那个账号登录才能发出。"))
    outcome = perform(actor=actor, action=replace(action, picture=request.FILES.get("picture")))
    url = way_from(actor, outcome) if outcome.number else reverse("patrol:home")
    return _told(outcome.state, outcome.message, number=outcome.number, version=outcome.version, url=url)


def _told(state: str, message: str, *, status: int = 200, **more: Any) -> JsonResponse:
    answer = {"state": state, "message": message, **more}
    return JsonResponse(answer, status=status, json_dumps_params={"ensure_ascii": False})


def _action(given: dict[str, Any]) -> Action:
    """Raises ValueError, TypeError, KeyError or AttributeError for what no page of ours sends."""
    fields = given.get("fields", {})
    texts = [given["name"], given.get("number", ""), *fields, *fields.values()]
    if len(fields) > MOST_FIELDS or not all(isinstance(text, str) for text in texts):
        raise ValueError("fields")
    done_at = given.get("done_at")
    moment = dt.datetime.fromisoformat(done_at) if done_at else None
    return Action(
        key=uuid.UUID(given["key"]), name=given["name"], number=given.get("number", ""), fields=fields,
        follows=uuid.UUID(given["follows"]) if given.get("follows") else None,
        done_at=moment if moment is not None and moment.tzinfo else None,
    )  # fmt: skip


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown for a page the phone has not kept. Nothing in it is anybody's."""
    return shown(request, "patrol/offline.html", {"sender": ""})


@require_GET
def phone(request: HttpRequest) -> HttpResponse:
    """What waits on this phone, what is kept on it, and signing out. The list itself is the phone's own."""
    return shown(request, "patrol/phone.html", {"strip": "phone"})


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the names of the files it keeps: its address gives it the scope of these pages."""
    try:
        parts = bundle("patrol")
        script = (DIST / WORKER_FILE).read_text(encoding="utf-8")
    except (NotBuilt, FileNotFoundError):
        raise Http404 from None
    files = [static(path) for path in (parts.script, *parts.styles, *parts.preloads)]
    told = {"files": files, "session": reverse("frame:session")}
    answer = HttpResponse(
        f"self.SHELL = {json.dumps(told)};\n{script}", content_type="text/javascript; charset=utf-8"
    )
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What an installed page is called and looks like."""
    home = reverse("patrol:home")
    icons = [
        {"src": static(f"web/icons/{purpose}-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png",
         "purpose": purpose}
        for size in SIZES
        for purpose in ("any", "maskable")
    ]  # fmt: skip
    answer = JsonResponse(
        {
            "id": home, "name": _("家门口 · 网格员"), "short_name": _("网格办件"), "lang": get_language(),
            "start_url": home, "scope": home, "display": "standalone", "background_color": GROUND,
            "theme_color": ACCENT, "icons": icons,
        },
        json_dumps_params={"ensure_ascii": False}, content_type="application/manifest+json; charset=utf-8",
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-cache"
    return answer
