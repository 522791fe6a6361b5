"""Reading activities: what is on in places and when, what one signed up for, who came to a session.

What is public is read without a gate; the rows of people only through the policies.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities import rules
from doorstep.kernel.activities.models import (
    ANNOUNCED,
    ASKING,
    CANCELLED,
    JOINED,
    WAITING,
    WITHDRAWN,
    Attendance,
    OwnCalendar,
    Session,
    SignUp,
)
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import within


def public_sessions(
    places: Iterable[str], since: dt.datetime, until: dt.datetime, *, kinds: Iterable[str] = ()
) -> QuerySet[Session]:
    """Public sessions in these subtrees that touch the time, in its order; cancelled ones too, for they are said to be so."""
    rows = Session.objects.filter(
        within("place_code", places), activity__is_public=True, starts_at__lt=until, ends_at__gt=since
    )
    wanted = list(kinds)
    rows = rows.filter(kind__in=wanted) if wanted else rows
    return rows.select_related("activity__organiser", "activity__venue").order_by("starts_at", "pk")


def public_session(session_id: int) -> Session | None:
    """One public session, with its activity. One query."""
    rows = Session.objects.filter(pk=session_id, activity__is_public=True)
    return rows.select_related("activity__organiser", "activity__venue").first()


def visible_session(actor: Actor, session_id: int) -> Session:
    """The session in office. Raises NotVisible."""
    rows = policy_for(Session).visible_to(actor).filter(pk=session_id)
    session: Session | None = rows.select_related("activity__organiser", "activity__venue").first()
    if session is None:
        raise NotVisible("")
    return session


@dataclass(frozen=True)
class Seats:
    """How full a session is: joined (and asking a guardian), waiting, and who was there."""

    taken: int
    waiting: int
    there: int

    def left(self, session: Session) -> int | None:
        """Free seats; None without a limit."""
        return None if session.capacity is None else max(0, session.capacity - self.taken)


def seats_of(session_ids: Iterable[int]) -> dict[int, Seats]:
    """For many sessions at once. Two queries."""
    ids = list(session_ids)
    rows = SignUp.objects.filter(session__in=ids).values_list("session").order_by("session")
    ups = {
        pk: (taken, waiting)
        for pk, taken, waiting in rows.annotate(
            taken=Count("pk", filter=Q(state__in=[JOINED, ASKING])),
            waiting=Count("pk", filter=Q(state=WAITING)),
        )
    }
    came = Attendance.objects.filter(session__in=ids, struck=False).values_list("session").order_by("session")
    there = dict(came.annotate(count=Count("pk")))
    return {pk: Seats(*ups.get(pk, (0, 0)), there.get(pk, 0)) for pk in ids}


def own_sign_ups(actor: Actor, *, past: bool = False, most: int = 50) -> list[SignUp]:
    """What the actor means to come to, the next first; with `past` what lies behind, the latest first. One query."""
    if actor.person_id is None:
        return []
    rows = SignUp.objects.filter(person_id=actor.person_id).exclude(state=WITHDRAWN)
    rows = rows.select_related("session__activity__organiser")
    now = clock.now()
    if past:
        return list(rows.filter(ends_at__lte=now).order_by("-starts_at")[:most])
    return list(rows.filter(ends_at__gt=now).order_by("starts_at")[:most])


CALENDAR_BACK, CALENDAR_AHEAD = dt.timedelta(days=31), dt.timedelta(days=366)
MOST_IN_CALENDAR = 500


def own_calendar(actor: Actor) -> OwnCalendar | None:
    """One query."""
    found: OwnCalendar | None = policy_for(OwnCalendar).visible_to(actor).first()
    return found


def sign_ups_at(token_digest: str) -> list[SignUp] | None:
    """What the calendar behind a secret shows, in order of time: what its person signed up for, and what was called off; from
    a month ago for a year. None where there is no such calendar. Two queries."""
    calendar = OwnCalendar.objects.filter(token_digest=token_digest, person__erased_at=None).first()
    if calendar is None:
        return None
    now = clock.now()
    called_off = Q(session__state=CANCELLED, withdrawn_at__gte=F("session__cancelled_at"))
    rows = SignUp.objects.filter(
        ~Q(state=WITHDRAWN) | called_off, person_id=calendar.person_id, starts_at__gte=now - CALENDAR_BACK,
        starts_at__lt=now + CALENDAR_AHEAD,
    )  # fmt: skip
    return list(rows.select_related("session__activity").order_by("starts_at", "pk")[:MOST_IN_CALENDAR])


@dataclass(frozen=True)
class Standing:
    """How a person stands to a session: signed up, waiting, there, gone."""

    sign_up: SignUp | None
    attendance: Attendance | None

    @property
    def state(self) -> str:
        """ "gone", "there", then the sign-up's own state; "" for nothing."""
        if self.attendance is not None and not self.attendance.struck:
            return "there" if self.attendance.out_at is None else "gone"
        return "" if self.sign_up is None or self.sign_up.state == WITHDRAWN else self.sign_up.state


def standing_of(actor: Actor, session: Session) -> Standing:
    """Two queries, none for nobody."""
    if actor.person_id is None:
        return Standing(None, None)
    return Standing(
        SignUp.objects.filter(session=session, person_id=actor.person_id).first(),
        Attendance.objects.filter(session=session, person_id=actor.person_id).first(),
    )


def is_open_for_sign_up(session: Session) -> bool:
    return session.state == ANNOUNCED and session.activity.by_sign_up and clock.now() < session.closes_at


def is_on(session: Session) -> bool:
    """May people check in now?"""
    now = clock.now()
    return session.state == ANNOUNCED and session.starts_at - rules.EARLIEST_IN <= now < session.ends_at


def to_confirm(actor: Actor, kind: str = "") -> QuerySet[Session]:
    """Sessions that are over and not confirmed yet, which the actor sees; the oldest first."""
    rows = policy_for(Session).visible_to(actor).filter(state=ANNOUNCED, ends_at__lt=clock.now())
    rows = rows.filter(kind=kind) if kind else rows
    return rows.select_related("activity__organiser").order_by("ends_at", "pk")


def held(rows: QuerySet[Session]) -> QuerySet[Any]:
    """Of sessions those that took place: confirmed by their organiser."""
    return rows.filter(confirmed_at__isnull=False).exclude(state=CANCELLED)


def attended() -> Exists:
    """Condition on sessions: somebody was there by name."""
    return Exists(Attendance.objects.filter(session=OuterRef("pk"), struck=False))
