"""The federation's 654 teams with leaders and members, its professional forces and brands."""

from __future__ import annotations

import datetime as dt
from random import Random

from django.db import transaction

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.services_bulk import NewAppointment, appoint_many
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.volunteering.models import Membership, Team, Volunteer
from doorstep.modules.volunteering.services_lists import NewBrand, NewForce, keep_brands, keep_forces
from doorstep.modules.volunteering.services_teams import (
    NewMember,
    NewTeam,
    add_members,
    found_teams,
    keep_profile,
)

from .words import BRANDS, DISTRICT_TEAMS, FORCES, TEAMS

TEAMS_IN_ALL = 654


@transaction.atomic
def found_all(actor: Actor, district: str, today: dt.date) -> int:
    """Forces, brands, teams, leaders, members: all or nothing, and once. Gives how many teams are new."""
    units = UnitVersion.objects.in_force(today).filter(within("place_code", [district]))
    if units.filter(kind="volunteer_team").count() >= TEAMS_IN_ALL:
        return 0
    federation = units.get(kind="volunteer_federation")
    since = today - dt.timedelta(days=1100)
    keep_forces(
        actor=actor,
        forces=[
            NewForce(
                place_code=district, federation_id=federation.unit_id, name=name, field=field, unit_name=unit,
                valid_from=since + dt.timedelta(days=3 * number),
            )
            for number, (name, field, unit) in enumerate(FORCES)
        ],
    )  # fmt: skip
    brands = keep_brands(
        actor=actor,
        brands=[
            NewBrand(place_code=district, name=name, story=story, valid_from=since) for name, story in BRANDS
        ],
    )
    kept = units.filter(kind="volunteer_team").get()
    keep_profile(
        actor=actor, team_id=kept.unit_id, skills=(), about="", is_open=True, brand_id=brands[0][0].pk
    )
    made = found_teams(
        actor=actor, teams=_teams(district, federation.unit_id, [brand.pk for brand, _k in brands], today)
    )
    _lead(actor, made, today)
    _fill(actor, [kept.unit_id, *(team.unit_id for team in made)], today)
    return len(made)


def _teams(district: str, federation: int, brands: list[int], today: dt.date) -> list[NewTeam]:
    areas = Area.objects.filter(within("code", [district]), level="community").order_by("code")
    found = [
        NewTeam(
            name=f"{area.name}{theme}志愿服务队", place_code=area.code, federation_id=federation,
            founded_on=today - dt.timedelta(days=1000 + Random(f"team {area.code} {theme}").randrange(300)),
            brand_id=brands[number % len(brands)] if number < 5 else None, skills=skills,
        )
        for area in areas
        for number, (theme, _kind, skills, _titles) in enumerate(TEAMS)
    ]  # fmt: skip
    cast = next(index for index, team in enumerate(found) if team.name.startswith("东日社区邻里守望"))
    del found[cast]  # its leader is of the cast, so it is there from the beginning
    found += [
        NewTeam(
            name=name,
            place_code=district,
            federation_id=federation,
            founded_on=today - dt.timedelta(days=1200),
        )
        for name in DISTRICT_TEAMS
    ]
    streets = Area.objects.filter(within("code", [district]), level="street").order_by("code")
    found += [
        NewTeam(
            name=f"{street.name}机关志愿服务队", place_code=street.code, federation_id=federation,
            founded_on=today - dt.timedelta(days=1150),
        )
        for street in streets[: TEAMS_IN_ALL - 1 - len(found)]
    ]  # fmt: skip
    return found


def _lead(actor: Actor, teams: list[Team], today: dt.date) -> None:
    """Each is led by a volunteer of the place, none by somebody who leads another."""
    by_place: dict[str, list[int]] = {}
    rows = Volunteer.objects.order_by("-pk").values_list("place_code", "person_id")
    for place, person in rows:
        by_place.setdefault(place, []).append(person)
    busy = set(
        Appointment.objects.in_force(today).filter(post="team_leader").values_list("person_id", flat=True)
    )
    places = {version.unit_id: version.place_code for version in UnitVersion.objects.in_force(today).filter(unit__in=[team.unit_id for team in teams])}  # fmt: skip
    new = []
    for team in teams:
        place = places[team.unit_id]
        near = next(people for code, people in sorted(by_place.items()) if code.startswith(place))
        person = near.pop()
        while person in busy:
            person = near.pop()
        busy.add(person)
        new.append(
            NewAppointment(
                person_id=person,
                post="team_leader",
                unit_id=team.unit_id,
                valid_from=today - dt.timedelta(days=900),
            )
        )
    appoint_many(actor=actor, appointments=new)


def _fill(actor: Actor, teams: list[int], today: dt.date) -> None:
    """Everybody is in a team of the own community, as evenly as can be; who has none near is in the district's."""
    places = dict(
        UnitVersion.objects.in_force(today).filter(unit__in=teams).values_list("unit_id", "place_code")
    )
    of_place: dict[str, list[int]] = {}
    for unit, place in sorted(places.items()):
        of_place.setdefault(place, []).append(unit)
    wide = [unit for unit, place in sorted(places.items()) if len(place) < 12]
    turns: dict[str, int] = {}
    members = []
    rows = Volunteer.objects.order_by("pk").values_list("pk", "place_code")
    for number, (volunteer, place) in enumerate(rows):
        choice = wide if number % 60 == 0 else of_place.get(place, wide)
        turn = turns[place] = turns.get(place, -1) + 1
        members.append(
            NewMember(
                volunteer_id=volunteer,
                team_id=choice[turn % len(choice)],
                valid_from=today - dt.timedelta(days=735),
            )
        )
    assert not Membership.objects.filter(team__in=teams).exists()
    add_members(actor=actor, members=members)
