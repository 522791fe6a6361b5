"""From an account to the actor it is now."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.access.actors import ANONYMOUS, Actor, Grant
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.shared import clock


def actor_for(account: Account | None, on: dt.date | None = None) -> Actor:
    """The actor with the grants of the person's appointments in force on `on` (default today). Two queries."""
    if account is None or not account.is_active:
        return ANONYMOUS
    grants: list[Grant] = []
    if account.person_id is not None:
        held = Appointment.objects.in_force(on or clock.today()).filter(person_id=account.person_id)
        for appointment in held.prefetch_related("places").order_by("id"):
            places = tuple(place.code for place in appointment.places.all()) or (appointment.place_code,)
            grants.append(
                Grant(
                    post=appointment.post, unit_id=appointment.unit_id, places=places,
                    capabilities=capabilities_of(appointment.post), appointment_id=appointment.pk,
                )
            )  # fmt: skip
    name = account.person.name if account.person is not None else account.username
    return Actor(account_id=account.pk, person_id=account.person_id, name=name, grants=tuple(grants))
