"""What the cast has in hand of partners, made by the very services their pages call: an agreement that runs out, people to screen and
to approve, a meeting with topics to come, a resolution to take on, a pairing with something to confirm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from doorstep.demo.cast import COMMUNITY
from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.checks import NewActivity, NewSession
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.matters.services import apply_transition
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.partnership import services_committee, services_meetings, services_pairing
from doorstep.modules.partnership.committee import voting_members
from doorstep.modules.partnership.models import Consultation
from doorstep.modules.partnership.selectors import community_unit
from doorstep.modules.partnership.services import NewAgreement, sign_agreement
from doorstep.modules.partnership.services_gatherings import NewGathering, plan_gathering
from doorstep.modules.partnership.services_resolutions import NewResolution, Tally, resolve

KEYS = UUID("c1b0a4c7-9a0e-4f5c-8d55-6a6f1d0a8e21")
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@dataclass
class Stage:
    today: dt.date
    accounts: dict[str, Account]
    firm: int
    community: int

    def who(self, username: str) -> Actor:
        return actor_for(self.accounts[username])

    def at(self, days: int, hour: float = 10) -> dt.datetime:
        """So many days from today (before it, if negative), at that hour."""
        return dt.datetime.combine(self.today, dt.time(), DISTRICT_ZONE) + days * DAY + hour * HOUR

    def then(
        self, days: int, username: str, act: Callable[..., Any], hour: float = 10, **given: object
    ) -> Any:
        """Let somebody do something on that day."""
        with clock.fixed(self.at(days, hour)):
            return act(actor=self.who(username), **given)


@transaction.atomic
def play(today: dt.date) -> int:
    """All of it or nothing, and once; nothing where the cast has no partner (a district set up before there was one). Gives how many
    meetings are new."""
    if Consultation.objects.filter(key=uuid5(KEYS, "coming")).exists():
        return 0
    accounts = {row.username: row for row in Account.objects.filter(is_demo=True)}
    partner = accounts.get("partner")
    post = Appointment.objects.filter(person=partner.person, post="unit_liaison").first() if partner else None
    unit = community_unit(COMMUNITY, today)
    if post is None or unit is None:
        return 0
    stage = Stage(today, accounts, post.unit_id, unit.unit_id)
    _agrees(stage)
    _recommends(stage)
    _met(stage)
    _meets(stage)
    _paired(stage)
    _gathers(stage)
    return 2


def _agrees(stage: Stage) -> None:
    new = NewAgreement(
        unit_id=stage.firm, place_code=COMMUNITY, valid_from=stage.today - 345 * DAY, valid_to=stage.today + 20 * DAY,
        about="开放会议室和停车位，每季度办一次手机课堂", document="演示共建〔联〕1号",
    )  # fmt: skip
    stage.then(-345, "secretary", lambda actor: sign_agreement(actor=actor, new=new))


def _recommends(stage: Stage) -> None:
    """One waits for the community, one for the street. Their seats begin with the agreement they go on by."""
    for number, (days, name) in enumerate(((-4, "演示荐一"), (-12, "演示荐二"))):
        new = services_committee.NewNomination(
            place_code=COMMUNITY, unit_id=stage.firm, name=name, affiliation="示例海韵科技有限公司党支部",
            valid_from=stage.today + 5 * DAY, valid_to=stage.today + 5 * DAY + 1000 * DAY, has_vote=number == 1,
            why="热心社区事务，懂技术", key=uuid5(KEYS, f"nomination {number}"),
        )  # fmt: skip
        row = stage.then(days, "partner", services_committee.recommend, new=new)
        if number == 1:
            stage.then(-9, "secretary", services_committee.screen, matter_id=row.pk, note="支部已听取意见")


def _called(stage: Stage, key: str, called: int, held: int, title: str) -> Consultation:
    new = services_meetings.NewConsultation(
        place_code=COMMUNITY, title=title, starts_at=stage.at(held, 18.5), ends_at=stage.at(held, 19.75),
        where="东日社区党群服务中心", key=uuid5(KEYS, key),
    )  # fmt: skip
    meeting: Consultation = stage.then(
        called, "secretary", lambda actor: services_meetings.call_consultation(actor=actor, new=new)
    )
    return meeting


def _topic(stage: Stage, meeting: Consultation, days: int, title: str, text: str) -> Any:
    new = services_meetings.NewTopic(
        consultation_id=meeting.pk, unit_id=stage.firm, title=title, text=text, key=uuid5(KEYS, title)
    )
    return stage.then(days, "partner", lambda actor: services_meetings.bring_topic(actor=actor, new=new))


def _met(stage: Stage) -> None:
    """A meeting five weeks ago: two things resolved, one of them under way at the firm, one to be confirmed."""
    meeting = _called(stage, "met", -60, -35, "停车和充电协商议事会")
    topic = _topic(stage, meeting, -55, "晚间共享停车位", "公司地面车位晚上空着，可以给居民用。")
    stage.then(
        -52,
        "secretary",
        lambda actor: services_meetings.screen_topic(actor=actor, topic_id=topic.pk, take=True),
    )
    voting = voting_members(stage.community, stage.today - 35 * DAY) or 1
    held = services_meetings.Held(
        present=max(1, voting - 1), decisions="同意错时开放，先试三个月。", key=uuid5(KEYS, "met")
    )
    kept = stage.then(
        -34, "secretary",
        lambda actor: services_meetings.keep_minutes(actor=actor, consultation_id=meeting.pk, held_as=held),
    )  # fmt: skip
    office = UnitVersion.objects.in_force(stage.today).get(kind="residents_committee", place_code=COMMUNITY)
    tally = Tally(votes_for=held.present)
    new = [
        NewResolution(
            title="公司车位晚七点到早七点向居民开放", unit_id=stage.firm, topic_id=topic.pk, tally=tally
        ),
        NewResolution(title="每季度办一次手机课堂", unit_id=stage.firm, category="long", tally=tally),
        NewResolution(
            title="楼下装两处电动车充电桩", unit_id=office.unit_id, category="pressing", tally=tally
        ),
    ]
    rows = stage.then(
        -34, "secretary", lambda actor: resolve(actor=actor, minutes_id=kept.minutes_id, resolutions=new)
    )
    stage.then(-30, "partner", lambda actor: _step(actor, rows[0].pk, "accept", "已报公司同意"))
    stage.then(-28, "partner", lambda actor: _step(actor, rows[1].pk, "accept", "已列入计划"))
    stage.then(-3, "partner", lambda actor: _step(actor, rows[1].pk, "handle", "本季度课堂已办，来了三十人"))


def _step(actor: Actor, matter_id: int, name: str, note: str) -> Any:
    return apply_transition(actor=actor, matter_id=matter_id, name=name, inputs=Inputs(note=note))


def _meets(stage: Stage) -> None:
    """A meeting to come, with a topic that nobody has screened yet."""
    meeting = _called(stage, "coming", -6, 22, "暑期安排协商议事会")
    _topic(stage, meeting, -2, "暑期托管借用会议室", "公司会议室白天可以借给孩子们写作业。")


def _paired(stage: Stage) -> None:
    department = Appointment.objects.filter(
        person=stage.accounts["department"].person, post="department_officer"
    ).first()
    assert department is not None
    new = services_pairing.NewPairing(
        department_id=department.unit_id, place_code=COMMUNITY, valid_from=stage.today - 200 * DAY,
        valid_to=stage.today + 165 * DAY, aim="把老旧楼院的漏雨和楼道灯先修好", document="演示结对〔联〕1号",
    )  # fmt: skip
    row = stage.then(-200, "district", lambda actor: services_pairing.pair(actor=actor, new=new))
    items = [
        stage.then(
            -190, "department", services_pairing.plan_item, pairing_id=row.pk, what=what, due_on=stage.today + due * DAY
        )
        for what, due in (("查一遍屋面漏雨", -60), ("换三百盏楼道灯", 30), ("教居民看维修账", 90))
    ]  # fmt: skip
    deed = services_pairing.NewDeed(
        pairing_id=row.pk, kind="deed", day=stage.today - 70 * DAY, what="请人查了二十二栋楼的屋面，列出漏点清单", people=120,
        item_id=items[0].pk, key=uuid5(KEYS, "deed 1"),
    )  # fmt: skip
    done = stage.then(-69, "department", lambda actor: services_pairing.record_deed(actor=actor, new=deed))
    stage.then(-66, "secretary", lambda actor: services_pairing.confirm_deed(actor=actor, deed_id=done.pk))
    visit = services_pairing.NewDeed(
        pairing_id=row.pk, kind="visit", day=stage.today - 5 * DAY, what="局里来走访，听居民说楼道灯", people=15,
        key=uuid5(KEYS, "deed 2"),
    )  # fmt: skip
    stage.then(-5, "department", lambda actor: services_pairing.record_deed(actor=actor, new=visit), hour=16)


def _gathers(stage: Stage) -> None:
    activity = NewActivity(
        kind="joint", category="learning", place_code=COMMUNITY, organiser_id=stage.community, title="手机课堂：拍照和防骗",
        where="示例海韵科技有限公司一楼会议室", by_sign_up=False,
    )  # fmt: skip
    times = [NewSession(starts_at=stage.at(8, 9), ends_at=stage.at(8, 11))]
    new = NewGathering(activity=activity, sessions=times, unit_ids=(stage.firm,))
    stage.then(
        -1, "secretary", lambda actor: plan_gathering(actor=actor, new=new, key=uuid5(KEYS, "gathering"))
    )
