"""`{% load rates %}`: a rate in per cent, and its interval drawn."""

from __future__ import annotations

from typing import Any

from django import template

from doorstep.modules.requests.rules import Rate
from doorstep.modules.requests.wording import percent as percent_text

register = template.Library()
WIDE = 100


@register.filter
def percent(share: float | None) -> str:
    """0.923 → 92.3%; an em dash for what is unknown."""
    return percent_text(share)


@register.inclusion_tag("requests/_interval.html")
def interval(rate: Rate, before: Rate | None = None, named: bool = False) -> dict[str, Any]:
    """The 95% interval of a rate as a bar from 0 to 100, the rate as a line in it, an earlier rate as a thin mark."""
    if rate.value is None or rate.low is None or rate.high is None:
        return {"rate": None}
    earlier = before.value if before is not None else None
    return {
        "rate": rate, "named": named, "low": percent_text(rate.low), "high": percent_text(rate.high), "start": f"{rate.low * WIDE:.1f}",
        "length": f"{max(rate.high - rate.low, 0.01) * WIDE:.1f}", "point": f"{rate.value * WIDE:.1f}",
        "earlier": "" if earlier is None else f"{earlier * WIDE:.1f}",
    }  # fmt: skip


@register.filter
def dictkey(known: dict[str, Any], key: str) -> Any:
    """A value by a key with a point in it, which a template cannot name."""
    return known.get(key, "")
