"""Twelve thousand volunteers: the residents who report, and some thousands more, plainly made up."""

from __future__ import annotations

import datetime as dt
from random import Random

from django.db import transaction

from doorstep.demo.names import person_name
from doorstep.demo.requests.residents import settle_in as settle_residents
from doorstep.kernel.access.actors import Actor
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.volunteering.models import SKILLS, TIMES, Volunteer
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers

FAMILIES = ("演示志", "演示愿", "演示者")
OF_A_FAMILY = 3000
VOLUNTEERS = 12_000
FIRST_RESIDENTS = "^演示[居邻]"
AT_ONCE = 3000


def name_of(number: int) -> str:
    family, first = divmod(number, OF_A_FAMILY)
    return person_name(first, FAMILIES[family])


def become_volunteers(actor: Actor, district: str, today: dt.date) -> int:
    """Register people and make them volunteers, some thousands in each transaction; whoever is one stays. Gives how many
    are new."""
    settle_residents(actor, district)
    _more_people(actor, district)
    known = set(Volunteer.objects.values_list("person_id", flat=True))
    rows = Person.objects.filter(within("place_code", [district]), name__regex="^演示[居邻志愿者].")
    fresh = [
        row for row in rows.order_by("pk").values_list("pk", "place_code")[:VOLUNTEERS] if row[0] not in known
    ]
    for first in range(0, len(fresh), AT_ONCE):
        new = [_volunteer(person, code[:12], today) for person, code in fresh[first : first + AT_ONCE]]
        register_volunteers(actor=actor, volunteers=new)
    return len(fresh)


@transaction.atomic
def _more_people(actor: Actor, district: str) -> None:
    if Person.objects.filter(name=name_of(0)).exists():
        return
    residents = Person.objects.filter(within("place_code", [district]), name__regex=FIRST_RESIDENTS).count()
    communities = list(
        Area.objects.filter(within("code", [district]), level="community")
        .order_by("code")
        .values_list("code", flat=True)
    )
    people = [
        NewPerson(name_of(number), communities[number % len(communities)])
        for number in range(VOLUNTEERS - residents)
    ]
    register_people(actor=actor, people=people)


def _volunteer(person: int, place: str, today: dt.date) -> NewVolunteer:
    """What one offers comes from the number alone, so that two loads agree."""
    random = Random(f"volunteer {person}")
    day = today - dt.timedelta(days=random.randrange(740, 1100))
    skills = tuple(random.sample([code for code, _name in SKILLS], random.choice((0, 0, 0, 1, 1, 2))))
    times = tuple(random.sample([code for code, _name in TIMES], random.randrange(1, 4)))
    return NewVolunteer(
        person_id=person, place_code=place, born_in=random.randrange(1946, 2005), skills=skills, times=times,
        registered_at=dt.datetime.combine(day, dt.time(10, random.randrange(60)), DISTRICT_ZONE),
    )  # fmt: skip
