"""How often somebody did something lately: for limits. Only a keyed hash of who it was is kept, and not for long."""

from __future__ import annotations

import hashlib
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


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
