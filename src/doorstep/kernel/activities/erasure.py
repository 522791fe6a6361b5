"""What activities do when a person is erased: seats still to come are given back, their calendar is closed; what was held stays, without a name."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.kinds import note_left
from doorstep.kernel.activities.models import WITHDRAWN, OwnCalendar, Session, SignUp
from doorstep.kernel.activities.seats import move_up
from doorstep.kernel.people.erasure import Step, declare
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock


def _give_back(actor: Actor, person: Person) -> None:
    coming = SignUp.objects.filter(person=person, ends_at__gt=clock.now()).exclude(state=WITHDRAWN)
    ids = sorted(coming.values_list("session_id", flat=True))
    sessions = list(Session.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    coming.update(state=WITHDRAWN, withdrawn_at=clock.now())
    for session in sessions:
        note_left(actor, session, [person.pk])
        move_up(actor, session)
    SignUp.objects.filter(guardian=person).update(guardian=None)
    OwnCalendar.objects.filter(person=person).delete()


declare(Step("activities", apply=_give_back))
