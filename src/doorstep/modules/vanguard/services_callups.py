"""Calling up for a big event: whom, positions with their shifts, the roster with its substitutes, notes from shift to shift.

Times, seats and who was there are the kernel's activities; signing up and confirming are done there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.activities.checks import NewActivity, NewSession, check_place, check_text
from doorstep.kernel.activities.models import ANNOUNCED, CANCELLED, Session, SignUp
from doorstep.kernel.activities.policies import may_organise
from doorstep.kernel.activities.services import announce, cancel_session
from doorstep.kernel.activities.services_sign_up import Applicant, hand_seat, join
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import contains
from doorstep.modules.vanguard import rules, telling
from doorstep.modules.vanguard.models import Called, Callup, HandOver, Position, Post, SeatOffer
from doorstep.modules.vanguard.policies import CALL
from doorstep.modules.vanguard.selectors import SHIFT, may_stand
from doorstep.modules.vanguard.selectors_calls import answerable
from doorstep.modules.vanguard.selectors_callups import may_enter_shift, stands_in

MOST_PEOPLE = 500
MOST_SHIFTS = 42
UNANSWERED: dict[str, Any] = {
    "answer": "", "coming": None, "reason": "", "answered_at": None, "answered_by": None,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NewCallup:
    """A call-up. `unit_id`: the unit in whose name it calls."""

    place_code: str
    name: str
    unit_id: int
    starts_on: dt.date
    ends_on: dt.date
    about: str = ""
    document: str = ""


@transaction.atomic
def call_up(*, actor: Actor, new: NewCallup, key: UUID) -> Callup:
    """A district or a street calls up. The same `key` again gives the first. Raises Refused naming the field."""
    known = Callup.objects.filter(key=key).first()
    if known is not None:
        return known
    require_place(actor, CALL, new.place_code)
    check_place(new.place_code)
    version = versions_of([new.unit_id]).get(new.unit_id)
    if version is None or not may_organise(actor, new.unit_id, new.place_code):
        raise RuleViolation(_("请选您所在的单位。"), field="unit")
    match rules.callup_fault(new.starts_on, new.ends_on):
        case "order":
            raise RuleViolation(_("结束日期不能早于开始。"), field="ends_on")
        case "long":
            raise RuleViolation(_("一次集结最长 120 天。"), field="ends_on")
    if new.ends_on < clock.today():
        raise RuleViolation(_("日期已经过去。"), field="ends_on")
    made, is_new = Callup.objects.get_or_create(
        key=key,
        defaults={
            "place_code": new.place_code, "name": check_text(new.name, "name", 80, _("请填集结的名称。")),
            "about": check_text(new.about, "about", 1000), "unit_id": new.unit_id,
            "document": check_text(new.document, "document", 80), "starts_on": new.starts_on, "ends_on": new.ends_on,
            "made_by_id": actor.person_id, "made_at": clock.now(),
        },
    )  # fmt: skip
    if is_new:
        record(actor, Act("vanguard.called_up", made, made.place_code, {"name": [None, made.name]}))
    return made


def _locked(actor: Actor, callup_id: int) -> Callup:
    rows = policy_for(Callup).visible_to(actor).select_for_update(of=("self",))
    row: Callup | None = rows.filter(pk=callup_id).first()
    if row is None:
        raise NotVisible(_("没有找到这次集结。"))
    policy_for(Callup).require(actor, "call", row)
    if row.ended_at is not None:
        raise Conflict(_("这次集结已经收尾。"))
    return row


@transaction.atomic
def call(
    *, actor: Actor, callup_id: int, people: int, unit_id: int | None = None, post_id: int | None = None
) -> Called:
    """Call a unit or a vanguard post, for so many people, and tell its people. With another number it is asked anew, and has not
    answered; with the same nothing changes. Raises Refused."""
    row = _locked(actor, callup_id)
    if (unit_id is None) == (post_id is None):
        raise RuleViolation(_("请选一个单位，或者一个先锋岗。"), field="unit")
    if not 1 <= people <= MOST_PEOPLE:
        raise RuleViolation(_("人数应在 1 到 %d 之间。") % MOST_PEOPLE, field="people")
    if unit_id is not None:
        version = versions_of([unit_id]).get(unit_id)
        there = version is not None and contains(row.place_code, version.place_code)
    else:
        post = policy_for(Post).visible_to(actor).filter(pk=post_id).first()
        there = post is not None and contains(row.place_code, post.place_code)
    if not there:
        raise RuleViolation(_("没有找到，或者它不在这次集结的范围里。"), field="unit" if unit_id else "post")
    target: dict[str, Any] = {"unit_id": unit_id, "post_id": post_id}
    if (known := Called.objects.filter(callup=row, people=people, **target).first()) is not None:
        return known
    made, is_new = Called.objects.update_or_create(
        callup=row, **target, defaults={"people": people, **UNANSWERED}
    )
    changes = {"unit": unit_id, "post": post_id, "people": people}
    record(actor, Act("vanguard.called" if is_new else "vanguard.called_again", row, row.place_code, changes))
    telling.tell_called(actor, [made], telling.CALLED if is_new else telling.CALLED_AGAIN)
    return made


@transaction.atomic
def answer_call(
    *, actor: Actor, called_id: int, comes: bool, people: int | None = None, reason: str = ""
) -> Called:
    """One that is called says with how many people it comes, or why nobody does; anew until the call-up is over. Who calls up
    enters what they were told by telephone. The same again changes nothing.

    Raises NotVisible, NotAllowed, Conflict when it is over, RuleViolation naming the field.
    """
    seen = policy_for(Called).visible_to(actor).filter(pk=called_id).select_related("callup").first()
    if seen is None:
        raise NotVisible(_("没有找到这次集结。"))
    policy_for(Called).require(actor, "answer", seen)
    callup = Callup.objects.select_for_update().get(pk=seen.callup_id)  # as calling and ending do, first
    if not answerable(callup):
        raise Conflict(_("这次集结已经结束，不用再答复。"))
    row = Called.objects.select_for_update(of=("self",)).select_related("callup").get(pk=called_id)
    given = _answer(comes, people, reason)
    before = {name: getattr(row, name) for name in given}
    if before == given:
        return row
    for name, value in given.items():
        setattr(row, name, value)
    row.answered_at, row.answered_by_id = clock.now(), actor.person_id
    row.save(update_fields=[*given, "answered_at", "answered_by"])
    changes = {"called": row.pk, **{name: [before[name], given[name]] for name in ("answer", "coming")}}
    record(
        actor, Act("vanguard.call_answered", callup, callup.place_code, changes, words={"reason": row.reason} if row.reason else {})
    )  # fmt: skip
    if not comes:
        telling.tell_caller(actor, row)
    return row


def _answer(comes: bool, people: int | None, reason: str) -> dict[str, Any]:
    """The columns of an answer. Raises RuleViolation naming the field."""
    if not comes:
        words = check_text(reason, "reason", 200, _("请写一句为什么来不了，发起单位好另找人。"))
        return {"answer": "no", "coming": None, "reason": words}
    if people is None or not 1 <= people <= MOST_PEOPLE:
        raise RuleViolation(
            _("请填能来几人，1 到 %d；一个人也来不了的，选“来不了”。") % MOST_PEOPLE, field="people"
        )
    return {"answer": "yes", "coming": people, "reason": ""}


@dataclass(frozen=True, kw_only=True)
class NewPosition:
    """Where people stand, with its shifts. `capacity`: seats of each shift."""

    place_code: str
    title: str
    where: str
    text: str = ""
    phone: str = ""


@transaction.atomic
def add_position(
    *, actor: Actor, callup_id: int, new: NewPosition, shifts: Sequence[NewSession], key: UUID
) -> Position:
    """A position of a call-up with its shifts, each of a number of seats, within its days. The same `key` again gives the
    first. Raises Refused naming the field; RuleViolation for shifts of the position that overlap."""
    row = _locked(actor, callup_id)
    if not contains(row.place_code, new.place_code):
        raise RuleViolation(_("岗位须在这次集结的范围里。"), field="place_code")
    check_shifts(row, shifts)
    activity = announce(
        actor=actor, key=key, sessions=shifts,
        new=NewActivity(
            kind=SHIFT, place_code=new.place_code, organiser_id=row.unit_id, title=new.title, where=new.where, text=new.text,
            phone=new.phone, is_public=False,
        ),
    )  # fmt: skip
    made, is_new = Position.objects.get_or_create(
        activity=activity, defaults={"callup": row, "place_code": new.place_code}
    )
    if is_new:
        changes = {"callup": row.pk, "shifts": len(shifts)}
        record(actor, Act("vanguard.position_added", made, made.place_code, changes))
    return made


def check_shifts(row: Callup, shifts: Sequence[NewSession]) -> None:
    """Raises RuleViolation for none, too many, one without seats, outside the days, or over another of the same position."""
    if not 1 <= len(shifts) <= MOST_SHIFTS:
        raise RuleViolation(_("一个岗位排 1 到 %d 个班次。") % MOST_SHIFTS, field="shifts")
    ordered = sorted(shifts, key=lambda each: each.starts_at)
    for before, after in pairwise(ordered):
        if after.starts_at < before.ends_at:
            raise RuleViolation(_("同一岗位的班次时间不能重叠，下一班从上一班结束时开始。"), field="shifts")
    for each in ordered:
        if each.capacity is None:
            raise RuleViolation(_("请填每班要几个人。"), field="capacity")
        if not row.starts_on <= clock.day_of(each.starts_at) <= row.ends_on:
            raise RuleViolation(_("班次须在 %(first)s 至 %(last)s 之间。") % {"first": row.starts_on, "last": row.ends_on}, field="shifts")  # fmt: skip


@transaction.atomic
def end_callup(*, actor: Actor, callup_id: int, reason: str) -> Callup:
    """It is over, or called off: shifts still to come are cancelled, and who is in them is told why; what was held stays. Those who
    were called and did not say no are told that nobody is wanted any more."""
    row = _locked(actor, callup_id)
    reason = check_text(reason, "reason", 200, _("请写明收尾或取消的原因，未到的班次会取消并通知。"))
    coming = Session.objects.filter(
        activity__vanguard_position__callup=row, state=ANNOUNCED, starts_at__gt=clock.now()
    )
    for session in coming.order_by("pk"):
        cancel_session(
            actor=actor, session_id=session.pk, reason=reason, expected_version=session.lock_version
        )
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    record(actor, Act("vanguard.callup_ended", row, row.place_code, words={"reason": reason}))
    telling.tell_called(actor, Called.objects.filter(callup=row).exclude(answer="no"), telling.OVER)
    return row


@transaction.atomic
def assign(*, actor: Actor, session_id: int, person_id: int) -> SignUp:
    """The organiser puts somebody who may stand into a shift, asked beforehand. Raises Refused."""
    session = Session.objects.filter(pk=session_id, kind=SHIFT).first()
    if session is None or not may_stand(person_id, session.place_code):
        raise RuleViolation(
            _("只能安排已报到的在职党员，或者先锋岗、责任区、项目的在任党员。"), field="person"
        )
    return join(actor=actor, session_id=session_id, who=Applicant(person_id=person_id))


@transaction.atomic
def offer_seat(*, actor: Actor, session_id: int) -> SeatOffer:
    """Ask for a substitute in one's own shift, before it begins. One goes on holding the place. The same again changes nothing."""
    session = _shift(session_id)
    person = actor.person_id
    if person is None or not stands_in(person, session.pk):
        raise NotVisible(_("您不在这一班里。"))
    if clock.now() >= session.starts_at:
        raise Conflict(_("这一班已经开始，请联系组织者。"))
    known = SeatOffer.objects.filter(
        session=session, person_id=person, taken_at=None, withdrawn_at=None
    ).first()
    if known is not None:
        return known
    made = SeatOffer(session=session, person_id=person, place_code=session.place_code, at=clock.now())
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as clash:
        raise Conflict(_("刚刚已经提出，请刷新后再看。")) from clash
    _told(actor, "vanguard.seat_offered", made, person)
    return made


