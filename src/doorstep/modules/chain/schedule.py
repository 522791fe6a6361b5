"""What the chain does by itself each day."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_noop

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.declarations.schedule import Periodic, declare
from doorstep.modules.chain.services_group_plans import apply_due
from doorstep.modules.chain.services_households import households_follow_buildings


def follow_buildings() -> None:
    """Member households go to the grids that their buildings belong to from today on."""
    households_follow_buildings(actor=system_actor("chain.follow_buildings"))


def apply_group_plans() -> None:
    """Approved plans of building groups take effect on their day."""
    apply_due(actor=system_actor(gettext_noop("小组方案按日生效")))


declare(
    Periodic(
        "chain.follow_buildings",
        "doorstep.modules.chain.schedule.follow_buildings",
        daily_at=dt.time(0, 10),  # after the buildings themselves have followed
    ),
    Periodic(
        "chain.apply_group_plans",
        "doorstep.modules.chain.schedule.apply_group_plans",
        daily_at=dt.time(0, 20),  # after plans of grids
    ),
)
