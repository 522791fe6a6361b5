"""What scripts on the phone ask for: who is signed in, one action at a time, and the parts of an installed page."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.web.assets import DIST, NotBuilt, bundle
from doorstep.surfaces.patrol.actions import Action, perform
from doorstep.surfaces.patrol.views import actor_of, is_at_home_here, shown, way_from

WORKER_FILE = "patrol-worker.js"
MOST_FIELDS = 20


def _signed_out() -> JsonResponse:
    return JsonResponse({"detail": _("请重新登录，没有发出的都还在手机里。")}, status=401)


@require_GET
@ensure_csrf_cookie
def here(request: HttpRequest) -> HttpResponse:
    """Whose session this is, and the token to send with. 401 where nobody is signed in who works here."""
    actor = actor_of(request)
    if not request.user.is_authenticated or not is_at_home_here(actor):
        return _signed_out()
    return JsonResponse({"account": actor.account_id, "token": get_token(request)})


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """One action from a phone's queue, answered in data. The account it was done under must be the one signed in."""
    actor = actor_of(request)
    if not request.user.is_authenticated or not is_at_home_here(actor):
        return _signed_out()
    try:
        given = json.loads(request.body)
        action = _action(given)
        account = given.get("account")
    except (ValueError, TypeError, KeyError, AttributeError):
        return JsonResponse({"state": "refused", "message": _("手机发来的内容读不出来。")}, status=400)
    if account != actor.account_id:
        return JsonResponse(
            {"state": "other", "message": _("这一步是另一个账号办的，要用那个账号登录才能发出。")}
        )
    outcome = perform(actor=actor, action=action)
    answer = {
        "state": outcome.state, "message": outcome.message, "number": outcome.number, "version": outcome.version,
        "url": way_from(actor, outcome) if outcome.number else reverse("patrol:home"),
    }  # fmt: skip
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


def _action(given: dict[str, Any]) -> Action:
    """Raises ValueError, TypeError or KeyError for what no page of ours sends."""
    fields = given.get("fields", {})
    if len(fields) > MOST_FIELDS or not all(
        isinstance(text, str) for pair in fields.items() for text in pair
    ):
        raise ValueError("fields")
    name, number, done_at = given["name"], given.get("number", ""), given.get("done_at")
    if not (isinstance(name, str) and isinstance(number, str)):
        raise ValueError("name")
    moment = dt.datetime.fromisoformat(done_at) if done_at else None
    return Action(
        key=uuid.UUID(given["key"]), name=name, number=number, fields=fields,
        follows=uuid.UUID(given["follows"]) if given.get("follows") else None,
        done_at=moment if moment is not None and moment.tzinfo else None,
    )  # fmt: skip


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown for a page the phone has not kept. Nothing in it is anybody's."""
    return shown(request, "patrol/offline.html", {"account": None})


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
    answer = HttpResponse(
        f"self.SHELL_FILES = {json.dumps(files)};\n{script}", content_type="text/javascript; charset=utf-8"
    )
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What an installed page is called and looks like."""
    colours = {
        "theme_color": "#9f2d1c",
        "background_color": "#ffffff",
    }  # the accent and the ground of the tokens
    home = reverse("patrol:home")
    answer = JsonResponse(
        colours
        | {
            "name": _("家门口 · 网格员"), "short_name": _("网格办件"), "lang": settings.LANGUAGE_CODE,
            "start_url": home, "scope": home, "id": home, "display": "standalone",
            "icons": [
                {"src": static(f"patrol/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
                for size in (192, 512)
                for purpose in ("any", "maskable")
            ],
        },
        json_dumps_params={"ensure_ascii": False},
    )  # fmt: skip
    answer.headers["Content-Type"] = "application/manifest+json; charset=utf-8"
    return answer
