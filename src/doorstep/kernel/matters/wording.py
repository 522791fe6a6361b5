"""How a matter is told in a line, in the same words on desk and phone."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared import clock


def clock_words(matter: Matter) -> tuple[str, str]:
    """(class, words): how much time is left, or by how much it has passed, in hours on the last day."""
    if not matter.is_open:
        return "done", str(matter.state_name)
    if matter.due_at is None:
        return "", _("不计时")
    return time_left(matter.due_at, provisional=matter.due_is_provisional)


def time_left(until: dt.datetime, *, provisional: bool = False) -> tuple[str, str]:
    """(class, words) of the time up to a moment, or since it."""
    left = until - clock.now()
    if left < dt.timedelta():
        return "late", _("超期 %(time)s") % {"time": length_words(-left)}
    words = _("还有 %(time)s（暂定）") if provisional else _("还有 %(time)s")
    return ("soon" if left <= dt.timedelta(days=1) else ""), words % {"time": length_words(left)}


def length_words(time: dt.timedelta) -> str:
    """A length of time in days, on the last two in hours."""
    if time >= dt.timedelta(days=2):
        return _("%(n)d 天") % {"n": time.days}
    hours = int(time.total_seconds() // 3600)
    return _("%(n)d 小时") % {"n": hours} if hours else _("不到 1 小时")
