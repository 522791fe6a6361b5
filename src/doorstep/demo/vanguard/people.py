"""Members in service elsewhere who reported in: plainly made up, twenty-four for each community."""

from __future__ import annotations

import datetime as dt
from random import Random

from django.db import transaction

from doorstep.demo.names import person_name
from doorstep.kernel.access.actors import Actor
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services import give_consent
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.vanguard.models import SKILLS, TIMES, Member
from doorstep.modules.vanguard.policies import EMPLOYER_FEEDBACK
from doorstep.modules.vanguard.services_past import PastMember, bring_members

from .ground import Ground

FAMILY = "演示职"
EACH = 24  # of a community
AGREEING = 0.3  # of them agree that their employer is told


@transaction.atomic
def report_in(actor: Actor, ground: Ground, today: dt.date) -> int:
    """Register them and let them report in, once. Gives how many are new."""
    number = EACH * len(ground.communities)
    if not Person.objects.filter(name=person_name(number - 1, FAMILY)).exists():
        register_people(
            actor=actor,
            people=[
                NewPerson(person_name(one, FAMILY), ground.communities[one % len(ground.communities)])
                for one in range(number)
            ],
        )
    rows = Person.objects.filter(name__startswith=FAMILY).order_by("pk").values_list("pk", "place_code")
    return bring_members(actor=actor, members=[_member(ground, *row, today) for row in rows])


def _member(ground: Ground, person: int, place: str, today: dt.date) -> PastMember:
    """What one offers comes from the number alone, so that two loads agree."""
    random = Random(f"member {person}")
    day = today - dt.timedelta(days=random.randrange(740, 900))
    at = dt.datetime.combine(day, dt.time(19, random.randrange(60)), DISTRICT_ZONE)
    named = random.random() < 0.25
    staff = ground.staff[place]
    return PastMember(
        person_id=person, place_code=place, reported_at=at, received_at=at + dt.timedelta(hours=14),
        received_by_id=staff[0] if staff else None,
        employer_id=None if named else random.choice(ground.employers), employer_name="演示研究所" if named else "",
        slip=f"演示介〔{day.year}〕{random.randrange(1, 99)}号" if random.random() < 0.6 else "",
        skills=random.sample([code for code, _name in SKILLS], random.choice((0, 1, 1, 2))),
        times=random.sample([code for code, _name in TIMES], random.randrange(1, 3)),
    )  # fmt: skip


@transaction.atomic
def agree(actor: Actor) -> int:
    """Some of those whose employer the platform has agree that it is told; once. Gives how many."""
    if Person.objects.filter(name__startswith=FAMILY, consents__purpose=EMPLOYER_FEEDBACK).exists():
        return 0
    members = Member.objects.filter(person__name__startswith=FAMILY, employer__isnull=False).select_related(
        "person"
    )
    chosen = [row for row in members.order_by("pk") if Random(f"agrees {row.person_id}").random() < AGREEING]
    for row in chosen:
        give_consent(actor=actor, person=row.person, purpose=EMPLOYER_FEEDBACK, given_by="本人在手机上勾选")
    return len(chosen)
