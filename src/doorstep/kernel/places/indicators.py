"""Figures of the places themselves."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.indicators import Indicator, Scope, declare
from doorstep.kernel.places.models import Grid


def grids(scope: Scope) -> QuerySet[Any]:
    """Grids in force on the day, basic and dedicated."""
    return Grid.objects.in_force(scope.on)


declare(
    Indicator(
        key="grids.grids",
        name=_("社区网格"),
        unit=_("个"),
        kind="stock",
        chapter="3",
        clause=_("优化调整后在册的网格；界线清楚，一个网格只属于一个社区"),
        rows=grids,
        place_field="code",
        who_records=_("街道划定网格后，这里就有数字。"),
        register="places.grids",
        headline=True,
    )
)
