"""Where the rows of a figure are shown."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from doorstep.kernel.declarations.indicators import Scope


def rows_address(key: str, scope: Scope) -> str:
    """Address of the page with the rows that make the figure in that scope."""
    days = {"place": scope.place_code, "on": scope.on.isoformat(), "since": scope.since.isoformat()}
    return f"{reverse('indicators:rows', args=[key])}?{urlencode(days)}"
