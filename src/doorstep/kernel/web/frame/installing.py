"""The platform on a phone's home screen: its name and icon, and what its browser keeps for when there is no network."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.web.assets import DIST, MANIFEST, NotBuilt, bundle

SIZES = (192, 512)
GROUND, ACCENT = "#ffffff", "#9f2d1c"


@dataclass(frozen=True)
class KeptPage:
    """A page that browsers keep. `page`: its address, the same for everybody (it is fetched without cookies).

    Without a network it stands for pages whose address begins with one of `under` or is one of `at`.
    """

    page: str
    under: tuple[str, ...] = ()
    at: tuple[str, ...] = ()


_pages: dict[str, KeptPage] = {}


def declare_kept_page(page: KeptPage) -> None:
    if _pages.setdefault(page.page, page) != page:
        raise RuntimeError(f"kept page {page.page} is declared twice")


@require_GET
@cache_control(max_age=24 * 3600, public=True)
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for an icon by themselves, beside a text or a file that names none."""
    return redirect(static(f"web/icons/any-{SIZES[0]}.png"))


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone's system shows of the platform once it is on the home screen."""
    icons = [
        {"src": static(f"web/icons/{purpose}-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png",
         "purpose": purpose}
        for size in SIZES
        for purpose in ("any", "maskable")
    ]  # fmt: skip
    answer = JsonResponse(
        {
            "id": "/", "name": _("家门口"), "short_name": _("家门口"), "lang": get_language(), "start_url": "/",
            "scope": "/", "display": "standalone", "background_color": GROUND, "theme_color": ACCENT, "icons": icons,
        },
        json_dumps_params={"ensure_ascii": False},
        content_type="application/manifest+json; charset=utf-8",
    )  # fmt: skip
    answer["Cache-Control"] = "no-cache"
    return answer


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """The built script, told what to keep. 404 where the front end is not built."""
    try:
        files = _files()
        script = (DIST / json.loads(MANIFEST.read_text(encoding="utf-8"))["sw.js"]["file"]).read_text("utf-8")
    except (NotBuilt, FileNotFoundError, KeyError):
        return HttpResponse(status=404)
    asked = request.GET.get("language", "")
    language = asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    pages = [
        {"page": f"{kept.page}?language={language}", "under": kept.under, "at": kept.at}
        for kept in _pages.values()
    ]
    version = hashlib.sha256(json.dumps([files, pages, script]).encode()).hexdigest()[:12]
    told = json.dumps({"version": version, "files": files, "pages": pages})
    answer = HttpResponse(f"self.OFFLINE = {told};\n{script}", content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


def _files() -> list[str]:
    phone = bundle("phone")
    return [static(path) for path in (phone.script, *phone.styles, *phone.preloads)]


@never_cache
@require_GET
def session(request: HttpRequest) -> HttpResponse:
    """For what was written without a network: whose session this is now, and the token for its forms."""
    account_id = actor_of(request).account_id
    return JsonResponse({"sender": sender_of(account_id), "token": get_token(request)})


def sender_of(account_id: int | None) -> str:
    """What a phone keeps beside a letter to know whose it is: says nothing to anybody else. Empty for nobody."""
    if account_id is None:
        return ""
    return salted_hmac("doorstep.sender", str(account_id), algorithm="sha256").hexdigest()[:24]
