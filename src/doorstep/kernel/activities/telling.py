"""Telling people of an activity they mean to come to: moved, called off, moved up, let go, their seat taken, tomorrow."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.models import WITHDRAWN, Session, SignUp
from doorstep.kernel.matters.messages import ToldPerson, tell_persons

SUBJECT = "activities.session"
MOVED, CANCELLED, MOVED_UP, LET_GO, REMIND = "moved", "cancelled", "moved_up", "let_go", "remind"
HANDED_ON = "handed_on"


def tell_those_coming(actor: Actor, session: Session, key: str, persons: Sequence[int] | None = None) -> int:
    """Tell those who signed up (`persons`: these alone), in the caller's transaction; gives how many. Asked before their
    rows change."""
    if persons is None:
        rows = SignUp.objects.filter(session=session).exclude(state=WITHDRAWN)
        persons = list(rows.values_list("person_id", flat=True))
    told = [ToldPerson(person, SUBJECT, session.pk, key) for person in persons]
    return len(tell_persons(actor, told)) if told else 0
