"""When the database is away: the answer says so, to people in words and to programs and phones as data.

Django's answer to an error that nobody caught (`handler500`), since the database may be missed anywhere: at the look-up
of the session, in a view, or while the session is written after it.
"""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from doorstep.kernel.shared.errors import error_data

AGAIN_SECONDS = 10  # phones and programs ask again after these
# PostgreSQL's classes of "connection exception" and "operator intervention", and "too many connections". A deadlock or
# a statement that ran too long is an OperationalError as well, and an error of ours.
AWAY = ("08", "57P", "53300")


def trouble(request: HttpRequest) -> HttpResponse:
    """The answer to an uncaught error: 503 while the database is away, else the platform's page for errors."""
    if not is_away(sys.exc_info()[1]):
        return server_error(request)
    answer = _data() if wants_data(request) else _page(request)
    answer["Retry-After"] = str(AGAIN_SECONDS)
    answer["Cache-Control"] = "private, no-store"
    return answer


def is_away(error: BaseException | None) -> bool:
    """Whether this error of the database means that it cannot be reached. One from connecting has no code."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    code = getattr(error.__cause__, "sqlstate", None)
    return code is None or code.startswith(AWAY)


def wants_data(request: HttpRequest) -> bool:
    """Programs, and the phones' scripts that send what waits."""
    told = (request.headers.get("Accept", ""), request.content_type or "")
    return request.path.startswith(("/api/", "/open311/")) or any("application/json" in one for one in told)


def _data() -> HttpResponse:
    message = _("数据库暂时连不上，刚才的请求没有办成。请过一会儿用同一个编号再发，不会重复。")
    data = error_data("unavailable", message) | {"message": message, "field": ""}
    return JsonResponse(data, status=503, json_dumps_params={"ensure_ascii": False})


def _page(request: HttpRequest) -> HttpResponse:
    reads = request.method in ("GET", "HEAD")
    context = {"reads": reads, "again": request.get_full_path() if reads else "/"}
    return HttpResponse(loader.render_to_string("503.html", context), status=503)
