"""What members served: a day of service each month in each community, and six call-ups; nobody is in two places."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from random import Random
from uuid import UUID, uuid5

from doorstep.kernel.activities.checks import NewActivity
from doorstep.kernel.activities.services_attendance import Presence
from doorstep.kernel.activities.services_past import PastSession
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.vanguard.models import Member, Project
from doorstep.modules.vanguard.services_past import PastCallup

from .ground import Ground
from .people import FAMILY
from .words import CALLUPS, DAYS, POSITIONS, SHIFT_HOURS

KEYS = UUID("7a0d4f3c-0b52-4c5e-9d0f-2f4e61c8a905")
MONTHS = 24
HOUR = dt.timedelta(hours=1)
MONTH = dt.timedelta(days=30)


def members_by_community() -> dict[str, list[int]]:
    """Persons who reported in, by community."""
    found: dict[str, list[int]] = defaultdict(list)
    rows = Member.objects.filter(person__name__startswith=FAMILY).order_by("pk")
    for place, person in rows.values_list("place_code", "person_id"):
        found[place].append(person)
    return found


def _saturday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=(day.weekday() - 5) % 7)


def days_of(ground: Ground, today: dt.date) -> Iterator[PastSession]:
    """The days of service, on Saturday mornings, the oldest first."""
    members = members_by_community()
    for month in range(MONTHS, 0, -1):
        for place in ground.communities:
            random = Random(f"vanguard day {place} {month}")
            day = _saturday(today - month * MONTH + dt.timedelta(days=random.randrange(0, 22)))
            starts = dt.datetime.combine(day, dt.time(9), DISTRICT_ZONE)
            yield _session(
                f"day {place} {month}", place, ground.party[place], random.choice(DAYS), f"{ground.names[place]}党群服务中心",
                starts, 2, _some(members[place], random, 10, 15), ground.staff[place],
            )  # fmt: skip


def _some(people: list[int], random: Random, least: int, most: int) -> list[int]:
    return random.sample(people, min(len(people), random.randrange(least, most + 1)))


def _session(
    key: str, place: str, unit: int, title: str, where: str, starts: dt.datetime, hours: int, people: list[int], staff: list[int],
    capacity: int | None = None,
) -> PastSession:  # fmt: skip
    ends = starts + hours * HOUR
    new = NewActivity(
        kind="vanguard", place_code=place, organiser_id=unit, title=title, where=where, is_public=False,
        by_sign_up=capacity is not None,
    )  # fmt: skip
    return PastSession(
        key=uuid5(KEYS, key), new=new, starts_at=starts, ends_at=ends, capacity=capacity,
        present=[Presence(person_id=person, in_at=starts, out_at=ends) for person in people],
        confirmed_by_id=staff[0] if staff else None, confirmed_at=ends + 3 * HOUR,
    )  # fmt: skip


def projects_of(ground: Ground, today: dt.date) -> dict[UUID, int]:
    """Which days of service belong to a project of the community: every other month since it began."""
    found: dict[UUID, int] = {}
    for pk, place, began in Project.objects.order_by("pk").values_list("pk", "place_code", "valid_from"):
        for month in range(2 + pk % 2, 14, 4):
            if today - month * MONTH > began:
                found.setdefault(uuid5(KEYS, f"day {place} {month}"), pk)
    return found


def callups_of(ground: Ground, today: dt.date) -> Iterator[PastCallup]:
    """Each of a weekend's Sunday in a street of its own: positions, three shifts, members of that street."""
    members = members_by_community()
    streets = sorted(ground.offices)
    for number, name in enumerate(CALLUPS):
        street = streets[number % len(streets)]
        day = _saturday(today - dt.timedelta(days=60 + 105 * number)) + dt.timedelta(days=1)
        places = [code for code in ground.communities if code.startswith(street)]
        people = [person for place in places for person in members[place]]
        random = Random(f"callup {number}")
        random.shuffle(people)
        shifts = []
        for where, title in enumerate(POSITIONS):
            place = places[where % len(places)]
            for hour in SHIFT_HOURS:
                group, people = people[:8], people[8:]
                starts = dt.datetime.combine(day, dt.time(hour), DISTRICT_ZONE)
                if group:
                    shifts.append(
                        _session(
                            f"callup {number} {where} {hour}", place, ground.offices[street], title,
                            f"{ground.names[place]}集合点", starts, 3, group, ground.staff[place], capacity=8,
                        )
                    )  # fmt: skip
        at = dt.datetime.combine(day, dt.time(9), DISTRICT_ZONE)
        yield PastCallup(
            key=uuid5(KEYS, f"callup {number}"), place_code=street, name=name, unit_id=ground.offices[street], starts_on=day,
            ends_on=day, made_at=at - dt.timedelta(days=12), ended_at=at + dt.timedelta(days=1), shifts=shifts,
        )  # fmt: skip
