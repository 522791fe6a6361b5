"""What the chain does by itself each day."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.declarations.schedule import Periodic, declare
from doorstep.modules.chain.services_households import households_follow_buildings


def follow_buildings() -> None:
    """Member households go to the grids that their buildings belong to from today on."""
    households_follow_buildings(actor=system_actor("chain.follow_buildings"))


declare(
    Periodic(
        "chain.follow_buildings",
        "doorstep.modules.chain.schedule.follow_buildings",
        daily_at=dt.time(0, 10),  # after the buildings themselves have followed
    )
)
