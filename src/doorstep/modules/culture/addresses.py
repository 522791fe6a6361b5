"""Where one time of an activity has its own page, of whatever kind it is."""

from __future__ import annotations

from django.urls import reverse


def address_of(session_id: int) -> str:
    return reverse("doorway:on", args=[session_id])
