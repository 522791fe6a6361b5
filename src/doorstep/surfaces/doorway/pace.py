"""A modest limit on how often one address may ask: people behind one router share it, so it is generous."""

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

View = Callable[..., HttpResponse]


def paced(view: View) -> View:
    """Answer 429, in words, beyond REQUESTS_PER_MINUTE. The address is kept for that minute as a keyed hash."""

    @wraps(view)
    def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _count(request) > REQUESTS_PER_MINUTE:
            answer = render(request, "doorway/too_often.html", status=429)
            answer["Retry-After"] = "60"
            return answer
        return view(request, *args, **kwargs)

    return limited


def _count(request: HttpRequest) -> int:
    key = f"doorway:{int(time.time() // 60)}:{_who(request)}"
    try:
        return int(cache.incr(key))
    except ValueError:  # the first in this minute, unless another was just now
        return 1 if cache.add(key, 1, timeout=60) else 2


def _who(request: HttpRequest) -> str:
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:  # behind a proxy of ours, which appends the caller's address
        address = request.META.get("HTTP_X_FORWARDED_FOR", address).rpartition(",")[2].strip()
    return hashlib.sha256(f"{settings.SECRET_KEY}{address}".encode()).hexdigest()[:24]
