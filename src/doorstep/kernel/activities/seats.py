"""Who has a seat: the waiting list moves up, sign-ups follow a session that is moved. The session's row is locked already."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.kinds import note_left
from doorstep.kernel.activities.models import ASKING, JOINED, WAITING, WITHDRAWN, Session, SignUp
from doorstep.kernel.activities.telling import LET_GO, MOVED_UP, tell_those_coming
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.shared import clock


def seats_left(session: Session) -> int | None:
    """How many more may come; None without a limit. A minor whose guardian is asked holds a seat."""
    if session.capacity is None:
        return None
    taken = SignUp.objects.filter(session=session, state__in=[JOINED, ASKING]).count()
    return max(0, session.capacity - taken)


def elsewhere(session: Session) -> Exists:
    """Condition on sign-ups: the person is promised to another session that meets this one."""
    others = SignUp.objects.filter(
        person=OuterRef("person"), state=JOINED, starts_at__lt=session.ends_at, ends_at__gt=session.starts_at
    )
    return Exists(others.exclude(session=session))


def _moved(row: SignUp) -> bool:
    """Give the seat; no, where the same person was given one elsewhere at this very moment."""
    row.state = ASKING if row.is_minor and row.agreed_at is None else JOINED
    try:
        with transaction.atomic():
            row.save(update_fields=["state"])
    except IntegrityError:
        return False
    return True


def move_up(actor: Actor, session: Session) -> list[SignUp]:
    """Give free seats to the longest waiting who are not promised elsewhere by now, and tell them."""
    left = seats_left(session)
    waiting = SignUp.objects.filter(~elsewhere(session), session=session, state=WAITING).order_by("at", "pk")
    rows = [row for row in (waiting if left is None else waiting[:left]) if _moved(row)]
    if not rows:
        return []
    record_many(
        actor,
        [
            Act(
                "activities.moved_up",
                row,
                session.place_code,
                {"session": session.pk},
                person_ref=row.person_id,
            )
            for row in rows
        ],
    )
    tell_those_coming(actor, session, MOVED_UP, persons=[row.person_id for row in rows])
    return rows


def follow_times(actor: Actor, session: Session) -> None:
    """Sign-ups take the new time; those that would meet another of the same person are let go."""
    rows = SignUp.objects.filter(session=session).exclude(state=WITHDRAWN)
    let_go = list(rows.filter(elsewhere(session), state=JOINED))
    if let_go:
        tell_those_coming(actor, session, LET_GO, persons=[row.person_id for row in let_go])
        SignUp.objects.filter(pk__in=[row.pk for row in let_go]).update(
            state=WITHDRAWN, withdrawn_at=clock.now()
        )
        record_many(
            actor,
            [
                Act(
                    "activities.withdrawn",
                    row,
                    session.place_code,
                    {"session": session.pk},
                    person_ref=row.person_id,
                )
                for row in let_go
            ],
        )
        note_left(actor, session, [row.person_id for row in let_go])
    SignUp.objects.filter(session=session).update(starts_at=session.starts_at, ends_at=session.ends_at)
