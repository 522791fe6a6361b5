"""Departments paired with communities: the pairing, its plan, what was done. An item of the plan is done because a confirmed deed stands
for it, never because somebody says so."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.organisations.services_bulk import locked_units
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.partnership import rules
from doorstep.modules.partnership.models import Deed, Pairing, PlanItem
from doorstep.modules.partnership.models_pairing import DEED_KINDS
from doorstep.modules.partnership.policies import SET_PAIRS, acting_units
from doorstep.modules.partnership.selectors import community_unit
from doorstep.modules.partnership.texts import plain

MOST_PEOPLE = 100_000


@dataclass(frozen=True, kw_only=True)
class NewPairing:
    """A department paired with the party organisation of a community, from a day to before another."""

    department_id: int
    place_code: str
    valid_from: dt.date
    valid_to: dt.date
    aim: str
    document: str


@transaction.atomic
def pair(*, actor: Actor, new: NewPairing) -> Pairing:
    """Pair a department with a community. Raises NotVisible, NotAllowed; RuleViolation naming the field."""
    require_place(actor, SET_PAIRS, new.place_code)
    community = community_unit(new.place_code, new.valid_from)
    if community is None:
        raise RuleViolation(_("没有找到这个社区的党组织。"), field="place_code")
    department = versions_of([new.department_id], new.valid_from).get(new.department_id)
    if department is None or department.kind != "department":
        raise RuleViolation(_("请选一个区直部门。"), field="department")
    if rules.period_fault(new.valid_from, new.valid_to):
        raise RuleViolation(
            _("止日须晚于起日，一次结对最长 %(n)d 年。") % {"n": rules.LONGEST_YEARS}, field="valid_to"
        )
    locked_units({new.department_id, community.unit_id})
    standing = Pairing.objects.filter(department_id=new.department_id, community_id=community.unit_id)
    if standing.filter(valid_from__lt=new.valid_to, valid_to__gt=new.valid_from).exists():
        raise RuleViolation(
            _("%(name)s这段时间已经与这个社区结对。") % {"name": department.name}, field="valid_from"
        )
    row = Pairing.objects.create(
        department_id=new.department_id, community_id=community.unit_id, place_code=community.place_code,
        valid_from=new.valid_from, valid_to=new.valid_to, aim=plain(new.aim, "aim", _("结对目标"), 300),
        document=plain(new.document, "document", _("文号"), 80),
    )  # fmt: skip
    changes = {"department": [None, row.department_id], "valid_from": [None, row.valid_from.isoformat()]}
    record(actor, Act("partnership.paired", row, row.place_code, changes, words={"document": row.document}))
    return row


@transaction.atomic
def end_pairing(*, actor: Actor, pairing_id: int, on: dt.date, reason: str) -> Pairing:
    """End a pairing before its time; `on` is the first day without it. Raises RuleViolation where it is over or had not begun."""
    row = _locked(actor, pairing_id)
    policy_for(Pairing).require(actor, "set", row)
    if row.valid_to is not None and row.valid_to <= on:
        raise RuleViolation(_("结对到 %(day)s 就结束了。") % {"day": row.valid_to}, field="on")
    if on <= row.valid_from:
        raise RuleViolation(_("结对 %(day)s 才开始，结束日须在其后。") % {"day": row.valid_from}, field="on")
    before, row.valid_to, row.end_reason = row.valid_to, on, plain(reason, "reason", _("原因"), 200)
    row.save(update_fields=["valid_to", "end_reason"])
    changes = {"valid_to": [before.isoformat() if before else None, on.isoformat()]}
    record(
        actor,
        Act("partnership.pairing_ended", row, row.place_code, changes, words={"reason": row.end_reason}),
    )
    return row


@transaction.atomic
def plan_item(*, actor: Actor, pairing_id: int, what: str, due_on: dt.date) -> PlanItem:
    """Add to the plan, by who acts for the department or keeps things in the community. Raises RuleViolation for a day outside the
    pairing, or the same thing by the same day twice."""
    row = _locked(actor, pairing_id)
    _require_side(actor, row)
    if not row.holds_on(due_on) or due_on < clock.today():
        raise RuleViolation(_("完成日期须在今天以后、结对期间之内。"), field="due_on")
    words = plain(what, "what", _("做什么"), 200)
    if PlanItem.objects.filter(pairing=row, what=words, due_on=due_on, dropped_at=None).exists():
        raise RuleViolation(_("计划里已经有这一项。"), field="what")
    item = PlanItem.objects.create(pairing=row, place_code=row.place_code, what=words, due_on=due_on)
    record(
        actor, Act("partnership.item_planned", item, item.place_code, {"due_on": [None, due_on.isoformat()]})
    )
    return item


@transaction.atomic
def drop_item(*, actor: Actor, item_id: int, reason: str) -> PlanItem:
    """An item that will not be done, with the reason. Raises RuleViolation where something was done for it, or it is dropped already."""
    seen = policy_for(PlanItem).visible_to(actor).filter(pk=item_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这一项计划。"))
    _require_side(actor, _locked(actor, seen.pairing_id))
    item = PlanItem.objects.select_for_update().get(pk=item_id)
    if item.dropped_at is not None:
        raise RuleViolation(_("这一项已经取消。"))
    if item.deeds.filter(struck_at=None).exists():
        raise RuleViolation(_("这一项已经有办理记录，不能取消。"))
    item.dropped_at, item.reason = clock.now(), plain(reason, "reason", _("取消原因"), 200)
    item.save(update_fields=["dropped_at", "reason"])
    act = Act("partnership.item_dropped", item, item.place_code, words={"reason": item.reason})
    record(actor, act)
    return item


@dataclass(frozen=True, kw_only=True)
class NewDeed:
    """What was done on a day; `people`: how many were served."""

    pairing_id: int
    kind: str
    day: dt.date
    what: str
    people: int = 0
    item_id: int | None = None
    key: UUID = field(default_factory=uuid4)


@transaction.atomic
def record_deed(*, actor: Actor, new: NewDeed) -> Deed:
    """Record a visit or something done, exactly once for its key; it counts when the community has confirmed it.

    Raises RuleViolation for a day to come or outside the pairing, an item of another plan or one dropped.
    """
    row = _locked(actor, new.pairing_id)
    _require_side(actor, row)
    known = Deed.objects.filter(key=new.key).first()
    if known is not None:
        return known
    if new.kind not in dict(DEED_KINDS):
        raise RuleViolation(_("请选走访或者办实事。"), field="kind")
    if new.day > clock.today():
        raise RuleViolation(_("日期在将来。办了以后再登记。"), field="day")
    if not row.holds_on(new.day):
        raise RuleViolation(_("这一天不在结对期间之内。"), field="day")
    if not 0 <= new.people <= MOST_PEOPLE:
        raise RuleViolation(_("服务人次请填 0 到 100000。"), field="people")
    if new.item_id is not None and not row.items.filter(pk=new.item_id, dropped_at=None).exists():
        raise RuleViolation(_("没有这一项计划，或者它已经取消。"), field="item")
    deed = Deed.objects.create(
        key=new.key, pairing=row, item_id=new.item_id, place_code=row.place_code, kind=new.kind, day=new.day,
        what=plain(new.what, "what", _("做了什么"), 400), people=new.people, recorded_by_id=actor.person_id,
        recorded_at=clock.now(),
    )  # fmt: skip
    changes = {"kind": [None, deed.kind], "day": [None, deed.day.isoformat()], "people": [None, deed.people]}
    record(actor, Act("partnership.deed_recorded", deed, deed.place_code, changes))
    return deed


@transaction.atomic
def confirm_deed(*, actor: Actor, deed_id: int) -> Deed:
    """The community confirms what was done; never who recorded it, and nobody of the department."""
    deed = _deed(actor, deed_id)
    policy_for(Deed).require(actor, "confirm", deed)
    if deed.recorded_by_id is not None and deed.recorded_by_id == actor.person_id:
        raise NotAllowed(_("您登记的，由社区的另一个人来确认。"))
    if deed.pairing.department_id in acting_units(actor):
        raise NotAllowed(_("部门办的事由社区确认。"))
    if deed.struck_at is not None or deed.confirmed_at is not None:
        raise RuleViolation(_("这条记录已经确认或者作废。"))
    deed.confirmed_at, deed.confirmed_by_id = clock.now(), actor.person_id
    deed.save(update_fields=["confirmed_at", "confirmed_by"])
    record(actor, Act("partnership.deed_confirmed", deed, deed.place_code, {"confirmed": [False, True]}))
    return deed


@transaction.atomic
def strike_deed(*, actor: Actor, deed_id: int, reason: str) -> Deed:
    """A record that was wrong: struck out with the reason, it counts no more; an item it stood for is open again."""
    deed = _deed(actor, deed_id)
    _require_side(actor, deed.pairing)
    if deed.struck_at is not None:
        raise RuleViolation(_("这条记录已经作废。"))
    deed.struck_at, deed.reason = clock.now(), plain(reason, "reason", _("作废原因"), 200)
    deed.save(update_fields=["struck_at", "reason"])
    record(actor, Act("partnership.deed_struck", deed, deed.place_code, words={"reason": deed.reason}))
    return deed


def _locked(actor: Actor, pairing_id: int) -> Pairing:
    if not policy_for(Pairing).visible_to(actor).filter(pk=pairing_id).exists():
        raise NotVisible(_("没有找到这对结对。"))
    return Pairing.objects.select_for_update().get(pk=pairing_id)


def _deed(actor: Actor, deed_id: int) -> Deed:
    if not policy_for(Deed).visible_to(actor).filter(pk=deed_id).exists():
        raise NotVisible(_("没有找到这条记录。"))
    return Deed.objects.select_for_update(of=("self",)).select_related("pairing").get(pk=deed_id)


def _require_side(actor: Actor, row: Pairing) -> None:
    """Of either side: who acts for the department, or keeps things in the community."""
    if row.department_id not in acting_units(actor):
        policy_for(Pairing).require(actor, "keep", row)
