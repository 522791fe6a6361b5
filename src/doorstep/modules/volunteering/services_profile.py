"""A volunteer's own profile: change it, leave, come back; join a team and leave it; by the person, or by who keeps volunteers
there for somebody without a phone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.volunteering.models import Membership, Team, Volunteer
from doorstep.modules.volunteering.policies import KEEP, led_teams
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, check_profile

MOST_TEAMS = 20


def locked_volunteer(actor: Actor, volunteer_id: int) -> Volunteer:
    """The volunteer, the row locked, for the person or who keeps volunteers there. Raises NotVisible or NotAllowed."""
    rows = policy_for(Volunteer).visible_to(actor).select_for_update(of=("self",))
    row: Volunteer | None = rows.filter(pk=volunteer_id).first()
    if row is None:
        raise NotVisible(_("没有找到这位志愿者。"))
    if actor.person_id is None or row.person_id != actor.person_id:
        policy_for(Volunteer).require(actor, "keep", row)
    return row


@transaction.atomic
def change_profile(
    *, actor: Actor, volunteer_id: int, expected_version: int, place_code: str, born_in: int | None,
    skills: tuple[str, ...], times: tuple[str, ...],
) -> Volunteer:  # fmt: skip
    """Change what one offers. Raises Conflict where it was changed meanwhile, RuleViolation naming the field."""
    row = locked_volunteer(actor, volunteer_id)
    if row.left_on is not None:
        raise Conflict(_("已经退出志愿者，先重新加入再修改。"))
    if row.lock_version != expected_version:
        raise Conflict(_("资料刚刚被改过，请刷新后再改。"))
    check_profile(
        NewVolunteer(
            person_id=row.person_id, place_code=place_code, born_in=born_in, skills=skills, times=times
        )
    )
    if place_code[:6] != row.place_code[:6]:
        raise RuleViolation(_("只能换到本区的社区。"), field="place_code")
    if not actor.is_system and row.person_id != actor.person_id and not actor.holds(KEEP, place_code):
        raise NotVisible(_("没有找到这个地方。"), field="place_code")
    new = {"place_code": place_code, "born_in": born_in, "skills": list(skills), "times": list(times)}
    before = {name: getattr(row, name) for name in new}
    changed = [name for name in new if before[name] != new[name]]
    if not changed:
        return row
    for name in changed:
        setattr(row, name, new[name])
    row.lock_version += 1
    row.save(update_fields=[*changed, "lock_version"])
    personal = {name: [before[name], new[name]] for name in changed}
    record(
        actor, Act("volunteering.changed", row, row.place_code, person_ref=row.person_id, personal=personal)
    )
    return row


@transaction.atomic
def leave(*, actor: Actor, volunteer_id: int) -> Volunteer:
    """End it, at any time and without a reason. Hours and points stay; teams are left. The same again changes nothing."""
    row = locked_volunteer(actor, volunteer_id)
    if row.left_on is not None:
        return row
    today = clock.today()
    for member in Membership.objects.filter(in_force(today), volunteer=row):
        _end(member, today)
    row.left_on = today
    row.lock_version += 1
    row.save(update_fields=["left_on", "lock_version"])
    _note(actor, "volunteering.left", row)
    return row


@transaction.atomic
def come_back(*, actor: Actor, volunteer_id: int) -> Volunteer:
    """Volunteer again under the number one had. The same again changes nothing."""
    row = locked_volunteer(actor, volunteer_id)
    if row.left_on is None:
        return row
    row.left_on = None
    row.lock_version += 1
    row.save(update_fields=["left_on", "lock_version"])
    _note(actor, "volunteering.came_back", row)
    return row


@transaction.atomic
def join_team(*, actor: Actor, volunteer_id: int, team_id: int) -> Membership:
    """Join a team that is open; of any team, who keeps volunteers both where it stands and where the volunteer lives enters
    one. A leader enters nobody else: a team's members are shown to its leader. The same again changes nothing."""
    row = locked_volunteer(actor, volunteer_id)
    version = versions_of([team_id]).get(team_id)
    if version is None or version.kind != "volunteer_team" or version.place_code[:6] != row.place_code[:6]:
        raise NotVisible(_("没有找到这支服务队。"))
    if row.left_on is not None:
        raise RuleViolation(_("已经退出志愿者，先重新加入。"))
    own = Membership.objects.filter(in_force(), volunteer=row)
    known = own.filter(team=team_id).first()
    if known is not None and known.valid_to is None:
        return known
    adds = (row.person_id == actor.person_id and team_id in led_teams(actor)) or actor.holds(
        KEEP, version.place_code
    )
    if not adds and Team.objects.filter(unit=team_id, is_open=False).exists():
        raise RuleViolation(_("这支队伍要先联系队长：打队里的电话，由社区登记入队。"))
    if own.count() >= MOST_TEAMS:
        raise RuleViolation(_("最多加入 %d 支服务队，请先退出一支。") % MOST_TEAMS)
    member = known or Membership(
        volunteer=row, team_id=team_id, place_code=version.place_code, valid_from=clock.today()
    )
    member.valid_to = None  # who left earlier on the same day goes on
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as clash:
        raise Conflict(_("刚刚已经加入，请刷新后再看。")) from clash
    _note(actor, "volunteering.joined_team", row, {"team": [None, version.name]})
    return member


@transaction.atomic
def leave_team(*, actor: Actor, volunteer_id: int, team_id: int) -> None:
    """Leave a team, at any time; its leader or keeper may take somebody off the list too."""
    row = _for_team(actor, volunteer_id, team_id)
    member = Membership.objects.filter(in_force(), volunteer=row, team=team_id, valid_to=None).first()
    if member is None:
        return
    _end(member, clock.today())
    version = versions_of([team_id]).get(team_id)
    _note(actor, "volunteering.left_team", row, {"team": [version.name if version else None, None]})


def _for_team(actor: Actor, volunteer_id: int, team_id: int) -> Volunteer:
    """For oneself, for who keeps volunteers there, and for the team's leader with its members."""
    members = Membership.objects.filter(in_force(), team=team_id).values("volunteer")
    if team_id in led_teams(actor):
        row = Volunteer.objects.select_for_update().filter(pk=volunteer_id, pk__in=members).first()
        if row is not None:
            return row
    return locked_volunteer(actor, volunteer_id)


def _end(member: Membership, today: dt.date) -> None:
    """A period is at least a day: who joined and left on one day was a member on it."""
    member.valid_to = max(today, member.valid_from + dt.timedelta(days=1))
    member.save(update_fields=["valid_to"])


def _note(actor: Actor, action: str, row: Volunteer, changes: dict[str, Any] | None = None) -> None:
    record(actor, Act(action, row, row.place_code, changes or {}, person_ref=row.person_id))
