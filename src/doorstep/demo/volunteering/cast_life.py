"""What the cast has in hand of volunteering, made by the very services their pages call: a resident with hours, points and a
slip, a leader with something to confirm and something on today, a secretary with something to approve, a merchant to whom
a slip will be shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid5

from django.db import transaction

from doorstep.demo.cast import COMMUNITY
from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.checks import NewActivity, NewSession
from doorstep.kernel.activities.models import Activity, Session
from doorstep.kernel.activities.services import announce
from doorstep.kernel.activities.services_attendance import Presence, confirm, tick
from doorstep.kernel.activities.services_sign_up import Applicant, join
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.culture.services import NewEvent, plan_event
from doorstep.modules.volunteering.models import Item, Volunteer
from doorstep.modules.volunteering.services_approval import approve_session
from doorstep.modules.volunteering.services_profile import join_team
from doorstep.modules.volunteering.services_slips import make_slip
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers

from .services import KEYS

HOUR = dt.timedelta(hours=1)
EARNED = (82, 68, 54, 40, 26, 12)  # days ago
TITLES = ("楼道堆物清理", "陪老人聊天读报", "早高峰路口文明引导")
KINDS = ("environment", "visiting", "order")


@dataclass
class Stage:
    today: dt.date
    accounts: dict[str, Account]
    team: int
    number: int = 0

    def who(self, username: str) -> Actor:
        return actor_for(self.accounts[username])

    def at(self, days_ago: float, hour: float = 12) -> dt.datetime:
        return (
            dt.datetime.combine(self.today, dt.time(), DISTRICT_ZONE)
            - dt.timedelta(days=days_ago)
            + hour * HOUR
        )

    def then(self, moment: dt.datetime, act: Callable[[], Any]) -> Any:
        with clock.fixed(moment):
            return act()

    def announced(
        self, days_ago: float, starts: dt.datetime, hours: float, title: str, kind: str, **more: Any
    ) -> Session:
        self.number += 1
        new = NewActivity(
            kind="service", category=kind, place_code=COMMUNITY, organiser_id=self.team, title=title,
            where="东日社区党群服务中心门前集合",
        )  # fmt: skip
        times = [NewSession(starts_at=starts, ends_at=starts + hours * HOUR, **more)]
        key = uuid5(KEYS, f"cast {self.number}")
        made: Activity = self.then(
            self.at(days_ago), lambda: announce(actor=self.who("leader"), new=new, sessions=times, key=key)
        )
        return made.sessions.get()

    def joined(self, moment: dt.datetime, session: Session, *usernames: str) -> None:
        for username in usernames:
            actor = self.who(username)
            who = Applicant(person_id=int(actor.person_id or 0))
            self.then(moment, partial(join, actor=actor, session_id=session.pk, who=who))

    def held(self, session: Session, minutes_late: int = 3) -> None:
        """The leader ticks the resident in and out."""
        came = session.starts_at + dt.timedelta(minutes=minutes_late)
        person = int(self.who("resident").person_id or 0)
        present = [Presence(person_id=person, in_at=came, out_at=session.ends_at + dt.timedelta(minutes=2))]
        self.then(
            session.ends_at + HOUR / 4,
            lambda: tick(actor=self.who("leader"), session_id=session.pk, present=present),
        )

    def confirmed(self, session: Session) -> None:
        session.refresh_from_db()
        self.then(
            session.ends_at + HOUR / 2,
            lambda: confirm(
                actor=self.who("leader"), session_id=session.pk, expected_version=session.lock_version
            ),
        )


@transaction.atomic
def play(today: dt.date) -> int:
    """All of it or nothing, and once. Gives how many sessions are new."""
    if Activity.objects.filter(key=uuid5(KEYS, "cast 1")).exists():
        return 0
    team = (
        UnitVersion.objects.in_force(today)
        .filter(kind="volunteer_team", place_code=COMMUNITY)
        .order_by("unit_id")[0]
    )
    stage = Stage(today, {row.username: row for row in Account.objects.filter(is_demo=True)}, team.unit_id)
    _becomes_a_volunteer(stage)
    for number, days_ago in enumerate(EARNED):
        _served(stage, days_ago, number)
    _waiting(stage)
    _coming(stage)
    _slip(stage)
    return stage.number


def _becomes_a_volunteer(stage: Stage) -> None:
    actor = stage.who("resident")
    new = NewVolunteer(
        person_id=int(actor.person_id or 0),
        place_code=COMMUNITY,
        born_in=1988,
        skills=("digital",),
        times=("weekend_morning",),
    )
    (row,) = stage.then(stage.at(90), lambda: register_volunteers(actor=actor, volunteers=[new]))
    stage.then(stage.at(90), lambda: join_team(actor=actor, volunteer_id=row.pk, team_id=stage.team))


def _served(stage: Stage, days_ago: int, number: int) -> None:
    starts = stage.at(days_ago, 9)
    session = stage.announced(days_ago + 5, starts, 2.5, TITLES[number % 3], KINDS[number % 3], capacity=20)
    stage.joined(stage.at(days_ago + 2), session, "resident")
    stage.held(session)
    stage.confirmed(session)
    session.refresh_from_db()
    stage.then(
        session.ends_at + 20 * HOUR,
        lambda: approve_session(
            actor=stage.who("secretary"), session_id=session.pk, expected_version=session.lock_version
        ),
    )


def _waiting(stage: Stage) -> None:
    """One confirmed and to be approved, one over and to be confirmed."""
    to_approve = stage.announced(6, stage.at(3, 14), 2, "电动车停放引导", "order", capacity=15)
    stage.joined(stage.at(5), to_approve, "resident")
    stage.held(to_approve)
    stage.confirmed(to_approve)
    to_confirm = stage.announced(4, stage.at(1, 9), 2, "给老人送一餐", "visiting", capacity=10)
    stage.joined(stage.at(3), to_confirm, "resident")
    stage.held(to_confirm)


def _coming(stage: Stage) -> None:
    """One that is on the whole day, for trying the code; one to come; a feast."""
    stage.announced(3, stage.at(0, 6), 17, "便民服务岗全天值守", "chores", capacity=40)
    soon = stage.announced(2, stage.at(-3, 9), 2, "小区绿化带清理", "environment", capacity=12)
    stage.joined(stage.at(1), soon, "resident")
    committee = (
        UnitVersion.objects.in_force(stage.today)
        .get(kind="residents_committee", place_code=COMMUNITY)
        .unit_id
    )
    activity = NewActivity(
        kind="event", category="feast", place_code=COMMUNITY, organiser_id=committee, title="东日百家宴",
        where="东日社区活动室", text="每家带一道拿手菜，碗筷社区准备。", by_sign_up=False,
    )  # fmt: skip
    starts = stage.at(-4, 11)
    event = NewEvent(
        activity=activity, sessions=[NewSession(starts_at=starts, ends_at=starts + 3 * HOUR)],
        programme="11:00 摆桌\n11:30 开席\n13:00 居民合唱", hosts="东日社区居民委员会",
    )  # fmt: skip
    stage.then(
        stage.at(2),
        lambda: plan_event(actor=stage.who("secretary"), new=event, key=uuid5(KEYS, "cast feast")),
    )


def _slip(stage: Stage) -> None:
    """The resident has a slip for something of the cast's merchant."""
    merchant = next(grant.unit_id for grant in stage.who("merchant").grants)
    own = Volunteer.objects.get(person=stage.accounts["resident"].person)
    rows = Item.objects.in_force(stage.today).filter(merchant=merchant, points__lte=120)
    item = rows.order_by("points")[0] if rows else None
    if item is not None and own.place_code.startswith(item.place_code):
        stage.then(
            stage.at(1, 18),
            lambda: make_slip(actor=stage.who("resident"), item_id=item.pk, key=uuid5(KEYS, "cast slip")),
        )
