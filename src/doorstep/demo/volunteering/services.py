"""A month's services: which team, when, who was there, who confirmed and who approved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID, uuid5

from doorstep.kernel.activities.checks import NewActivity
from doorstep.kernel.activities.services_attendance import Presence
from doorstep.kernel.activities.services_past import PastSession
from doorstep.kernel.shared.clock import DISTRICT_ZONE

from .ground import Ground, TeamHere
from .words import TEAMS

KEYS = UUID("0f7d5c52-5a9a-4cf8-9e73-8f6d4ee1c1a5")
A_DAY = 4.42  # services on an ordinary day; two years make more than 3,100
WEEKEND = 2.0  # so much more on Saturdays and Sundays
HOURS = (9, 9, 9, 10, 14, 14, 15, 18)
MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Told:
    """One service, and when and by whom it was approved; `approved_at` None: it waits for that."""

    case: PastSession
    approved_at: dt.datetime | None
    approved_by: int | None


def number_on(day: dt.date) -> int:
    """How many services begin on a day; the mean over a week is A_DAY."""
    random = Random(f"services {day}")
    mean = A_DAY * 7 / (5 + 2 * WEEKEND) * (WEEKEND if day.weekday() >= 5 else 1)
    whole = int(mean)
    return whole + (random.random() < mean - whole)


def services_of(ground: Ground, days: Sequence[dt.date], today: dt.date) -> Iterator[Told]:
    """In the order of time; no team serves twice on a day, so nobody is in two places. What would be approved today or
    later waits, but for the first of a day: by it one knows that the day is in."""
    now = dt.datetime.combine(today, dt.time(), DISTRICT_ZONE)
    for day in days:
        random = Random(f"services of {day}")
        teams = random.sample([team for team in ground.teams if len(team.members) > 4], number_on(day))
        told = [_told(ground, team, day, number, random, now) for number, team in enumerate(teams)]
        yield from sorted(told, key=lambda each: each.case.starts_at)


def _told(
    ground: Ground, team: TeamHere, day: dt.date, number: int, random: Random, now: dt.datetime
) -> Told:
    _theme, kind, _skills, titles = next(
        (row for row in TEAMS if f"{row[0]}志愿服务队" in team.name), TEAMS[number % len(TEAMS)]
    )
    starts = (
        dt.datetime.combine(day, dt.time(random.choice(HOURS)), DISTRICT_ZONE)
        + random.choice((0, 30)) * MINUTE
    )
    ends = starts + random.choice((60, 90, 120, 120, 120, 150, 180, 240)) * MINUTE
    able = [person for person in team.members if person != team.leader_id]  # who confirms was not there
    people = random.sample(able, min(len(able), random.randrange(8, 22)))
    confirmed_at = max(ends, min(ends + random.lognormvariate(2.6, 1.1) * 60 * MINUTE, now - 60 * MINUTE))
    approved_at = confirmed_at + random.uniform(1, 40) * 60 * MINUTE
    if number == 0:
        approved_at = min(approved_at, now - MINUTE)
    place = ground.names.get(team.place_code, "")
    new = NewActivity(
        kind="service", category=kind, place_code=team.place_code, organiser_id=team.unit_id,
        title=titles[random.randrange(len(titles))], where=f"{place}活动场地", phone=team.phone,
        needs_insurance=kind == "rescue",
    )  # fmt: skip
    case = PastSession(
        key=uuid5(KEYS, f"service {day} {number}"), new=new, starts_at=starts, ends_at=ends, capacity=30,
        present=[_presence(person, starts, ends, random) for person in people], confirmed_by_id=team.leader_id,
        confirmed_at=confirmed_at,
    )  # fmt: skip
    approver = ground.approver(team.place_code, day, {*people, team.leader_id or 0})
    return Told(case, approved_at if approved_at < now else None, approver)


def _presence(person: int, starts: dt.datetime, ends: dt.datetime, random: Random) -> Presence:
    second = dt.timedelta(seconds=1)
    came = starts + random.randrange(-600, 500) * second
    went = ends + random.randrange(-400, 700) * second
    return Presence(person_id=person, in_at=came, out_at=went)