@transaction.atomic
def take_back_offer(*, actor: Actor, offer_id: int) -> SeatOffer:
    """Ask no longer: the place is still one's own."""
    row = _offer(offer_id)
    if row.person_id != actor.person_id:
        raise NotVisible(_("没有找到这条请求。"))
    row.withdrawn_at = clock.now()
    row.save(update_fields=["withdrawn_at"])
    _told(actor, "vanguard.offer_withdrawn", row, row.person_id)
    return row


@transaction.atomic
def take_seat(*, actor: Actor, offer_id: int) -> SeatOffer:
    """Stand in for somebody: the place passes in one step, past the waiting list, for both have agreed. Of two at once one has
    it. Raises Refused in the user's words."""
    row = _offer(offer_id)
    person = actor.person_id
    if person is None or not may_stand(person, row.place_code):
        raise NotAllowed(_("报到的在职党员和在任的先锋党员才能接替。"))
    if row.person_id == person:
        raise RuleViolation(_("这是您自己的班，不用接替。"))
    hand_seat(
        actor=actor, session_id=row.session_id, from_person_id=row.person_id, who=Applicant(person_id=person)
    )
    row.taken_by_id, row.taken_at = person, clock.now()
    row.save(update_fields=["taken_by", "taken_at"])
    _told(actor, "vanguard.seat_taken", row, row.person_id)
    return row


