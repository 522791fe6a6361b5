"""Two years of volunteering and culture, month by month. What is in tells how far it is: nothing else is written down.

Within a month slips come first, out of what was earned before, then events, services, approvals; the approval of the
month's last service says that the month is whole.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID, uuid5

from doorstep.demo.requests.past import LOADING, Month, demo_day, months_until
from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.activities.services_past import bring_sessions
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.modules.culture.services_past import bring_events
from doorstep.modules.volunteering.models import Approval
from doorstep.modules.volunteering.services_past import PastApproval, approve_past
from doorstep.modules.volunteering.services_past_slips import bring_slips

from . import events, people, services, shop, teams
from .ground import DISTRICT, Ground


@dataclass(frozen=True)
class Standing:
    """How far the load is: services in all and those in; months still to come, the oldest first."""

    total: int
    done: int
    waiting: tuple[Month, ...]


def last_key(month: Month) -> UUID:
    return uuid5(services.KEYS, f"service {month.last} 0")


def count_of(month: Month) -> int:
    return sum(services.number_on(day) for day in month.days)


def standing() -> Standing:
    """One query for the months, one for whether this demo district has a federation: an older one has nothing to load."""
    if not UnitVersion.objects.filter(kind="volunteer_federation", place_code=DISTRICT).exists():
        return Standing(0, 0, ())
    months = months_until(demo_day())
    keys = [last_key(month) for month in months]
    rows = Approval.objects.filter(session__activity__key__in=keys)
    known = set(rows.values_list("session__activity__key", flat=True))
    waiting = tuple(month for month in months if last_key(month) not in known)
    total = sum(count_of(month) for month in months)
    return Standing(total, total - sum(count_of(month) for month in waiting), waiting)


def set_up(actor: Actor, today: dt.date) -> None:
    """Who and what the two years need: volunteers, teams, merchants, programmes, series. Each once."""
    with clock.fixed(today):
        people.become_volunteers(actor, DISTRICT, today)
        teams.found_all(actor, DISTRICT, today)
        shop.open_all(actor, DISTRICT, today)
        events.open_all(actor, today)


def load_month(month: Month) -> int:
    """Bring a month in, from where it stopped; gives how many services. Safe to call again, and by two at once."""
    actor, today = system_actor(LOADING), demo_day()
    set_up(actor, today)
    ground = Ground.read(today)
    bring_slips(actor=actor, slips=list(shop.slips_of(shop.Market.read(today), month.days)))
    purse, series = events.open_all(actor, today)
    bring_events(actor=actor, events=list(events.events_of(ground, month.days, purse, series)))
    told = list(services.services_of(ground, month.days, today))
    sessions = bring_sessions(actor=actor, cases=[each.case for each in told])
    approvals = [
        PastApproval(session_id=sessions[each.case.key].pk, at=each.approved_at, by_id=each.approved_by)
        for each in told
        if each.approved_at is not None
    ]
    approve_past(actor=actor, cases=approvals)
    return len(told)
