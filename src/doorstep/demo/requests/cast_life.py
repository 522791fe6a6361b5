"""What each member of the cast has in hand on the first day, made by the very services their pages call.

Everything happened at noon of one of the days before; nothing is dated today, so that whatever somebody does next comes
after it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid5

from django.db import transaction

from doorstep.demo.cast import COMMUNITY, NEIGHBOUR, OUTSIDE, STREET
from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.selectors import rulebook_for
from doorstep.kernel.matters.services_past import key_of
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.matters.sweep import sweep
from doorstep.kernel.matters.working_days import due_after, end_of
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.modules.requests import services_whistle as whistle
from doorstep.modules.requests.services import Report, on_the_spot, report
from doorstep.modules.requests.services_feedback import rate
from doorstep.modules.requests.services_taking import take

from . import seasons, words

KEYS = key_of("演示人员", "诉求")


@dataclass
class Stage:
    """The cast on any of the days before. `number` counts reports, which makes their keys the same each time."""

    today: dt.date
    accounts: dict[str, Account]
    units: dict[tuple[str, str], int]
    number: int = 0
    departments: dict[str, int] = field(default_factory=dict)

    def who(self, username: str) -> Actor:
        return actor_for(self.accounts[username])

    def on(self, days_ago: int, act: Callable[[], Any]) -> Any:
        with clock.fixed(self.today - dt.timedelta(days=days_ago)):
            return act()

    def reported(self, days_ago: int, by: str, item: str, place: str, text: str = "", **more: Any) -> Matter:
        """Somebody reports; residents and merchants by phone, staff at the counter or on their round."""
        source = {"resident": "phone", "merchant": "phone", "worker": "worker", "hotline": "hotline"}.get(
            by, "counter"
        )
        self.number += 1
        new = Report(
            source=source, text=f"{text or words.TROUBLES[item][self.number % len(words.TROUBLES[item])]}。",
            item_code=item, place_code=place, key=uuid5(KEYS, str(self.number)), **more,
        )  # fmt: skip
        return self.on(days_ago, lambda: report(actor=self.who(by), new=new).matter)

    def step(self, days_ago: int, by: str, matter: Matter, name: str, **inputs: Any) -> None:
        self.on(
            days_ago,
            lambda: take(actor=self.who(by), matter_id=matter.pk, name=name, inputs=Inputs(**inputs)),
        )

    def closed(self, days_ago: int, matter: Matter, by: str = "worker", checker: str = "secretary") -> None:
        """Accepted, handled and checked, the last on this day."""
        self.step(days_ago + 2, by, matter, "accept", note=words.ACCEPTED[1])
        self.step(days_ago + 1, by, matter, "handle", note=words.DONE[matter.category][0])
        self.step(days_ago, checker, matter, "verify", note=words.CHECKED[0])


@transaction.atomic
def play(today: dt.date) -> int:
    """Everything below, in order, all or nothing and once. Gives how many matters are new."""
    if Matter.objects.filter(key=uuid5(KEYS, "1")).exists():
        return 0
    rows = UnitVersion.objects.in_force(today).order_by("unit_id")
    stage = Stage(
        today, {account.username: account for account in Account.objects.filter(is_demo=True)},
        {(row.kind, row.place_code): row.unit_id for row in rows},
        departments={row.name: row.unit_id for row in rows if row.kind == "department" and row.place_code == "210202"},
    )  # fmt: skip
    before = Matter.objects.count()
    home = stage.accounts["resident"].person.place_code  # type: ignore[union-attr]  # the cast are persons
    _at_home(stage, home)
    _in_the_grid(stage, home)
    _up_the_chain(stage, home)
    _among_neighbours(stage)
    _whistles(stage)
    with clock.fixed(today):
        sweep()
    return Matter.objects.count() - before


def _at_home(stage: Stage, home: str) -> None:
    """The resident: answered and rated, answered and to be rated, in hand, just reported, asked to be done again."""
    lamp = stage.reported(24, "resident", "env.lamp", home, "单元门口的灯连着几晚没亮")
    stage.closed(20, lamp)
    stage.on(
        19,
        lambda: rate(
            actor=stage.who("resident"), matter_id=lamp.pk, solved=True, satisfaction=5, words="挺快的，谢谢"
        ),
    )
    gate = stage.reported(9, "resident", "sec.gate", home, "单元门的锁坏了，谁都能进")
    stage.closed(5, gate)
    leak = stage.reported(3, "resident", "live.leak", home, "厨房顶上滴水，楼上说不是他家")
    stage.step(2, "worker", leak, "accept", note="已联系上您，明天和楼上一起看")
    stage.reported(1, "resident", "env.bulky", home, "楼后又有人扔下一套旧沙发")
    pets = stage.reported(16, "resident", "env.pets", home, "有人遛狗从来不拴绳")
    stage.closed(12, pets)
    stage.on(
        2,
        lambda: rate(
            actor=stage.who("resident"),
            matter_id=pets.pk,
            solved=False,
            satisfaction=2,
            words="只说了几句，还是不拴",
        ),
    )


def _in_the_grid(stage: Stage, home: str) -> None:
    """The grid worker: overdue, due today or next, to be taken on, done and waiting to be checked."""
    corridor = stage.reported(14, "resident", "env.corridor", home, "楼梯拐角堆满旧鞋柜和木板")
    stage.step(13, "worker", corridor, "accept", note="已到现场看过，正在找堆放的人")
    back = _days_until_due(stage)
    today = stage.reported(back, "resident", "env.garbage", home, "分类亭门口的袋子快堆到路上了")
    stage.step(back - 1, "worker", today, "accept", note="已约清运车")
    stage.reported(
        1,
        "hotline",
        "safe.ebike",
        home,
        hotline_number="演示热线-0001",
        reporter_id=stage.accounts["resident"].person_id,
    )
    for number, item in enumerate(("env.ads", "safe.fireequipment")):
        done = stage.reported(3 + number, "worker", item, home)
        stage.step(2, "worker", done, "accept")
        stage.step(1, "worker", done, "handle", note=words.DONE[done.category][0])
    for days_ago in (2, 4, 6):
        found = Report(
            source="patrol",
            text="巡查发现楼道堆物，已劝离。",
            item_code="env.corridor",
            place_code=home,
            key=uuid5(KEYS, f"spot {days_ago}"),
        )
        spot = partial(on_the_spot, actor=stage.who("worker"), new=found, note=words.SPOT[1])
        stage.on(days_ago, spot)


def _days_until_due(stage: Stage) -> int:
    """How many days ago something of the ordinary seven days was reported that is due at the end of today; where today
    is a day off, of the next working day."""
    calendar = rulebook_for("request").calendar
    for ends_on in range(10):
        end = end_of(stage.today + dt.timedelta(days=ends_on))
        for back in range(2, 20):
            noon = seasons.at(stage.today - dt.timedelta(days=back), 12)
            if due_after(noon, 7, "natural_days", calendar).at == end:
                return back
    return 7


def _up_the_chain(stage: Stage, home: str) -> None:
    """The secretary is asked by the street, the street by the grid; a department and a property company are given work."""
    committee, works = (
        stage.units["residents_committee", COMMUNITY],
        stage.units["street_office", STREET],
    )
    housing = stage.departments["区住房和城市建设局"]
    raised = stage.reported(4, "resident", "env.sewer", home, "一楼下水往外返脏水，主管道归谁一直说不清")
    stage.step(3, "worker", raised, "accept")
    stage.step(
        1, "worker", raised, "raise", unit_id=works, internal=words.RAISED[0], note="已报街道协调权属单位"
    )
    stage.reported(1, "secretary", "env.manhole", COMMUNITY, "雨水井的盖子缺了一角，先用锥桶围上了")
    down = stage.reported(2, "street", "env.tree", COMMUNITY, "绿化带里有棵树枯了大半，怕大风刮倒")
    stage.step(1, "street", down, "dispatch", unit_id=committee, note="请社区先看现场，需要街道出人就说")
    for days_ago, accepted in ((12, True), (2, False)):
        road = stage.reported(days_ago, "secretary", "env.road", COMMUNITY)
        stage.step(days_ago - 1, "street", road, "dispatch", unit_id=housing, note=words.PASSED_ON[0])
        if accepted:
            stage.step(days_ago - 2, "department", road, "accept", note="已安排养护单位")
    returned = stage.reported(5, "secretary", "env.road", COMMUNITY, "小区入口的沥青裂开一个大坑")
    stage.step(4, "street", returned, "dispatch", unit_id=housing, note=words.PASSED_ON[0])
    stage.step(1, "department", returned, "return", internal="属小区内部道路，应由物业维修")
    _property(stage)


def _property(stage: Stage) -> None:
    """The merchant reports what is the property company's; one is new to it, one in hand."""
    company = stage.units["property_company", STREET]
    grid = next(place for grant in stage.who("property").grants for place in grant.places)
    for days_ago, item in ((2, "env.lamp"), (6, "safe.firelane")):
        given = stage.reported(days_ago, "merchant", item, grid)
        stage.step(days_ago - 1, "street", given, "dispatch", unit_id=company, note=words.PASSED_ON[1])
        if days_ago > 2:
            stage.step(days_ago - 2, "property", given, "accept", note="已安排秩序员清理")


