"""The day before, everybody who signed up is reminded, once for a time."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.activities.models import ANNOUNCED, JOINED, Session, SignUp
from doorstep.kernel.activities.telling import REMIND, SUBJECT
from doorstep.kernel.matters.messages import ToldPerson, tell_persons
from doorstep.kernel.shared import clock

BEFORE = dt.timedelta(hours=24)
AT_ONCE = 100  # sessions of one transaction


def remind() -> int:
    """Remind of what begins within a day; gives how many sessions. A session moved afterwards is reminded of again. Two at
    once share the work; one cut off is taken up by the next."""
    done = 0
    while True:
        with transaction.atomic():
            now = clock.now()
            rows = Session.objects.select_for_update(skip_locked=True).filter(
                state=ANNOUNCED, reminded_at=None, starts_at__gt=now, starts_at__lte=now + BEFORE
            )
            sessions = list(rows.order_by("starts_at")[:AT_ONCE])
            if not sessions:
                return done
            coming = SignUp.objects.filter(session__in=sessions, state=JOINED).values_list(
                "person_id", "session_id"
            )
            starts = {row.pk: row.starts_at for row in sessions}
            told = [ToldPerson(person, SUBJECT, pk, REMIND, due_at=starts[pk]) for person, pk in coming]
            if told:
                tell_persons(system_actor("activities.remind"), told)
            Session.objects.filter(pk__in=starts).update(reminded_at=now)
            done += len(sessions)
