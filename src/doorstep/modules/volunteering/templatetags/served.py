"""Minutes as hours, for pages."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def hours(minutes: int | None) -> str:
    """90 → 1.5, 120 → 2: tenths of an hour, rounded down."""
    tenths = (minutes or 0) * 10 // 60
    return f"{tenths // 10:,}" if tenths % 10 == 0 else f"{tenths / 10:,.1f}"
