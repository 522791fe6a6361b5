"""What requests do by themselves: last month's sample for call-backs is drawn once the month is over; departments called
beside the lead are reminded of what they owe."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(
    Periodic(
        "requests.draw_sample",
        "doorstep.modules.requests.services_feedback.draw_last_month",
        daily_at=dt.time(2, 30),
    ),
    Periodic("requests.chase_calls", "doorstep.modules.requests.services_calls.sweep", every_seconds=60),
)
