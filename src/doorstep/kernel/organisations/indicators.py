"""Figures of the organisations themselves."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.indicators import Indicator, Scope, declare
from doorstep.kernel.organisations.models import Appointment


def grid_workers(scope: Scope) -> QuerySet[Any]:
    """Full-time grid workers in post on the day; whoever only stands in for another is not counted again."""
    return Appointment.objects.in_force(scope.on).filter(
        post="grid_worker", full_time=True, substitute_for__isnull=True
    )


declare(
    Indicator(
        key="grids.workers",
        name=_("专职网格员"),
        unit=_("人"),
        kind="stock",
        chapter="3",
        clause=_("合理配备专职网格员"),
        counted=_("在岗的专职网格员，一人只计一次"),
        rows=grid_workers,
        aggregate=Count("person", distinct=True),
        register="appointments",
        who_records=_("社区在“任职”中登记网格员后，这里就有数字。"),
        headline=True,
    )
)
