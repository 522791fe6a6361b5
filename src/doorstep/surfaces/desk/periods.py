"""The period a page of the desk speaks of: from a day to a day, both in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from doorstep.kernel.indicators.days import is_showable, unshowable
from doorstep.kernel.shared import clock

DAYS = 90


@dataclass(frozen=True)
class Period:
    """`trouble`: why another period is shown than the one asked for."""

    since: dt.date
    on: dt.date
    trouble: str = ""


def asked_period(since: str, on: str, days: int = DAYS) -> Period:
    """What an address asks for; without one, the last `days` days up to today."""
    usual = Period(clock.today() - dt.timedelta(days=days - 1), clock.today())
    try:
        last = dt.date.fromisoformat(on) if on else usual.on
        first = dt.date.fromisoformat(since) if since else last - dt.timedelta(days=days - 1)
    except ValueError:
        return Period(usual.since, usual.on, unshowable())
    if not is_showable(first) or not is_showable(last):
        return Period(usual.since, usual.on, unshowable())
    if first > last:
        return Period(
            usual.since,
            usual.on,
            _("起始日在截止日之后，请改为 %(on)s 或更早；下面按今天显示。") % {"on": last},
        )
    return Period(first, last)
