"""Suggestions for joint branches of a place, with the organisations behind their numbers, and those nobody is near enough to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.places.positions import metres_between
from doorstep.kernel.shared import clock
from doorstep.modules.coverage import rules
from doorstep.modules.coverage.joining import Candidate, Suggestion, Terms, suggestions
from doorstep.modules.coverage.models import Covering, Profile
from doorstep.modules.coverage.numbers import MEMBERS, REACH, UNITS, number_in_force
from doorstep.modules.coverage.selectors import (
    PartyChoice,
    joint_parties,
    named,
    organisations,
    standing,
    with_state,
)


@dataclass(frozen=True)
class Member:
    """One organisation of a suggestion."""

    profile: Profile
    name: str
    full: int


@dataclass(frozen=True)
class Group:
    """A suggestion as people read it. `url`: the page on which it is carried out."""

    members: tuple[Member, ...]
    full: int
    metres: int
    trade: str
    url: str


@dataclass(frozen=True)
class Suggested:
    groups: tuple[Group, ...]
    alone: tuple[Member, ...]  # too far from all others
    parties: Sequence[PartyChoice]  # joint branches with room


def suggested(actor: Actor, place_code: str) -> Suggested:
    """Of the place's organisations with too few members for their own. Four queries or so."""
    today, least, most = clock.today(), number_in_force(MEMBERS), number_in_force(UNITS)
    gaps = with_state(organisations(actor, today, place_code), today).filter(state=rules.GAP)
    rows = list(gaps.filter(members__gt=0, members__lt=least).order_by("pk"))
    terms = Terms(least, most, number_in_force(REACH))
    found = suggestions(
        [
            Candidate(row.pk, row.longitude, row.latitude, row.trade, row.members, row.place_code)
            for row in rows
        ],
        terms,
    )
    names = named(rows)
    members = {row.pk: Member(row, names.get(row.unit_id, ""), row.members) for row in rows}
    placed = {number for group in found for number in group.numbers}
    alone = tuple(one for number, one in members.items() if number not in placed)
    return Suggested(
        tuple(_group(group, members) for group in found), alone, joint_parties(actor, place_code, most)
    )


def nearest_parties(actor: Actor, row: Profile, most: int) -> list[tuple[PartyChoice, int]]:
    """Joint branches of the organisation's street with room, and how many metres (to the next ten) it is to the nearest of
    each one's organisations; the nearest first. Three queries."""
    parties = {one.unit_id: one for one in joint_parties(actor, row.place_code, most)}
    here, metres = (row.longitude, row.latitude), dict[int, float]()
    covered = Covering.objects.filter(standing(clock.today()), form="joint", party__in=parties)
    for party, *there in covered.values_list("party", "organisation__longitude", "organisation__latitude"):
        metres[party] = min(metres.get(party, math.inf), metres_between(here, (there[0], there[1])))
    found = [(parties[party], round(far / 10) * 10) for party, far in metres.items()]
    return sorted(found, key=lambda pair: (pair[1], pair[0].name))


def _group(found: Suggestion, members: dict[int, Member]) -> Group:
    url = f"{reverse('coverage:joint')}?{urlencode([('o', number) for number in found.numbers])}"
    return Group(
        tuple(members[number] for number in found.numbers), found.full, found.metres, found.trade, url
    )
