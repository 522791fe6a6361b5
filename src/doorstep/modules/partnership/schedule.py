"""What partners do by themselves: what ran out is settled, activities held become proof."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.declarations.schedule import Periodic, declare

_HERE = "doorstep.modules.partnership"
declare(
    Periodic("partnership.lapsed", f"{_HERE}.services_leaving.settle_lapsed", daily_at=dt.time(0, 40)),
    Periodic("partnership.held", f"{_HERE}.services_gatherings.prove_held", every_seconds=300),
)
