"""What every answer tells the browser: where its parts may come from, that it needs no camera, that nobody's pages are kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

TILES = tuple(f"https://t{number}.tianditu.gov.cn" for number in range(8))

NO_CAMERA, OWN_CAMERA = "camera=(), microphone=()", "camera=(self), microphone=()"


def content_policy() -> str:
    """Everything from this server; map tiles from Tianditu where its key is set.

    Styles may stand inline: charts and maps place what they draw by the style attribute.
    """
    images = ["'self'", "data:", "blob:", *(TILES if settings.TIANDITU_KEY else ())]
    return "; ".join(
        [
            "default-src 'self'",
            f"img-src {' '.join(images)}",
            "style-src 'self' 'unsafe-inline'",
            "script-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "frame-ancestors 'self'",
        ]
    )


def with_camera(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view whose page scans codes: on it alone the browser may ask for the camera."""

    @wraps(view)
    def allowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers["Permissions-Policy"] = OWN_CAMERA
        return response

    return allowed


class AnswerHeaders:
    """Stands outside the session's middleware, so that nothing later adds to what it has set."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", content_policy())
        response.headers.setdefault("Permissions-Policy", NO_CAMERA)
        if response.status_code == 503:  # the database is away: do not ask it who this is
            return response
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.headers["Cache-Control"] = "private, no-store"
        return response
