"""Teams: founded and renamed as units; here is what they can do, under which brand, and whether anybody may join."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.checks import check_text
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.organisations.services_bulk import NewUnit, found_units
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.volunteering.models import SKILLS, Brand, Membership, Team, Volunteer
from doorstep.modules.volunteering.policies import KEEP, led_teams

TEAM = "volunteer_team"


@dataclass(frozen=True, kw_only=True)
class NewTeam:
    """A team to be founded under a federation (None: under none)."""

    name: str
    place_code: str
    founded_on: dt.date
    federation_id: int | None = None
    phone: str = ""
    address: str = ""
    brand_id: int | None = None
    skills: tuple[str, ...] = ()
    about: str = ""
    is_open: bool = True


@transaction.atomic
def found_teams(*, actor: Actor, teams: Sequence[NewTeam]) -> list[Team]:
    """Found teams, all or none, in their order. Raises Refused as units do."""
    units = found_units(
        actor=actor,
        units=[
            NewUnit(
                kind=TEAM, name=new.name, place_code=new.place_code, founded_on=new.founded_on,
                superior_id=new.federation_id, phone=new.phone, address=new.address,
            )
            for new in teams
        ],
    )  # fmt: skip
    brands = _brands({new.brand_id for new in teams if new.brand_id})
    made = Team.objects.bulk_create(
        Team(unit=unit, **_profile(new.brand_id, new.skills, new.about, brands), is_open=new.is_open)
        for unit, new in zip(units, teams, strict=True)
    )
    acts = [
        Act("volunteering.keep_team", unit, new.place_code, {"skills": [None, list(new.skills)]})
        for unit, new in zip(units, teams, strict=True)
    ]
    record_many(actor, acts)
    return made


@transaction.atomic
def keep_profile(
    *, actor: Actor, team_id: int, skills: tuple[str, ...], about: str, is_open: bool, brand_id: int | None = None
) -> Team:  # fmt: skip
    """What a team is besides its unit: kept by its leader, or by who keeps volunteers where it stands."""
    unit = Unit.objects.select_for_update().filter(pk=team_id, kind=TEAM).first()
    version = versions_of([team_id]).get(team_id)
    if unit is None or version is None:
        raise NotVisible(_("没有找到这支服务队。"))
    if team_id not in led_teams(actor) and not actor.holds(KEEP, version.place_code):
        if actor.stands_near(version.place_code):
            raise NotAllowed(_("您的岗位不能做这一步。"))
        raise NotVisible(_("没有找到这支服务队。"))
    values = _profile(brand_id, skills, about, _brands({brand_id} if brand_id else set()))
    row, _made = Team.objects.get_or_create(unit=unit)
    before = {"skills": row.skills, "is_open": row.is_open, "brand": row.brand_id, "about": row.about}
    for name, value in values.items():
        setattr(row, name, value)
    row.is_open = is_open
    after = {"skills": row.skills, "is_open": row.is_open, "brand": row.brand_id, "about": row.about}
    if before != after:
        row.save()
        changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        record_many(actor, [Act("volunteering.keep_team", unit, version.place_code, changes)])
    return row


def _brands(ids: set[int]) -> set[int]:
    return set(Brand.objects.filter(in_force(), pk__in=ids).values_list("pk", flat=True))


def _profile(
    brand_id: int | None, skills: tuple[str, ...], about: str, brands: set[int]
) -> dict[str, object]:
    if set(skills) - set(dict(SKILLS)):
        raise RuleViolation(_("有一项专长不在可选范围内。"), field="skills")
    if brand_id is not None and brand_id not in brands:
        raise RuleViolation(_("没有这个服务品牌。"), field="brand")
    return {"brand_id": brand_id, "skills": list(skills), "about": check_text(about, "about", 400)}


@dataclass(frozen=True, kw_only=True)
class NewMember:
    """A volunteer in a team from a day on."""

    volunteer_id: int
    team_id: int
    valid_from: dt.date


@transaction.atomic
def add_members(*, actor: Actor, members: Sequence[NewMember]) -> int:
    """Many members of years before at once, for the platform; who is in that team by then is passed over. Gives how many are
    new. The database keeps anybody from being twice in one team."""
    if not actor.is_system:
        raise NotAllowed(_("以前的队员名单由平台导入。"))
    teams = versions_of({new.team_id for new in members})
    known = set(Membership.objects.filter(in_force(), team__in=teams).values_list("volunteer_id", "team_id"))
    people = dict(
        Volunteer.objects.filter(pk__in={new.volunteer_id for new in members}).values_list("pk", "person_id")
    )
    rows = [
        Membership(
            volunteer_id=new.volunteer_id, team_id=new.team_id, place_code=teams[new.team_id].place_code,
            valid_from=new.valid_from,
        )
        for new in members
        if (new.volunteer_id, new.team_id) not in known
    ]  # fmt: skip
    Membership.objects.bulk_create(rows, batch_size=2000)
    record_many(
        actor,
        [
            Act(
                "volunteering.joined_team", row, row.place_code, {"team": [None, teams[row.team_id].name]},
                person_ref=people[row.volunteer_id],
            )
            for row in rows
        ],
    )  # fmt: skip
    return len(rows)
