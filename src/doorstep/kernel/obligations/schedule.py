"""What obligations do by themselves: derived ahead each night, after any change of units and calendar; overdue ones raised."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.declarations.schedule import Periodic, declare

_HERE = "doorstep.kernel.obligations"
declare(
    Periodic("obligations.derive", f"{_HERE}.tasks.ask_to_derive", daily_at=dt.time(1, 30)),
    Periodic("obligations.raise_overdue", f"{_HERE}.services_supervision.raise_overdue", every_seconds=300),
)
