"""What a volunteer finds: services near by place, time and skill, and teams."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from doorstep.kernel.activities.models import CANCELLED, Session
from doorstep.kernel.activities.selectors import Seats, public_sessions, seats_of
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.modules.volunteering.models import SKILLS, Team
from doorstep.modules.volunteering.selectors import KIND, service_names
from doorstep.modules.volunteering.services_teams import TEAM

AHEAD = 30  # days
SHOWN = 40
_PARTS = {"morning": (0, 12), "afternoon": (12, 18), "evening": (18, 24)}


@dataclass(frozen=True)
class Offer:
    """A service to come: who organises, what kind, how full."""

    session: Session
    organiser: str
    kind: str
    skill: str
    seats: Seats

    @property
    def left(self) -> int | None:
        return self.seats.left(self.session)


def in_slot(starts_at: dt.datetime, slot: str) -> bool:
    """Does it begin in this part of a working day or weekend ("weekend_morning")? By the calendar week."""
    days, part = slot.split("_")
    local = starts_at.astimezone(clock.DISTRICT_ZONE)
    first, last = _PARTS[part]
    return (local.weekday() >= 5) == (days == "weekend") and first <= local.hour < last


def services_near(place: str, *, slot: str = "", skill: str = "") -> list[Offer]:
    """Public services of the next weeks at a place, the next first; those that ask for nothing or for this skill. Four
    queries."""
    now = clock.now()
    rows = public_sessions([place], now, now + dt.timedelta(days=AHEAD), kinds=[KIND]).exclude(
        state=CANCELLED
    )
    if skill:
        rows = rows.filter(activity__skill=skill)
    found: list[Session] = []
    for row in rows.iterator(chunk_size=200):
        if not slot or in_slot(row.starts_at, slot):
            found.append(row)
        if len(found) == SHOWN:
            break
    seats = seats_of(row.pk for row in found)
    names = last_names({row.activity.organiser_id for row in found})
    skills, kinds = dict(SKILLS), dict(service_names())
    return [
        Offer(
            row, names.get(row.activity.organiser_id, ""), kinds.get(row.category, row.category),
            str(skills.get(row.activity.skill, row.activity.skill)), seats[row.pk],
        )
        for row in found
    ]  # fmt: skip


@dataclass(frozen=True)
class NearTeam:
    """A team as anybody sees it."""

    version: UnitVersion
    about: str
    skills: str
    brand: str
    is_open: bool
    joined: bool


def teams_near(place: str, joined: Sequence[int], *, skill: str = "") -> list[NearTeam]:
    """Teams in a place, in the order of names, those one is in first. Two queries."""
    rows = UnitVersion.objects.in_force().filter(within("place_code", [place]), kind=TEAM)
    if skill:
        rows = rows.filter(Exists(Team.objects.filter(unit=OuterRef("unit"), skills__contains=[skill])))
    versions = list(rows.order_by("pinyin", "pk")[:100])
    absent = set(joined) - {row.unit_id for row in versions}
    if absent and not skill:
        versions += list(UnitVersion.objects.in_force().filter(Q(unit__in=absent)))
    profiles = {
        row.unit_id: row
        for row in Team.objects.filter(unit__in=[row.unit_id for row in versions]).select_related("brand")
    }
    words = dict(SKILLS)
    found = []
    for version in versions:
        profile = profiles.get(version.unit_id) or Team(unit_id=version.unit_id)
        found.append(
            NearTeam(
                version, profile.about, "、".join(str(words[code]) for code in profile.skills),
                str(profile.brand or ""), profile.is_open, version.unit_id in joined,
            )
        )  # fmt: skip
    return sorted(found, key=lambda team: not team.joined)


def wider(place: str) -> str:
    """Where to look further: the street of a community, the district of a street; "" for nowhere."""
    length = {LENGTHS["community"]: LENGTHS["street"], LENGTHS["street"]: LENGTHS["county"]}.get(len(place))
    return place[:length] if length else ""
