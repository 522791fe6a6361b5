"""How often somebody did something lately: for limits. Only a keyed hash of who it was is kept, and not for long."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def counted(what: str, who: str, seconds: int = 60) -> int:
    """How often `who` did `what` in this stretch of `seconds`, this time included; only a keyed hash is kept."""
    return counted_together([(what, who)], seconds)[0]


def counted_together(doings: Sequence[tuple[str, str]], seconds: int = 60) -> list[int]:
    """`counted` for several (what, who) at once: one statement."""
    stretch = int(time.time() // seconds)
    keys = [f"{what}:{stretch}:{_hashed(who)}" for what, who in doings]
    found: dict[str, int] = cache.count(keys, seconds)  # type: ignore[attr-defined]  # our own cache
    return [found[key] for key in keys]


def _hashed(who: str) -> str:
    return hashlib.sha256(f"{settings.SECRET_KEY}{who}".encode()).hexdigest()[:24]


def address_of(request: HttpRequest) -> str:
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:  # behind a proxy of ours, which appends the caller's address
        address = request.META.get("HTTP_X_FORWARDED_FOR", address).rpartition(",")[2].strip()
    return address
