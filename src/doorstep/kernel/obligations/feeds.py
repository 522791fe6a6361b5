"""What a unit owes as an iCalendar file (RFC 5545): the days on which something falls due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from doorstep.kernel.activities.feeds import PRODUCT, REFRESH
from doorstep.kernel.obligations.models import Occurrence
from doorstep.kernel.obligations.selectors import AHEAD, STATE_NAMES, state_of
from doorstep.kernel.shared import clock


def owed_file(name: str, rows: Iterable[Occurrence], address: str, host: str) -> bytes:
    """All-day events on the days due, each with its state on this day. `address`: the unit's page. The same gives the same bytes."""
    made = Calendar()
    for key, value in (("prodid", PRODUCT), ("version", "2.0"), ("method", "PUBLISH"), ("x-wr-calname", name),
                       ("x-wr-timezone", "Asia/Shanghai")):  # fmt: skip
        made.add(key, value)
    made.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    today = clock.today()
    for row in rows:
        made.add_component(_event(row, state_of(row, today), address, host))
    return made.to_ical()


def _event(row: Occurrence, state: str, address: str, host: str) -> Event:
    event = Event()
    event.add("uid", f"obligation-{row.pk}@{host}")
    event.add("dtstamp", dt.datetime.combine(row.starts_on, dt.time(), dt.UTC))
    event.add("dtstart", row.due_on)
    event.add("dtend", row.due_on + dt.timedelta(days=1))
    words = "" if state == AHEAD else f"（{STATE_NAMES[state]}）"
    event.add("summary", _("%(rule)s到期") % {"rule": row.rule.name} + words)
    event.add("description", _("宽限到 %(day)s。登记真实记录后自动算作办理。") % {"day": row.closes_on})
    event.add("url", address)
    event.add("transp", "TRANSPARENT")
    return event
