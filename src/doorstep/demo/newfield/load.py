"""The whole of it at once, behind the running server; asked again it changes nothing."""

from __future__ import annotations

from django.db import transaction

from doorstep.demo.requests.ground import DISTRICT
from doorstep.demo.requests.past import LOADING, demo_day
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.shared import clock
from doorstep.modules.coverage.models import Profile
from doorstep.modules.coverage.services_gaps import find_gaps

from . import communities, findings, organisations, visits
from .organisations import OPEN_NONE


def is_missing() -> bool:
    return not Profile.objects.exists()


def is_ready() -> bool:
    """Meetings come first: some of what is found comes from their sessions."""
    return Minutes.objects.exists()


@transaction.atomic
def load() -> int:
    """Gives how many visits there are."""
    if not is_missing():
        return 0
    actor, today = system_actor(LOADING), demo_day()
    with clock.fixed(today):
        rows = organisations.load(actor, DISTRICT, today)
        charge = visits.appoint(actor, rows[:-OPEN_NONE], today)
        number = visits.visit(actor, charge, rows, today)
        communities.publish(actor, DISTRICT, today)
        communities.assist(actor, DISTRICT, today)
        communities.coordinate(actor, DISTRICT, today)
        findings.bring(actor, today)
        find_gaps()
    return number
