"""What volunteering does by itself each night. Redemption: schedule of its own."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.declarations.schedule import Periodic, declare
from doorstep.modules.volunteering import schedule_redemption  # noqa: F401  declared by being imported

declare(
    Periodic(
        "volunteering.expire_points",
        "doorstep.modules.volunteering.services_expiry.expire_points",
        daily_at=dt.time(0, 30),
    ),
    Periodic(
        "volunteering.find_oddities",
        "doorstep.modules.volunteering.services_review.find_oddities",
        daily_at=dt.time(3, 10),
    ),
)