def _offer(offer_id: int) -> SeatOffer:
    """An open offer, its row locked. Raises NotVisible, or Conflict where it is taken or withdrawn."""
    row = SeatOffer.objects.select_for_update().filter(pk=offer_id).first()
    if row is None:
        raise NotVisible(_("没有找到这条请求。"))
    if row.taken_at is not None or row.withdrawn_at is not None:
        raise Conflict(_("已经有人接替，或者他不再请人接替了。"))
    return row


def _told(actor: Actor, action: str, row: SeatOffer, person: int | None) -> None:
    record(actor, Act(action, row, row.place_code, {"session": row.session_id}, person_ref=person))


@transaction.atomic
def hand_over(*, actor: Actor, session_id: int, text: str) -> HandOver:
    """Leave a note to the next shift of the same position: by who stands in this one, or organises it. Not before it begins."""
    session = _shift(session_id)
    if not may_enter_shift(actor, session):
        raise NotVisible(_("没有找到这个班次。"))
    if session.state == CANCELLED or clock.now() < session.starts_at:
        raise Conflict(_("这一班还没有开始，或者已经取消。"))
    made = HandOver.objects.create(
        session=session, place_code=session.place_code, by_id=actor.person_id, at=clock.now(),
        text=check_text(text, "text", 500, _("请写要交接的事。")),
    )  # fmt: skip
    record(actor, Act("vanguard.handed_over", made, made.place_code, {"session": session.pk}))
    return made


def _shift(session_id: int) -> Session:
    row = Session.objects.select_related("activity").filter(pk=session_id, kind=SHIFT).first()
    if row is None:
        raise NotVisible(_("没有找到这个班次。"))
    return row


__all__ = [
    "NewCallup", "NewPosition", "add_position", "answer_call", "assign", "call", "call_up", "check_shifts", "end_callup", "hand_over", "offer_seat",
    "take_back_offer", "take_seat",
]  # fmt: skip
