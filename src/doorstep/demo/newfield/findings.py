"""What visits, days of assistance and sessions found, each with its course: by the set-based path of past matters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import NewMatter
from doorstep.kernel.matters.services_past import PastMatter, PastStep, key_of
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.coverage.models import AssistanceEvent, Visit
from doorstep.modules.coverage.services_past import PastFinding, bring_findings

from .words import FINDINGS, REFERRED, TO_DO

OFFICE = "演示走访交办"
EVERY = 45  # visits that find something that asks for something


def bring(actor: Actor, today: dt.date) -> int:
    """Gives how many came in."""
    brought = bring_findings(actor=actor, cases=list(_cases(today)))
    if brought.problems:
        raise RuntimeError(f"findings of the demo district: {brought.problems[:3]}")
    return brought.added


def _cases(today: dt.date) -> Iterator[PastFinding]:
    office = _Office(today)
    number = 0
    for visit in Visit.objects.filter(cancelled_at=None, pk__gt=0).order_by("pk").iterator():
        if Random(f"finding {visit.key}").randrange(EVERY) == 0:
            number += 1
            title = FINDINGS[number % len(FINDINGS)]
            past = office.case(number, title, visit.place_code, visit.visited_on, visit.instructor_id, today)
            yield PastFinding(past=past, visit=visit)
    for event in AssistanceEvent.objects.order_by("pk"):
        number += 1
        title = TO_DO[number % len(TO_DO)]
        past = office.case(number, title, event.place_code, event.day, None, today)
        yield PastFinding(past=past, event=event)
    sessions = Minutes.objects.filter(kind="coordination", cancelled_at=None).order_by("pk")
    for session in sessions:
        number += 1
        place = office.first_community(session.place_code)
        title = REFERRED[number % len(REFERRED)]
        yield PastFinding(past=office.case(number, title, place, session.day, None, today), session=session)


class _Office:
    """Who takes on and who confirms in each community."""

    def __init__(self, today: dt.date) -> None:
        parties = UnitVersion.objects.in_force(today).filter(kind="community_party_organisation")
        self.units = dict(parties.values_list("place_code", "unit_id"))
        posts = Appointment.objects.in_force(today).filter(
            post__in=("community_secretary", "community_deputy_secretary"), unit__in=list(self.units.values())
        )
        self.people = {(row.unit_id, row.post): row.person_id for row in posts}

    def first_community(self, street: str) -> str:
        return min(code for code in self.units if code.startswith(street))

    def case(
        self, number: int, title: str, place: str, day: dt.date, teller: int | None, today: dt.date
    ) -> PastMatter:
        unit = self.units[place]
        secretary, deputy = (
            self.people[unit, post] for post in ("community_secretary", "community_deputy_secretary")
        )
        at = dt.datetime.combine(day, dt.time(17, number % 60), DISTRICT_ZONE)
        lot = Random(f"course {number} {day}")
        steps = [
            PastStep(name="take", at=at + dt.timedelta(hours=16 + lot.randrange(40)), person_id=secretary, unit_id=unit),
            PastStep(name="handle", at=at + dt.timedelta(days=4 + lot.randrange(14)), person_id=secretary, unit_id=unit,
                     inputs=Inputs(note="已协调办好，并告诉提出的人。")),
            PastStep(name="confirm", at=at + dt.timedelta(days=20 + lot.randrange(3)), person_id=deputy, unit_id=unit,
                     inputs=Inputs(note="到现场看过，属实。")),
        ]  # fmt: skip
        until = dt.datetime.combine(today, dt.time(8), DISTRICT_ZONE)
        new = NewMatter(
            kind="coverage_finding", place_code=place, title=title, text="", source="patrol", teller_id=teller, holder_id=unit,
            key=key_of(OFFICE, f"{number} {day}"), confidentiality=Matter.INTERNAL,
        )  # fmt: skip
        return PastMatter(
            number=number, new=new, at=at, person_id=teller or secretary, unit_id=unit,
            steps=tuple(step for step in steps if step.at < until),
        )  # fmt: skip
