"""What the cast has in hand of the vanguard, made by the very services their pages call: wishes on the board of the member's
community, one waiting for the resident's word and one for the secretary's, a report to be received, a call-up with shifts.
"""

from __future__ import annotations

import datetime as dt
from uuid import uuid5

from django.db import transaction

from doorstep.demo.cast import COMMUNITY, STREET
from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.checks import NewSession
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.matters.services import apply_transition
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.modules.vanguard.models import Callup
from doorstep.modules.vanguard.services_callups import (
    NewCallup,
    NewPosition,
    add_position,
    answer_call,
    call,
    call_up,
)
from doorstep.modules.vanguard.services_members import NewMember, receive, report_in
from doorstep.modules.vanguard.services_wishes import NewWish, claim, collect_wish, make_wish, serve

from .services import KEYS

HOUR = dt.timedelta(hours=1)


def _actor(username: str) -> Actor:
    return actor_for(Account.objects.get(username=username))


def _at(today: dt.date, days_ago: float, hour: int = 10) -> dt.datetime:
    noon = dt.datetime.combine(today, dt.time(), clock.DISTRICT_ZONE)
    return noon - dt.timedelta(days=days_ago) + hour * HOUR


@transaction.atomic
def play(today: dt.date) -> int:
    """All of it or nothing, and once. Gives how many wishes there are."""
    key = uuid5(KEYS, "cast callup")
    if Callup.objects.filter(key=key).exists():
        return 0
    helper = _somebody_reports_in(today)
    number = _wishes(today, helper)
    _callup(today)
    return number


def _somebody_reports_in(today: dt.date) -> Actor:
    """The team's leader, who works elsewhere, was seen by the secretary; the property manager is to be received today."""
    with clock.fixed(_at(today, 20)):
        new = _member(_actor("leader"))
        row = report_in(actor=_actor("leader"), new=new)
        receive(actor=_actor("secretary"), member_id=row.pk)
    with clock.fixed(_at(today, 1)):
        report_in(actor=_actor("property"), new=_member(_actor("property")))
    return _actor("leader")


def _member(actor: Actor) -> NewMember:
    return NewMember(person_id=int(actor.person_id or 0), place_code=COMMUNITY, employer_name="演示设计院")


def _wishes(today: dt.date, helper: Actor) -> int:
    secretary, resident = _actor("secretary"), _actor("resident")
    with clock.fixed(_at(today, 6)):
        for number, (category, title) in enumerate(
            (("wish", "想要一个放大镜看报纸"), ("difficulty", "下楼取药没人陪"))
        ):
            new = NewWish(
                place_code=COMMUNITY, category=category, title=title, helped="三号楼独居老人", key=uuid5(KEYS, f"cast {number}"),
            )  # fmt: skip
            collect_wish(actor=secretary, new=new)
        asked = NewWish(
            place_code=COMMUNITY, category="wish", title="想有人教用手机挂号", helped="五号楼高龄夫妇", key=uuid5(KEYS, "cast asked"),
        )  # fmt: skip
        waiting = collect_wish(actor=secretary, new=asked)
        own = make_wish(
            actor=resident,
            new=NewWish(place_code=COMMUNITY, category="difficulty", title="家里电线老化不敢用", key=uuid5(KEYS, "cast own")),
        )  # fmt: skip
        apply_transition(actor=secretary, matter_id=own.pk, name="publish")
    with clock.fixed(_at(today, 4)):
        for row in (waiting, own):
            claim(actor=helper, wish_id=row.pk)
    with clock.fixed(_at(today, 2)):
        for row in (waiting, own):
            serve(actor=helper, wish_id=row.pk, note="上门办好了。")
        make_wish(
            actor=resident,
            new=NewWish(
                place_code=COMMUNITY,
                category="wish",
                title="想给孩子找几本旧绘本",
                key=uuid5(KEYS, "cast new"),
            ),
        )
    return 5


def _callup(today: dt.date) -> None:
    street = _actor("street")
    office = UnitVersion.objects.in_force(today).get(kind="street_office", place_code=STREET).unit_id
    party = UnitVersion.objects.in_force(today).get(kind="community_party_organisation", place_code=COMMUNITY)
    partner = next(grant.unit_id for grant in _actor("partner").grants)
    first, last = today + dt.timedelta(days=5), today + dt.timedelta(days=6)
    with clock.fixed(_at(today, 1, 15)):
        row = call_up(
            actor=street, key=uuid5(KEYS, "cast callup"),
            new=NewCallup(
                place_code=STREET, name="演示城市马拉松保障", unit_id=office, starts_on=first, ends_on=last,
                about="起点和沿线需要指路、递水和维护秩序的人。",
            ),
        )  # fmt: skip
        called = call(actor=street, callup_id=row.pk, unit_id=party.unit_id, people=12)
        call(actor=street, callup_id=row.pk, unit_id=partner, people=4)
        for number, title in enumerate(("起点指路岗", "沿线饮水岗")):
            shifts = [
                NewSession(starts_at=_at(first, -day, hour), ends_at=_at(first, -day, hour + 3), capacity=2)
                for day in (0, 1)
                for hour in (7, 10)
            ]
            add_position(
                actor=street, callup_id=row.pk, key=uuid5(KEYS, f"cast position {number}"), shifts=shifts,
                new=NewPosition(place_code=COMMUNITY, title=title, where="东日广场"),
            )  # fmt: skip
    with clock.fixed(_at(today, 1, 17)):
        answer_call(actor=_actor("secretary"), called_id=called.pk, comes=True, people=10)
