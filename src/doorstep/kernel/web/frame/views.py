"""Views of the frame: type size, and places while one types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.web.frame.naming import suggestions

LARGE_TYPE_COOKIE = "large_type"
YEAR = 365 * 24 * 3600


@require_POST
def set_type_size(request: HttpRequest) -> HttpResponse:
    """Large type on or off, kept in a cookie of this browser; back to the page one came from."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    answer = redirect(back)
    if request.POST.get("large") == "1":
        answer.set_cookie(LARGE_TYPE_COOKIE, "1", max_age=YEAR, samesite="Lax", httponly=True)
    else:
        answer.delete_cookie(LARGE_TYPE_COOKIE)
    return answer


@require_GET
def suggest_places(request: HttpRequest) -> HttpResponse:
    """Lines under a place picker. `go=1` makes them links to the place's page, otherwise choices for the form."""
    text = request.GET.get("q", "")[:40]
    found = suggestions(actor_of(request), text)
    context = {"text": text, "found": found, "go": request.GET.get("go") == "1"}
    return render(request, "web/components/place_suggestions.html", context)
