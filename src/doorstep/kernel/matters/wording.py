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
    left = matter.due_at - clock.now()
    if left < dt.timedelta():
        return "late", _("超期 %(time)s") % {"time": _length(-left)}
    words = _("还有 %(time)s（暂定）") if matter.due_is_provisional else _("还有 %(time)s")
    return ("soon" if left <= dt.timedelta(days=1) else ""), words % {"time": _length(left)}


def _length(time: dt.timedelta) -> str:
    if time >= dt.timedelta(days=2):
        return _("%(n)d 天") % {"n": time.days}
    hours = int(time.total_seconds() // 3600)
    return _("%(n)d 小时") % {"n": hours} if hours else _("不到 1 小时")
