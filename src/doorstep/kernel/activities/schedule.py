"""What activities do by themselves."""

from __future__ import annotations

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(
    Periodic("activities.remind", "doorstep.kernel.activities.services_reminding.remind", every_seconds=300)
)
