"""Some 1,500 organisations at addresses of the demo district: their counts, own and joint branches, a few gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from doorstep.demo.cast import STREET
from doorstep.demo.names import document
from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.rules import credit_code_check, organisation_code_check
from doorstep.kernel.places.models import Building
from doorstep.modules.coverage.joining import Candidate, Terms, suggestions
from doorstep.modules.coverage.models import Profile
from doorstep.modules.coverage.numbers import MEMBERS, REACH, UNITS, number_in_force
from doorstep.modules.coverage.rules import place_of_several
from doorstep.modules.coverage.services import NewOrganisation
from doorstep.modules.coverage.services_covering import NewParty
from doorstep.modules.coverage.services_past import (
    PastCount,
    PastOrganisation,
    bring_organisations,
    bring_parties,
)

from .words import NAMES, SOCIAL

ORGANISATIONS, SOCIAL_ONES = 1494, 210
ENOUGH, FEW = 236, 330  # with three full members or more; with one or two
# Left as gaps: should have their own, are too far from others, have nobody; and one group that the studio suggests.
OPEN_OWN, OPEN_FEW, OPEN_NONE = 4, 2, 3
YEARS = 730


def credit_code(number: int, registrar: str) -> str:
    """Made up, with right check digits; no registrar gives out bodies that begin so."""
    body = f"YX{number:06d}"
    seventeen = f"{registrar}210202{body}{organisation_code_check(body)}"
    return seventeen + credit_code_check(seventeen)


@dataclass(frozen=True)
class Planned:
    """An organisation before it is registered; `full`: its members."""

    new: NewOrganisation
    full: int
    place: str
    unit_id: int | None = None


def load(actor: Actor, district: str, today: dt.date) -> list[Profile]:
    """Register them, found their party organisations; gives all of them, those left without anybody last."""
    planned = [*_planned(district, today), *_property(district, today)]
    groups, alone = _groups(planned)
    groups.remove(next(group for group in groups if planned[group[0]].place.startswith(STREET)))
    planned = [
        one
        if number not in alone or number in alone[:OPEN_FEW]
        else Planned(one.new, 0, one.place, one.unit_id)
        for number, one in enumerate(planned)
    ]
    rows = bring_organisations(
        actor=actor, cases=[_case(one, number, today) for number, one in enumerate(planned)]
    )
    _parties(actor, planned, rows, groups, today)
    covered = {number for group in groups for number in group}
    without = [number for number, one in enumerate(planned) if not one.full and number not in covered]
    last = set(without[-OPEN_NONE:])
    return [row for number, row in enumerate(rows) if number not in last] + [
        rows[number] for number in sorted(last)
    ]


def _planned(district: str, today: dt.date) -> list[Planned]:
    buildings = list(
        Building.objects.filter(place_code__startswith=district)
        .order_by("pk")
        .values_list("address", "longitude", "latitude", "place_code")
    )
    lot = Random("organisations")
    chosen = [one for one in lot.sample(buildings, ORGANISATIONS + 60) if len(one[3]) == 15][:ORGANISATIONS]
    trades = sorted(NAMES)
    found = []
    for number, (address, longitude, latitude, place) in enumerate(chosen):
        random = Random(f"organisation {number}")
        trade = random.choice(trades)
        social = number % 7 == 6 and number // 7 < SOCIAL_ONES
        first, second, kind = NAMES[trade]
        name = (
            f"演示{random.choice((first, second))}{random.choice(SOCIAL)}第{number}号"
            if social
            else f"演示{random.choice((first, second))}{kind}有限公司第{number}号"
        )
        new = NewOrganisation(
            kind="social_organisation" if social else "company", name=name, credit_code=credit_code(number, "52" if social else "91"),
            trade="other" if social else trade, address=address, founded_on=today - dt.timedelta(days=random.randrange(900, 5000)),
            longitude=longitude, latitude=latitude,
        )  # fmt: skip
        full = (
            random.choice((3, 3, 4, 4, 5, 6, 8, 12))
            if number < ENOUGH
            else 1 + random.randrange(2)
            if number < ENOUGH + FEW
            else 0
        )
        found.append(Planned(new, full, place[:12]))
    return found


def _property(district: str, today: dt.date) -> list[Planned]:
    """The property companies that are on record, each at a building of its street."""
    rows = (
        UnitVersion.objects.in_force(today)
        .filter(kind="property_company", place_code__startswith=district)
        .select_related("unit")
    )
    found = []
    for number, row in enumerate(rows.order_by("place_code", "pk")):
        address, longitude, latitude, place = (
            Building.objects.filter(place_code__startswith=row.place_code[:9]).order_by("pk")
            .values_list("address", "longitude", "latitude", "place_code")[number]
        )  # fmt: skip
        new = NewOrganisation(
            kind="property_company", name=row.name, credit_code=credit_code(900_000 + number, "91"), trade="property", address=address,
            founded_on=row.unit.founded_on, longitude=longitude, latitude=latitude,
        )  # fmt: skip
        found.append(Planned(new, 4, place[:12], row.unit_id))
    return found


def _case(one: Planned, number: int, today: dt.date) -> PastOrganisation:
    random = Random(f"counts {number}")
    staff = 12 + random.randrange(20) + 9 * one.full
    counts = [
        PastCount(counted_on=today - dt.timedelta(days=days), staff=staff + random.randrange(5), full=one.full, probationary=random.randrange(2))
        for days in (YEARS + 20, 400, 60)
    ]  # fmt: skip
    return PastOrganisation(new=one.new, counts=counts, unit_id=one.unit_id)


def _groups(planned: Sequence[Planned]) -> tuple[list[tuple[int, ...]], list[int]]:
    """Joint branches as the studio would suggest them, and those that nobody is near enough to."""
    few = [
        Candidate(
            number, one.new.longitude or 0.0, one.new.latitude or 0.0, one.new.trade, one.full, one.place
        )
        for number, one in enumerate(planned)
        if 0 < one.full < number_in_force(MEMBERS)
    ]
    found = suggestions(few, Terms(number_in_force(MEMBERS), number_in_force(UNITS), number_in_force(REACH)))
    groups = [group.numbers for group in found]
    placed = {number for group in groups for number in group}
    return groups, [one.number for one in few if one.number not in placed]


def _parties(
    actor: Actor,
    planned: Sequence[Planned],
    rows: Sequence[Profile],
    groups: Sequence[tuple[int, ...]],
    today: dt.date,
) -> None:
    own = [number for number, one in enumerate(planned) if one.full >= number_in_force(MEMBERS)]
    own = [number for number in own if number >= OPEN_OWN]
    parties = [_party(planned, rows, (number,), "own", today) for number in own]
    parties += [_party(planned, rows, group, "joint", today) for group in groups]
    superiors = _superiors(today)
    places = [
        place_of_several([rows[number].place_code for number in numbers])
        for numbers in [*((one,) for one in own), *groups]
    ]
    bring_parties(actor=actor, parties=parties, superiors=[superiors[place] for place in places])


def _party(
    planned: Sequence[Planned], rows: Sequence[Profile], numbers: tuple[int, ...], form: str, today: dt.date
) -> NewParty:
    day = today - dt.timedelta(days=70 + Random(f"party {numbers[0]}").randrange(YEARS - 90))
    short = planned[numbers[0]].new.name.removeprefix("演示").replace("有限公司", "")
    name = f"演示{short}党支部" if form == "own" else f"演示{short}等{len(numbers)}家单位联合党支部"
    return NewParty(
        name=name, form=form, organisation_ids=tuple(rows[number].pk for number in numbers), founded_on=day,
        document=document("组", day, 5000 + numbers[0]), approved_by="街道党工委",
    )  # fmt: skip


def _superiors(today: dt.date) -> dict[str, int]:
    """By place, the community's party organisation or the street's working committee."""
    rows = UnitVersion.objects.in_force(today).filter(
        kind__in=("community_party_organisation", "street_working_committee")
    )
    return dict(rows.order_by("-unit_id").values_list("place_code", "unit_id"))
