"""The calendar of a place as an iCalendar file (RFC 5545), for phones to subscribe to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from doorstep.kernel.activities.models import CANCELLED, Session
from doorstep.kernel.places.models import Area
from doorstep.modules.culture.selectors_calendar import kind_name

PRODUCT = "-//Doorstep//Calendar//ZH"
REFRESH = dt.timedelta(hours=6)


def calendar_file(
    area: Area, sessions: Sequence[Session], address: Callable[[Session], str], host: str
) -> bytes:
    """`address`: a session's page. The same sessions give the same bytes, so that a phone asks in vain for news."""
    made = Calendar()
    name = _("%(place)s的活动") % {"place": area.name}
    for key, value in (("prodid", PRODUCT), ("version", "2.0"), ("method", "PUBLISH"), ("x-wr-calname", name),
                       ("x-wr-timezone", "Asia/Shanghai")):  # fmt: skip
        made.add(key, value)
    made.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for session in sessions:
        made.add_component(_event(session, address(session), host))
    return made.to_ical()


def _event(session: Session, address: str, host: str) -> Event:
    activity = session.activity
    event = Event()
    event.add("uid", f"session-{session.pk}@{host}")
    event.add("dtstamp", (session.cancelled_at or activity.made_at).astimezone(dt.UTC))
    event.add("dtstart", session.starts_at.astimezone(dt.UTC))
    event.add("dtend", session.ends_at.astimezone(dt.UTC))
    event.add("summary", activity.title)
    event.add("location", activity.where)
    event.add("description", activity.text)
    event.add("categories", [kind_name(session)])
    event.add("url", address)
    event.add("sequence", session.lock_version + activity.lock_version)
    event.add("status", "CANCELLED" if session.state == CANCELLED else "CONFIRMED")
    return event
