"""Modest limits on how often somebody may ask or report.

Whoever is signed in is counted by account, everybody else by a mark in a cookie of their browser: hundreds of phones
share the address of a mobile network, and one of them must not use up what is the others'. An address as a whole has a
far higher limit, for a browser may throw its mark away; one that brings none is counted with all such of its address.
The mark is a chance number, is kept nowhere here and beside nothing else, and counts for a minute as a keyed hash.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from doorstep.kernel.access.requests import actor_of
from doorstep.kernel.shared.counting import address_of, counted, counted_together

# While somebody writes, a page asks for hints at most every 600 ms.
REQUESTS_PER_MINUTE, REQUESTS_PER_ADDRESS = 240, 3000
REPORTS_PER_MINUTE, REPORTS_PER_ADDRESS = 10, 200
CODES_PER_MINUTE = 10  # tries at a code that lets somebody unknown follow a report
MARK, MARK_SECONDS = "browser", 30 * 24 * 3600

View = Callable[..., HttpResponse]


def paced(view: View) -> View:
    """Answer 429, in words, beyond REQUESTS_PER_MINUTE."""

    @wraps(view)
    def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _is_beyond(request, "doorway", REQUESTS_PER_MINUTE, REQUESTS_PER_ADDRESS):
            answer = render(request, "doorway/too_often.html", status=429)
            answer["Retry-After"] = "60"
            return answer
        return view(request, *args, **kwargs)

    return marked(limited)


def marked(view: View) -> View:
    """Give the browser of somebody unknown its mark, where it has none."""

    @wraps(view)
    def marking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if _account_of(request) is None and not _mark_of(request):
            answer.set_signed_cookie(
                MARK, secrets.token_urlsafe(12), max_age=MARK_SECONDS, httponly=True, samesite="Lax",
                secure=request.is_secure(),
            )  # fmt: skip
        return answer

    return marking


def too_many_reports(request: HttpRequest) -> bool:
    """Whether this account or browser has sent more than REPORTS_PER_MINUTE, or all unknown ones of its address together
    more than REPORTS_PER_ADDRESS."""
    return _is_beyond(request, "report", REPORTS_PER_MINUTE, REPORTS_PER_ADDRESS)


def _is_beyond(request: HttpRequest, what: str, most: int, most_of_address: int) -> bool:
    account_id = _account_of(request)
    if account_id is not None:
        return counted(what, f"account {account_id}") > most
    address, mark = address_of(request), _mark_of(request)
    doings = [(what, f"browser {mark}" if mark else address), (f"{what}:all", address)]
    own, all_of_address = counted_together(doings)
    return own > most or all_of_address > most_of_address


def _account_of(request: HttpRequest) -> int | None:
    account_id: int | None = actor_of(request).account_id
    return account_id


def _mark_of(request: HttpRequest) -> str:
    try:
        return request.get_signed_cookie(MARK, default="", max_age=MARK_SECONDS) or ""
    except BadSignature:
        return ""


__all__ = [
    "CODES_PER_MINUTE", "REPORTS_PER_ADDRESS", "REPORTS_PER_MINUTE", "address_of", "counted", "marked", "paced",
    "too_many_reports",
]  # fmt: skip
