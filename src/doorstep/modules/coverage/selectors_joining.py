"""Suggestions for joint branches of a place, with the organisations behind their numbers, and those nobody is near enough to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.shared import clock
from doorstep.modules.coverage import rules
from doorstep.modules.coverage.joining import Candidate, Suggestion, Terms, suggestions
from doorstep.modules.coverage.models import Profile
from doorstep.modules.coverage.numbers import MEMBERS, REACH, UNITS, number_in_force
from doorstep.modules.coverage.selectors import (
    PartyChoice,
    joint_parties,
    named,
    organisations,
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


def _group(found: Suggestion, members: dict[int, Member]) -> Group:
    url = f"{reverse('coverage:joint')}?{urlencode([('o', number) for number in found.numbers])}"
    return Group(
        tuple(members[number] for number in found.numbers), found.full, found.metres, found.trade, url
    )
