"""The day a page is asked for: one rule, and one sentence for whoever asked for a day that cannot be shown."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from doorstep.kernel.indicators.selectors import FIRST_DAY
from doorstep.kernel.shared import clock


@dataclass(frozen=True)
class AskedDay:
    """The day to show. `trouble` says, where another was asked for, that it cannot be and what is shown instead."""

    day: dt.date
    trouble: str = ""


def asked_day(text: str) -> AskedDay:
    """The as-of day in an address: today without one, and for what is no day, a day to come or one before all records."""
    today = clock.today()
    if not text:
        return AskedDay(today)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return AskedDay(today, unshowable())
    return AskedDay(day) if is_showable(day) else AskedDay(today, unshowable())


def is_showable(day: dt.date) -> bool:
    """Records can be shown as of days from the first of them up to today."""
    return FIRST_DAY <= day <= clock.today()


def unshowable() -> str:
    """The sentence beside the field."""
    return _("请选 %(first)s 到今天（%(today)s）之间的一天；下面按今天显示。") % {
        "first": FIRST_DAY,
        "today": clock.today(),
    }