def _among_neighbours(stage: Stage) -> None:
    """The neighbouring street has its own: unseen by the first."""
    works = stage.units["street_office", NEIGHBOUR]
    own = stage.reported(11, "outsider", "disp.property", OUTSIDE)
    stage.step(10, "outsider", own, "accept", note=words.ACCEPTED[2])
    late = stage.reported(12, "outsider", "env.fumes", OUTSIDE)
    stage.step(11, "outsider", late, "accept", note=words.ACCEPTED[0])
    raised = stage.reported(3, "outsider", "env.noise", OUTSIDE)
    stage.step(2, "outsider", raised, "accept")
    stage.step(1, "outsider", raised, "raise", unit_id=works, internal=words.RAISED[1])


def _whistles(stage: Stage) -> None:
    """A call to answer, one done that the street judges, one whose refusal the district decides, one proposed."""
    housing, city = stage.departments["区住房和城市建设局"], stage.departments["区城市管理局"]
    _whistled(stage, 1, "public_issue", 0, housing, (city,))
    judged = _whistled(stage, 12, "joint_enforcement", 1, housing)
    department = stage.who("department")
    stage.on(11, lambda: whistle.accept(actor=department, matter_id=judged))
    stage.on(10, lambda: whistle.arrive(actor=department, matter_id=judged))
    stage.on(10, lambda: whistle.plan(actor=department, matter_id=judged, words=words.PLANS[0]))
    stage.on(1, lambda: whistle.handle(actor=department, matter_id=judged, note="已联合整治，隔断全部拆除"))
    refused = _whistled(stage, 4, "key_task", 2, housing)
    stage.on(3, lambda: whistle.object_to(actor=department, matter_id=refused, reason=words.OBJECTED[0]))
    stage.on(
        2,
        lambda: whistle.escalate(
            actor=stage.who("street"), matter_id=refused, internal="部门不应哨，请区里裁定"
        ),
    )
    _proposed(stage, 1, "secretary", "public_issue", 3)


def _proposed(stage: Stage, days_ago: int, by: str, ground: str, number: int) -> int:
    title = words.WHISTLES[ground][number % len(words.WHISTLES[ground])]
    new = whistle.NewWhistle(
        place_code=COMMUNITY, ground=ground, title=title, text=f"{title}，多次协调未果，请有关部门到场。",
        arrive_by=seasons.at(stage.today - dt.timedelta(days=days_ago - 2), 10), key=uuid5(KEYS, f"whistle {number}"),
    )  # fmt: skip
    return int(stage.on(days_ago, lambda: whistle.propose(actor=stage.who(by), new=new)).pk)


def _whistled(
    stage: Stage, days_ago: int, ground: str, number: int, lead: int, others: tuple[int, ...] = ()
) -> int:
    made = _proposed(stage, days_ago, "secretary", ground, number)
    street = stage.who("street")
    stage.on(days_ago, lambda: whistle.issue(actor=street, matter_id=made, lead_id=lead, others=others))
    return made
