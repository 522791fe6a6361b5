"""Modest limits on how often one phone or address may ask: people behind one router share it, so they are generous."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

REQUESTS_PER_MINUTE = 120
REPORTS_PER_MINUTE = 10
CODES_PER_MINUTE = 10  # tries at a code that lets somebody unknown follow a report

View = Callable[..., HttpResponse]


def paced(view: View) -> View:
    """Answer 429, in words, beyond REQUESTS_PER_MINUTE. The address is kept for that minute as a keyed hash."""

    @wraps(view)
    def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if counted("doorway", address_of(request)) > REQUESTS_PER_MINUTE:
            answer = render(request, "doorway/too_often.html", status=429)
            answer["Retry-After"] = "60"
            return answer
        return view(request, *args, **kwargs)

    return limited


def too_many_reports(request: HttpRequest) -> bool:
    """Whether this account (or address, for somebody unknown) has sent more than REPORTS_PER_MINUTE."""
    account_id = request.actor.account_id  # type: ignore[attr-defined]  # the actor middleware sets it
    who = f"account {account_id}" if account_id is not None else address_of(request)
    return counted("report", who) > REPORTS_PER_MINUTE


def counted(what: str, who: str, seconds: int = 60) -> int:
    """How often `who` did `what` in this stretch of `seconds`, this time included; only a keyed hash is kept."""
    hashed = hashlib.sha256(f"{settings.SECRET_KEY}{who}".encode()).hexdigest()[:24]
    key = f"{what}:{int(time.time() // seconds)}:{hashed}"
    try:
        return int(cache.incr(key))
    except ValueError:  # the first in this stretch, unless another was just now
        return 1 if cache.add(key, 1, timeout=seconds) else 2


def address_of(request: HttpRequest) -> str:
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:  # behind a proxy of ours, which appends the caller's address
        address = request.META.get("HTTP_X_FORWARDED_FOR", address).rpartition(",")[2].strip()
    return address
