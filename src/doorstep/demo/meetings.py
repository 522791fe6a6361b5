"""Two years of meetings of the demo district, by the rules that come with the platform: most held in time, some not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random
from uuid import UUID, uuid5

from django.db.models import Count

from doorstep.demo.requests.past import LOADING, demo_day
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.obligations.models import Minutes, Occurrence
from doorstep.kernel.obligations.services_deriving import derive
from doorstep.kernel.obligations.services_minutes import NewMinutes
from doorstep.kernel.obligations.services_past import bring_minutes
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.chain.models import MemberCount

KEYS = UUID("2f1c0d5e-8a43-4c1b-9f0e-6b7d3a52c914")
DAYS = 730
HELD, IN_GRACE = 0.96, 0.02  # of those whose time is up; the rest was not held
NO_QUORUM = 0.01
# The hour each kind begins at, so that no unit meets twice at once; and what it is about.
HOURS = {
    "assembly": (9, 0), "committee": (14, 0), "group": (18, 30), "lecture": (10, 30), "appraisal": (15, 30),
    "supervision": (14, 0), "feedback": (16, 0), "coordination": (15, 0),
}  # fmt: skip
TOPICS = {
    "assembly": ("学习和讨论支部工作", "通报季度工作，讨论发展党员", "讨论楼院整治安排"),
    "committee": ("研究本月安排", "研究党员联系户", "研究楼栋小组活动"),
    "group": ("学习和分工", "商量楼道里的事", "谈心和认领任务"),
    "lecture": ("书记讲党课",), "appraisal": ("年度民主评议",),
    "supervision": ("检查共建项目进展",),
    "feedback": ("向共建单位反馈在职党员服务情况",),
    "coordination": ("研究停车和老楼院整治", "协调新兴领域党建和驿站建设", "研究跨部门的治理难题"),
}  # fmt: skip


def is_missing() -> bool:
    return not Minutes.objects.filter(kind="assembly").exists()


def load() -> int:
    """Derive what was owed in the two years and bring the meetings in; gives how many. Called again it changes nothing."""
    actor, today = system_actor(LOADING), demo_day()
    with clock.fixed(today):
        since = today - dt.timedelta(days=DAYS)
        derive(actor=actor, since=since)
        return bring_minutes(actor=actor, cases=list(_meetings(since, today)), since=since)


def _meetings(since: dt.date, today: dt.date) -> Iterator[NewMinutes]:
    members = dict(MemberCount.objects.order_by("counted_on").values_list("unit_id", "full"))
    seats = dict(
        Appointment.objects.in_force(today)
        .filter(post__in=("branch_secretary", "branch_committee_member"))
        .values("unit_id")
        .annotate(number=Count("pk"))
        .values_list("unit_id", "number")
    )
    rows = Occurrence.objects.filter(starts_on__lt=today, closes_on__gte=since, code__in=HOURS).order_by(
        "unit_id", "code", "starts_on"
    )  # joint meetings and activities come in with the partners
    taken: set[tuple[int, dt.datetime]] = set()
    for row in rows:
        random = Random(f"{row.unit_id} {row.code} {row.starts_on}")
        day = _day(row, random, today)
        if day is None:
            continue
        entitled = {"committee": seats.get(row.unit_id, 3), "group": 3 + random.randrange(6)}.get(
            row.code, members.get(row.unit_id) or 12 + random.randrange(20)
        )
        share = 0.4 if random.random() < NO_QUORUM else 0.7 + 0.3 * random.random()
        starts = dt.datetime.combine(day, dt.time(*HOURS[row.code]), DISTRICT_ZONE)
        if (row.unit_id, starts) in taken:
            continue  # one held in the grace of a period, on the very day of the next
        taken.add((row.unit_id, starts))
        yield NewMinutes(
            kind=row.code, unit_id=row.unit_id, starts_at=starts, ends_at=starts + dt.timedelta(minutes=75),
            where="社区党群服务中心", entitled=max(entitled, 1), present=max(1, round(share * entitled)),
            agenda=random.choice(TOPICS[row.code]), key=uuid5(KEYS, f"{row.unit_id} {row.code} {row.starts_on}"),
        )  # fmt: skip


def _day(row: Occurrence, random: Random, today: dt.date) -> dt.date | None:
    """A weekday of the period, or of its grace; None where it was not held, or is still to come."""
    lot, span = random.random(), (row.due_on - row.opens_on).days
    day = row.opens_on + dt.timedelta(days=int(span * (0.15 + 0.8 * random.random())))
    if HELD <= lot < HELD + IN_GRACE:
        day = row.closes_on
    while day.weekday() > 4:
        day -= dt.timedelta(days=1)
    held = lot < HELD + IN_GRACE and row.opens_on <= day < today
    return day if held else None
