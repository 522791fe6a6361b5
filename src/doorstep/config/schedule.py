"""Housekeeping, while the district sleeps."""

import datetime as dt

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(Periodic("clear out", "doorstep.config.housekeeping.clear_out", daily_at=dt.time(3, 40)))
