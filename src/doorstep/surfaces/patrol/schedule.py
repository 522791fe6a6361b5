"""What patrol does by itself: keys of actions are forgotten once no phone can still be holding them."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(Periodic("patrol.forget_old", "doorstep.surfaces.patrol.actions.forget_old", daily_at=dt.time(3, 45)))
