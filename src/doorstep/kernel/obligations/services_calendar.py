"""What a unit owes on its people's own calendars: an address nobody can guess, said once, made anew or ended at any time."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.obligations.models import UnitCalendar
from doorstep.kernel.obligations.services_linking import held
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible

TOKEN_BYTES = 32


@transaction.atomic
def renew_calendar(*, actor: Actor, unit_id: int) -> str:
    """A new secret for the unit's calendar; the one before it is dead from now on. It is said here and kept nowhere."""
    place = _gate(actor, unit_id)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row, is_first = UnitCalendar.objects.update_or_create(
        unit_id=unit_id,
        defaults={"place_code": place, "token_digest": digest_of(token), "made_at": clock.now()},
    )
    record(actor, Act("obligations.calendar_made", row, place, {"anew": not is_first}))
    return token


@transaction.atomic
def end_calendar(*, actor: Actor, unit_id: int) -> None:
    """Nobody reads it any more. The same again changes nothing."""
    place = _gate(actor, unit_id)
    row = UnitCalendar.objects.filter(unit_id=unit_id).first()
    if row is None:
        return
    record(actor, Act("obligations.calendar_ended", row, place))
    row.delete()


def _gate(actor: Actor, unit_id: int) -> str:
    held([unit_id])
    version = versions_of([unit_id]).get(unit_id)
    if version is None:
        raise NotVisible(_("没有找到这个单位。"))
    policy_for(UnitCalendar).require(
        actor, "record", UnitCalendar(unit_id=unit_id, place_code=version.place_code)
    )
    return version.place_code


def digest_of(token: str) -> str:
    """What is kept of a secret: SHA-256 in hexadecimal digits; of anything that stands in an address."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
