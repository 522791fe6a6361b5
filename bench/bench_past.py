"""Bringing an office's past cases in: 60,000 matters of five steps each, with every rule, history and audit row."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Iterator

from django.conf import settings

from bench.measuring import DEMO_DAY, Measured, Stage, bench
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.matters.models import Deadline, History, Matter
from doorstep.kernel.matters.services import NewMatter
from doorstep.kernel.matters.services_past import PastMatter, PastStep, bring_past, key_of
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.shared import clock

NUMBER = 60_000
PAUSE = dt.timedelta(days=7)
FIRST = dt.datetime(2024, 6, 3, tzinfo=dt.UTC)
CATEGORIES = ("environment", "livelihood", "dispute", "security", "safety")
WORDS = (
    "楼道灯不亮", "垃圾没有清运", "电动车堵住单元门", "下水管堵了往外冒", "夜里施工太吵", "路面塌了一块", "健身器材坏了",
    "狗不拴绳", "油烟直排窗口", "树枝压着电线", "电梯总是停", "水压太小", "门禁坏了进不去", "消防通道停车", "墙皮往下掉",
    "井盖响", "邻居占用楼道", "路灯白天也亮", "小广告贴满墙", "绿化带被踩坏",
)  # fmt: skip


@bench("60,000 past cases of five steps brought in", aim=180)
def past_cases(stage: Stage) -> Measured:
    with stage.demo(), clock.fixed(DEMO_DAY):
        actor = actor_for(Account.objects.get(username="district"))
        had = [model.objects.count() for model in (Matter, History, Entry, Deadline)]
        started = time.perf_counter()
        outcome = bring_past(actor=actor, cases=_cases())
        seconds = time.perf_counter() - started
        assert (outcome.added, outcome.problems) == (NUMBER, []), outcome.problems[:3]
        now = [model.objects.count() for model in (Matter, History, Entry, Deadline)]
        matters, history, entries, deadlines = (
            after - before for after, before in zip(now, had, strict=True)
        )
        assert (matters, history, entries) == (NUMBER, NUMBER * 6, NUMBER * 6) and deadlines == NUMBER * 4
        note = f"{history:,} history, {entries:,} audit, {deadlines:,} deadlines; {seconds / NUMBER * 1000:.2f} ms each"
        return Measured(seconds, note=note)


def _cases() -> Iterator[PastMatter]:
    chance = random.Random(1)
    workers = list(
        Appointment.objects.in_force()
        .filter(post="grid_worker", place_code__startswith=settings.HOME_PLACE)
        .values_list("person_id", "unit_id", "places__code")
    )
    others = list(
        Appointment.objects.in_force().filter(post="street_officer").values_list("person_id", "unit_id")
    )
    for number in range(NUMBER):
        worker, unit, place = chance.choice(workers)
        checker, street = chance.choice(others)
        opened = FIRST + dt.timedelta(minutes=17 * number)
        hour = dt.timedelta(hours=chance.expovariate(1 / 10))
        text = "，".join(chance.sample(WORDS, 3)) + f"，{number % 90}号楼{number % 6}单元。"
        yield PastMatter(
            number=number,
            new=NewMatter(
                kind="request", place_code=place, category=chance.choice(CATEGORIES), title=text[:20], text=text, source="hotline", holder_id=unit,
                reporter_id=worker, key=key_of("bench", str(number)),
            ),
            at=opened,
            steps=(
                PastStep(name="accept", at=opened + hour, person_id=worker, unit_id=unit),
                PastStep(name="suspend", at=opened + hour * 2, person_id=worker, unit_id=unit, inputs=Inputs(note="等材料", until=(opened + hour * 2 + PAUSE).date())),
                PastStep(name="resume", at=opened + hour * 3, person_id=worker, unit_id=unit),
                PastStep(name="handle", at=opened + hour * 4, person_id=worker, unit_id=unit, inputs=Inputs(note="已经办好")),
                PastStep(name="verify", at=opened + hour * 5, person_id=checker, unit_id=street, inputs=Inputs(note="已核实")),
            ),
        )  # fmt: skip
