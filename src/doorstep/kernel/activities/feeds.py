"""Sessions as an iCalendar file (RFC 5545), for phones to subscribe to."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from icalendar import Calendar, Event

from doorstep.kernel.activities.kinds import name_of
from doorstep.kernel.activities.models import CANCELLED, Session

PRODUCT = "-//Doorstep//Calendar//ZH"
REFRESH = dt.timedelta(hours=6)
TENTATIVE = "TENTATIVE"


def calendar_file(
    name: str, sessions: Iterable[tuple[Session, str]], address: Callable[[Session], str], host: str
) -> bytes:
    """`sessions`: each with its status, "" for the session's own. `address`: a session's page. The same sessions give the same
    bytes, so that a phone asks in vain for news."""
    made = Calendar()
    for key, value in (("prodid", PRODUCT), ("version", "2.0"), ("method", "PUBLISH"), ("x-wr-calname", name),
                       ("x-wr-timezone", "Asia/Shanghai")):  # fmt: skip
        made.add(key, value)
    made.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for session, status in sessions:
        made.add_component(_event(session, status, address(session), host))
    return made.to_ical()


def _event(session: Session, status: str, address: str, host: str) -> Event:
    activity = session.activity
    event = Event()
    event.add("uid", f"session-{session.pk}@{host}")
    event.add("dtstamp", (session.cancelled_at or activity.made_at).astimezone(dt.UTC))
    event.add("dtstart", session.starts_at.astimezone(dt.UTC))
    event.add("dtend", session.ends_at.astimezone(dt.UTC))
    event.add("summary", activity.title)
    event.add("location", activity.where)
    event.add("description", activity.text)
    event.add("categories", [name_of(session.kind, session.category)])
    event.add("url", address)
    event.add("sequence", session.lock_version + activity.lock_version)
    event.add("status", "CANCELLED" if session.state == CANCELLED else status or "CONFIRMED")
    return event


def answer_with(request: HttpRequest, content: bytes, *, file: str, caching: str) -> HttpResponse:
    """The file for who asks; "not changed" where they have it already."""
    etag = quote_etag(hashlib.sha256(content).hexdigest()[:32])
    answer = get_conditional_response(request, etag=etag) or HttpResponse(
        content, content_type="text/calendar; charset=utf-8"
    )
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = caching
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
