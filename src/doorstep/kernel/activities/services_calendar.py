"""One's own calendar on one's own phone: an address nobody can guess, said once, made anew or ended at any time."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.models import OwnCalendar
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible

TOKEN_BYTES = 32


@transaction.atomic
def renew_calendar(*, actor: Actor) -> str:
    """A new secret for one's own calendar; the one before it is dead from now on. It is said here and kept nowhere."""
    person = _locked(actor)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row, is_first = OwnCalendar.objects.update_or_create(
        person=person, defaults={"token_digest": digest_of(token), "made_at": clock.now()}
    )
    changes = {"anew": not is_first}
    record(actor, Act("activities.calendar_made", row, person.place_code, changes, person_ref=person.pk))
    return token


@transaction.atomic
def end_calendar(*, actor: Actor) -> None:
    """Nobody reads it any more. The same again changes nothing."""
    person = _locked(actor)
    row = OwnCalendar.objects.filter(person=person).first()
    if row is None:
        return
    record(actor, Act("activities.calendar_ended", row, person.place_code, person_ref=person.pk))
    row.delete()


def _locked(actor: Actor) -> Person:
    person = Person.objects.select_for_update().filter(pk=actor.person_id or 0, erased_at=None).first()
    if person is None:
        raise NotVisible(_("请先登录。"))
    return person


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
