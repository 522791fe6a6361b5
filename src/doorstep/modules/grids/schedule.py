"""What grids do by themselves: the words of visits go when their term of keeping is over."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(
    Periodic("grids.forget_visits", "doorstep.modules.grids.services.forget_visits", daily_at=dt.time(3, 10))
)
