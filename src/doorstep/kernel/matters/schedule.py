"""What matters do by themselves."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.declarations.schedule import Periodic, declare

_HERE = "doorstep.kernel.matters"
declare(
    Periodic("matters.send_messages", f"{_HERE}.sending.send_due", every_seconds=15),
    Periodic("matters.forget_old_notices", f"{_HERE}.sending.forget_old", daily_at=dt.time(3, 40)),
    Periodic("matters.erase_due", f"{_HERE}.services_retention.erase_due", daily_at=dt.time(2, 30)),
    Periodic(
        "matters.forget_reporters", f"{_HERE}.services_reporters.forget_reporters", daily_at=dt.time(3, 0)
    ),
    Periodic(
        "matters.remove_orphans", f"{_HERE}.services_attachments.remove_orphans", daily_at=dt.time(3, 50)
    ),
    Periodic(
        "matters.follow_lineage", f"{_HERE}.following.follow_lineage_daily", daily_at=dt.time(0, 15)
    ),  # after grids were drawn and buildings have followed
    Periodic("matters.sweep_deadlines", f"{_HERE}.sweep.sweep", every_seconds=60),
)
