"""The first numbers of redemption, with their clauses."""

from __future__ import annotations

from datetime import date

FROM = date(2024, 1, 1)
CLAUSE = "本平台约定，可调整"
VALUES: list[tuple[str, object, str]] = [
    ("redemption.offer_minutes", 10, f"双方当面确认；{CLAUSE}"),
    ("redemption.low_stock", 10, CLAUSE),
]
