"""Moments of a scope's days, said so that a figure's statement can be kept: the day may be a blank then."""

from __future__ import annotations

from typing import Any

from django.db.models import DateTimeField, Func

from doorstep.kernel.shared import clock


class Moment(Func):
    """Midnight in the district, `days` after a day. Computed by the database, where the day may be a blank."""

    template = "((%(expressions)s)::date + (%(days)s))::timestamp AT TIME ZONE '%(zone)s'"

    def __init__(self, day: Any, days: int = 0) -> None:
        super().__init__(day, days=days, zone=clock.DISTRICT_ZONE.key, output_field=DateTimeField())
