"""Keeping minutes: what took place, and taking back what did not. A record proves by being there, and no longer when cancelled."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.obligations import rules
from doorstep.kernel.obligations.following import follow_cancelled
from doorstep.kernel.obligations.meetings import MEETINGS, QUORUM, WITH_QUORUM
from doorstep.kernel.obligations.models import Minutes, Proof
from doorstep.kernel.obligations.numbers import quorum_on
from doorstep.kernel.obligations.services_linking import held, link_anew, withdraw
from doorstep.kernel.obligations.services_supervision import settle
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation

MOST_PEOPLE = 10_000


@dataclass(frozen=True, kw_only=True)
class NewMinutes:
    """A meeting that took place. entitled, present: how many of those who had a voice in it came."""

    kind: str
    unit_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    where: str
    entitled: int
    present: int
    agenda: str
    decisions: str = ""
    key: UUID = field(default_factory=uuid4)


@transaction.atomic
def record_minutes(*, actor: Actor, new: NewMinutes) -> Minutes:
    """Keep minutes of a meeting, exactly once for their key. Without quorum they are kept too, and prove nothing.

    Raises NotVisible, NotAllowed, or RuleViolation naming the field: a meeting still to come, hours that cannot be, another
    meeting of the unit at the same time, more present than entitled.
    """
    held([new.unit_id])
    known = Minutes.objects.filter(key=new.key).first()
    place = _place_of(new)
    row = Minutes(
        key=new.key, kind=new.kind, unit_id=new.unit_id, place_code=place, day=clock.day_of(new.starts_at),
        starts_at=new.starts_at, ends_at=new.ends_at, entitled=new.entitled, present=new.present,
        recorded_by_id=actor.person_id, recorded_at=clock.now(),
    )  # fmt: skip
    policy_for(Minutes).require(actor, "record", row)
    if known is not None:
        return known
    _check(new)
    row.where = _text(new.where, "where", _("地点"), 120)
    row.agenda = _text(new.agenda, "agenda", _("议题"), 500)
    row.decisions = _text(new.decisions, "decisions", _("决定"), 2000, required=False)
    row.share = quorum_on(row.day) if new.kind in WITH_QUORUM else None
    row.quorate = row.share is None or rules.quorum_met(new.present, new.entitled, row.share)
    merits = [QUORUM] if row.share is not None and row.quorate else []
    row.proof = Proof.objects.create(
        kind=new.kind, unit_id=new.unit_id, place_code=place, day=row.day, merits=merits
    )
    row.save(force_insert=True)
    changes = {
        "kind": [None, row.kind], "day": [None, row.day.isoformat()], "entitled": [None, row.entitled],
        "present": [None, row.present], "quorate": [None, row.quorate],
    }  # fmt: skip
    record(actor, Act("obligations.minutes_recorded", row, place, changes))
    settle(link_anew([new.unit_id], [new.kind]))
    return row


@transaction.atomic
def cancel_minutes(*, actor: Actor, minutes_id: int, reason: str) -> Minutes:
    """Take minutes back: they stay, marked, and prove nothing from now on; what they proved is owed again, and supervised anew.

    Raises NotVisible, NotAllowed, RuleViolation without a reason or where they are cancelled already.
    """
    seen = policy_for(Minutes).visible_to(actor).filter(pk=minutes_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这份会议记录。"))
    held([seen.unit_id])
    row = Minutes.objects.select_for_update(of=("self",)).select_related("proof").get(pk=minutes_id)
    policy_for(Minutes).require(actor, "record", row)
    if row.cancelled_at is not None:
        raise RuleViolation(_("这份会议记录已经作废。"))
    row.reason = _text(reason, "reason", _("作废原因"), 200)
    row.cancelled_at, row.cancelled_by_id = clock.now(), actor.person_id
    row.save(update_fields=["reason", "cancelled_at", "cancelled_by"])
    withdraw(row.proof)
    act = Act(
        "obligations.minutes_cancelled", row, row.place_code, {"cancelled": [False, True]}, words={"reason": row.reason}
    )  # fmt: skip
    record(actor, act)
    settle(link_anew([row.unit_id], [row.kind]))
    follow_cancelled(actor, row)
    return row


def _place_of(new: NewMinutes) -> str:
    """Where the unit stood on the day of the meeting."""
    day = clock.day_of(new.starts_at)
    version: UnitVersion | None = versions_of([new.unit_id], day).get(new.unit_id)
    if version is None:
        now = versions_of([new.unit_id]).get(new.unit_id)
        if now is None:
            raise NotVisible(_("没有找到这个单位。"))
        raise RuleViolation(
            _("%(unit)s在 %(day)s 还没有成立或者已经撤销，不能登记这一天的会议。")
            % {"unit": now.name, "day": day},
            field="day",
        )
    return version.place_code


def _check(new: NewMinutes) -> None:
    if new.kind not in MEETINGS:
        raise RuleViolation(_("请选会议的种类。"), field="kind")
    match rules.hours_fault(new.starts_at, new.ends_at, clock.now()):
        case "order":
            raise RuleViolation(_("结束时间须在开始时间之后。"), field="ends")
        case "long":
            raise RuleViolation(_("一次会议不超过 12 小时，请核对开始和结束时间。"), field="ends")
        case "future":
            raise RuleViolation(_("会议还没有开完。请在开完以后登记会议记录。"), field="day")
    if not 1 <= new.entitled <= MOST_PEOPLE:
        raise RuleViolation(_("请填写应到人数，1 到 10000。"), field="entitled")
    if not 1 <= new.present <= new.entitled:
        raise RuleViolation(
            _("实到人数须在 1 到应到人数 %(entitled)d 之间。") % {"entitled": new.entitled}, field="present"
        )
    other = Minutes.objects.filter(
        unit_id=new.unit_id, cancelled_at=None, starts_at__lt=new.ends_at, ends_at__gt=new.starts_at
    ).first()
    if other is not None:
        words = {
            "kind": other.get_kind_display(), "day": other.day,
            "from": f"{other.starts_at.astimezone(clock.DISTRICT_ZONE):%H:%M}",
            "to": f"{other.ends_at.astimezone(clock.DISTRICT_ZONE):%H:%M}",
        }  # fmt: skip
        raise RuleViolation(
            _("这段时间已登记了%(kind)s（%(day)s %(from)s–%(to)s）。请核对时间；如果登记错了，先作废那一份。")
            % words,
            field="starts",
        )


def _text(text: str, field: str, name: str, longest: int, required: bool = True) -> str:
    clean = " ".join(text.split()) if longest <= 500 else text.strip()
    if required and not clean:
        raise RuleViolation(_("请填写%(field)s。") % {"field": name}, field=field)
    if len(clean) > longest or "\x00" in clean:
        raise RuleViolation(
            _("%(field)s最多 %(longest)d 字，请删短一些。") % {"field": name, "longest": longest}, field=field
        )
    return clean
