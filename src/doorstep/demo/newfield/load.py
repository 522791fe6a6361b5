"""The whole of it at once, behind the running server; asked again it changes nothing."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from doorstep.demo.requests.ground import DISTRICT
from doorstep.demo.requests.past import LOADING, demo_day
from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.shared import clock
from doorstep.modules.coverage.models import Gap, HeadCount, Profile
from doorstep.modules.coverage.numbers import MEMBERS, number_in_force
from doorstep.modules.coverage.rules import usual_plan
from doorstep.modules.coverage.services_gaps import find_gaps, plan_gap

from . import communities, findings, organisations, visits
from .organisations import OPEN_NONE


def is_missing() -> bool:
    return not Profile.objects.exists()


def is_ready() -> bool:
    """Meetings come first: some of what is found comes from their sessions."""
    return Minutes.objects.filter(kind="coordination").exists()


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
        _plan(actor, today)
    return number


def _plan(actor: Actor, today: dt.date) -> None:
    """Every second gap has a way and a day."""
    words = "社区和入企干部一起上门，商定办法。"
    for number, gap in enumerate(Gap.objects.select_related("organisation").order_by("pk")[::2]):
        full = HeadCount.objects.in_force(today).get(organisation=gap.organisation).full
        plan = usual_plan(full, number_in_force(MEMBERS))
        day = today + dt.timedelta(days=20 + 9 * number)
        plan_gap(actor=actor, gap_id=gap.pk, plan=plan, planned_for=day, words=words)
