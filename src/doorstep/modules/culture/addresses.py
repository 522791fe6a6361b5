"""Where one time of an activity has its own page, of whatever kind it is."""

from __future__ import annotations


def address_of(session_id: int) -> str:
    return f"/on/{session_id}/"
