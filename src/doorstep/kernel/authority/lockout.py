"""What happens after too many failures at one account: it waits, and says how long."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


def username_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The account tried, in small letters: "ADMIN" and "admin" share their failures."""
    name = (credentials or {}).get("username") or request.POST.get("login") or ""
    return str(name).strip().lower()


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """The page instead of the form, with the minutes left."""
    last = (
        AccessAttempt.objects.filter(username=username_of(request, credentials))
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    wait = settings.AXES_COOLOFF_TIME - (timezone.now() - last) if last else settings.AXES_COOLOFF_TIME
    minutes = max(1, -int(-wait.total_seconds() // 60))
    context = {"minutes": minutes, "limit": settings.AXES_FAILURE_LIMIT}
    return render(request, "authority/locked.html", context, status=429)
