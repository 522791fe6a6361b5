"""What cultural events do by themselves: the words of feedback go when their term of keeping is over."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(
    Periodic(
        "culture.forget_words",
        "doorstep.modules.culture.services_feedback.forget_words",
        daily_at=dt.time(3, 25),
    )
)
