"""What the cast has in hand of the four lists, by the very services their pages call: needs to screen, to claim, to agree on, a
project under way, one to be confirmed, one to be rated by the resident."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from doorstep.demo.cast import COMMUNITY
from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.partnership import services_needs, services_projects, services_resources
from doorstep.modules.partnership.keeping_lists import agreed_places
from doorstep.modules.partnership.models_lists import Need, Resource
from doorstep.modules.partnership.services_claims import claim
from doorstep.modules.partnership.services_needs import NewNeed, Wanted
from doorstep.modules.partnership.services_projects import Duty, ProjectData, Use

from .words import STORIES, Story

KEYS = UUID("0f3a1c52-0d43-4b0e-9a9b-7a2b54c0f1aa")
DAY = dt.timedelta(days=1)


@dataclass
class Stage:
    today: dt.date
    accounts: dict[str, Account]
    unit: int

    def then(self, days: int, username: str, act: Callable[[Actor], Any], hour: int = 10) -> Any:
        """Let somebody do something so many days from today, at that hour."""
        day = self.today + days * DAY
        with clock.fixed(dt.datetime.combine(day, dt.time(hour), DISTRICT_ZONE)):
            return act(actor_for(self.accounts[username]))


@transaction.atomic
def play(today: dt.date) -> int:
    """All of it or nothing, and once; nothing before the partner unit has its agreement. Gives how many needs are new."""
    if Matter.objects.filter(key=uuid5(KEYS, "rated")).exists():
        return 0
    accounts = {row.username: row for row in Account.objects.filter(is_demo=True)}
    partner = accounts.get("partner")
    post = (
        Appointment.objects.filter(person_id=partner.person_id, post="unit_liaison").first()
        if partner and partner.person_id
        else None
    )
    if post is None or COMMUNITY not in agreed_places(post.unit_id, today):
        return 0
    stage = Stage(today, accounts, post.unit_id)
    room = _offers(stage)
    _told(stage, "screen", -2, "secretary", STORIES["goods"][1], "visit")
    for number, kind in enumerate(("skill", "culture", "health")):
        _published(stage, f"open {kind}", -9 + number, "secretary", STORIES[kind][0], kind)
    claimed = _published(stage, "claimed", -8, "secretary", STORIES["information"][3], "information")
    stage.then(-3, "partner", lambda actor: claim(actor=actor, need_id=claimed.pk, unit_id=stage.unit))
    _running(stage, room)
    _delivered(stage, "delivered", -20, "secretary", STORIES["skill"][2], "skill")
    need, project = _delivered(stage, "rated", -40, "resident", STORIES["space"][0], "space")
    stage.then(
        -5,
        "secretary",
        lambda actor: services_projects.confirm(actor=actor, project_id=project, note="到场看过，已经办成。"),
    )
    return 1 if need else 0


def _offers(stage: Stage) -> int:
    def act(actor: Actor) -> Resource:
        data = services_resources.ResourceData(
            unit_id=stage.unit, resource_class="space", name="海韵厅", about="一楼，能坐四十人，有投影。", weekdays=0b1111111, opens=540,
            closes=1260,
        )  # fmt: skip
        return services_resources.offer(actor=actor, data=data)

    return int(stage.then(-300, "partner", act).pk)


def _told(stage: Stage, name: str, days: int, by: str, story: Story, told: str, kind: str = "goods") -> Need:
    new = NewNeed(
        place_code=COMMUNITY, title=story.told, text=story.about, wanted=Wanted(resource_class=kind, people=story.people),
        told="resident" if by == "resident" else told, key=uuid5(KEYS, name),
    )  # fmt: skip
    found: Need = stage.then(days, by, lambda actor: services_needs.raise_need(actor=actor, new=new), 9)
    return found


def _published(stage: Stage, name: str, days: int, by: str, story: Story, kind: str) -> Need:
    need = _told(stage, name, days, by, story, "visit", kind)

    def act(actor: Actor) -> Need:
        return services_needs.screen(
            actor=actor, need_id=need.pk, headline=story.headline, about=story.about, note="已列入需求清单，正在请单位认领。",
            wanted=Wanted(resource_class=kind, people=story.people),
        )  # fmt: skip

    stage.then(days + 1, "secretary", act)
    return need


def _agreed(stage: Stage, need: Need, days: int, story: Story, *uses: Use) -> int:
    stage.then(days, "partner", lambda actor: claim(actor=actor, need_id=need.pk, unit_id=stage.unit), 9)
    begins = stage.today + days * DAY

    def act(actor: Actor) -> int:
        data = ProjectData(
            unit_id=stage.unit, title=story.project, starts_on=begins, ends_on=begins + 40 * DAY, hands=4, uses=uses,
            duties=[Duty(unit_id=stage.unit, what="备好人手和物资", due_on=begins + 20 * DAY)], key=uuid5(KEYS, f"project {need.pk}"),
        )  # fmt: skip
        return services_projects.agree_project(actor=actor, need_id=need.pk, data=data).pk

    return int(stage.then(days, "secretary", act, 15))


def _running(stage: Stage, room: int) -> None:
    story = STORIES["space"][2]
    need = _published(stage, "running", -15, "secretary", story, "space")
    at = dt.datetime.combine(stage.today + 3 * DAY, dt.time(15, 30), DISTRICT_ZONE)
    project = _agreed(
        stage, need, -10, story, Use(resource_id=room, starts_at=at, ends_at=at + dt.timedelta(hours=2))
    )
    stage.then(-9, "partner", lambda actor: services_projects.start(actor=actor, project_id=project))


def _delivered(stage: Stage, name: str, days: int, by: str, story: Story, kind: str) -> tuple[int, int]:
    need = _published(stage, name, days, by, story, kind)
    project = _agreed(stage, need, days + 5, story)
    stage.then(days + 6, "partner", lambda actor: services_projects.start(actor=actor, project_id=project))
    stage.then(
        days + 18, "partner",
        lambda actor: services_projects.deliver(actor=actor, project_id=project, note=story.done, served=story.people),
    )  # fmt: skip
    return need.pk, project
