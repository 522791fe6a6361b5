"""65 brands, 12 communities' experience, four communities that were assisted and moved up, a mechanism in each street."""

from __future__ import annotations

import datetime as dt
from random import Random

from doorstep.demo.names import document
from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.coverage.models import Assistance
from doorstep.modules.coverage.services_assistance import (
    NewAssistance,
    NewDay,
    begin_assistance,
    decide_assistance,
    record_day,
)
from doorstep.modules.coverage.services_coordination import add_member
from doorstep.modules.coverage.services_pages import PageWords, approve_page, submit_page, write_page

from .words import BRANDS, EXPERIENCE, GOALS, REASON, SEEN

SHOWN = ("grids.grids", "volunteering.services", "chain.building_groups")
ADVANCED, ASSISTED = 12, 4


def communities(district: str) -> list[tuple[str, str]]:
    rows = Area.objects.filter(within("code", [district]), level="community", ended_on=None)
    return list(rows.order_by("code").values_list("code", "name"))


def publish(actor: Actor, district: str, today: dt.date) -> None:
    """Each community's brand; the experience of some."""
    places = communities(district)
    for number, (code, name) in enumerate(places):
        title, problem, way, effect = BRANDS[number % len(BRANDS)]
        short = name.removesuffix("社区")
        _page(actor, "brand", code, PageWords(
            name=f"{short}·{title}", problem=problem, way=way, effect=effect, since_day=today - dt.timedelta(days=700), indicators=SHOWN,
        ), today - dt.timedelta(days=60 + 5 * number))  # fmt: skip
    step = len(places) // ADVANCED
    for number, title in enumerate(EXPERIENCE):
        code, _name = places[number * step]
        _title, problem, way, effect = BRANDS[(number + 2) % len(BRANDS)]
        _page(actor, "experience", code, PageWords(
            name=title, problem=problem, way=way, effect=effect, since_day=today - dt.timedelta(days=700), indicators=SHOWN,
        ), today - dt.timedelta(days=40 + 20 * number))  # fmt: skip


def _page(actor: Actor, kind: str, code: str, words: PageWords, day: dt.date) -> None:
    with clock.fixed(day):
        row = write_page(actor=actor, kind=kind, place_code=code, words=words)
        submit_page(actor=actor, page_id=row.pk, expected_version=row.lock_version)
        approve_page(actor=actor, page_id=row.pk, expected_version=row.lock_version + 1)


def assist(actor: Actor, district: str, today: dt.date) -> list[Assistance]:
    """Four communities of four streets, each with days on the spot, and what came of it."""
    places = communities(district)
    streets: dict[str, list[tuple[str, str]]] = {}
    for code, name in places:
        streets.setdefault(code[:9], []).append((code, name))
    departments = list(
        UnitVersion.objects.in_force(today)
        .filter(kind="department")
        .order_by("pk")
        .values_list("unit_id", "name")[:ASSISTED]
    )
    found = []
    for number, (_street, own) in enumerate(sorted(streets.items())[:ASSISTED]):
        code, _name = own[-1]
        starts = today - dt.timedelta(days=690 - 15 * number)
        unit, department = departments[number]
        with clock.fixed(starts + dt.timedelta(days=1)):
            row = begin_assistance(actor=actor, new=NewAssistance(
                place_code=code, starts_on=starts, ends_on=starts + dt.timedelta(days=540), goal=GOALS[number], indicators=SHOWN,
                document=document("帮", starts, 1 + number), units={"department": unit},
                parts={
                    "leader": "街道党工委一名负责人挂点，每月到社区一次", "department": f"{department}结对，出人出项目",
                    "community": f"与{own[0][1]}结对，书记互访", "plan": "一张清单、一份时间表，半年对一次账",
                },
            ))  # fmt: skip
        _days(actor, row, number, starts)
        with clock.fixed(starts + dt.timedelta(days=560)):
            decide_assistance(actor=actor, assistance_id=row.pk, outcome="moved_up", reason=REASON)
        found.append(row)
    return found


def _days(actor: Actor, row: Assistance, number: int, starts: dt.date) -> None:
    for turn in range(10):
        random = Random(f"day {number} {turn}")
        day = starts + dt.timedelta(days=25 + 50 * turn + random.randrange(10))
        with clock.fixed(day + dt.timedelta(days=1)):
            record_day(actor=actor, new=NewDay(
                assistance_id=row.pk, kind="site_visit" if turn % 5 < 3 else "office_day", day=day, who="街道党工委、结对部门",
                seen=SEEN[(number + turn) % len(SEEN)],
            ))  # fmt: skip


def coordinate(actor: Actor, district: str, today: dt.date) -> None:
    """The members of each street's mechanism: the working committee convenes, the office is deputy, communities and departments."""
    rows = list(UnitVersion.objects.in_force(today).filter(within("place_code", [district])).filter(
        kind__in=("street_working_committee", "street_office", "community_party_organisation", "department"),
    ).order_by("place_code", "pk"))  # fmt: skip
    departments = [row for row in rows if row.kind == "department"][:6]
    since = today - dt.timedelta(days=720)
    for mechanism in (row for row in rows if row.kind == "street_working_committee"):
        near = [row for row in rows if row.place_code.startswith(mechanism.place_code) and row != mechanism]
        roles = [
            (mechanism, "convenor"),
            *((row, "deputy" if row.kind == "street_office" else "member") for row in near),
        ]
        for row, role in [*roles, *((row, "member") for row in departments)]:
            if row.unit.founded_on <= since:
                add_member(
                    actor=actor,
                    mechanism_id=mechanism.unit_id,
                    unit_id=row.unit_id,
                    role=role,
                    valid_from=since,
                )
