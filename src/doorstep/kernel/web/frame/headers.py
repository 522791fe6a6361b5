"""What every answer tells the browser: where its parts may come from, and that nobody's pages are kept."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

TILES = tuple(f"https://t{number}.tianditu.gov.cn" for number in range(8))


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


class AnswerHeaders:
    """Stands outside the session's middleware, so that nothing later adds to what it has set."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", content_policy())
        if response.status_code == 503:  # the database is away: do not ask it who this is
            return response
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.headers["Cache-Control"] = "private, no-store"
        return response
