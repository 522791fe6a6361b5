"""What places do by themselves each day."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_noop

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.declarations.schedule import Periodic, declare
from doorstep.kernel.places.services_bulk import bring_up_to_date


def follow_adjustments() -> None:
    """Buildings, compounds and venues go to the grids that are theirs from today on."""
    bring_up_to_date(actor=system_actor(gettext_noop("按日生效的地方调整")))


declare(
    Periodic(
        "places.forget_old_writes", "doorstep.kernel.shared.kept.forget_old_writes", daily_at=dt.time(3, 20)
    ),
    Periodic(
        "places.follow_adjustments",
        "doorstep.kernel.places.schedule.follow_adjustments",
        daily_at=dt.time(0, 5),
    ),
)
