"""Of what people are told that is no matter: their seat, meetings of their committee. Codes alone; words: subjects."""

from __future__ import annotations

SEAT, MEETING = "partnership.seat", "partnership.consultation"
UNIT_LEFT, SEATED = "unit_left", "seated"
CALLED, CALLED_OFF = "called", "called_off"
