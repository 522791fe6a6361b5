"""The street whistles, departments report: proposing, screening, calling, answering, arriving, judging.

The lead's answer moves the matter by its law; a supporting department's answer is on its own call. Each department
sees and answers its own call alone; the street judges each of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.laws import Transition
from doorstep.kernel.matters.models import Matter, Participation
from doorstep.kernel.matters.policies import HANDLE
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.modules.requests.models import Request, Whistle, WhistleCall
from doorstep.modules.requests.models_whistle import WHISTLE_GRADES
from doorstep.modules.requests.selectors_whistle import CALLED_KINDS, grounds_in_force
from doorstep.modules.requests.services_calls import CallTerms
from doorstep.modules.requests.services_steps import visible_matter
from doorstep.modules.requests.states_whistle import (
    CALLED_TOO,
    CAME,
    EXCUSED,
    ISSUE,
    JOINED,
    JUDGED,
    RELEASED,
    VERIFY,
)
from doorstep.modules.requests.texts import short_text


@dataclass(frozen=True, kw_only=True)
class NewWhistle:
    """What a whistle is to be about. `request_id`: the request that led to it, if one did."""

    place_code: str
    ground: str
    title: str
    text: str
    arrive_by: dt.datetime
    request_id: int | None = None
    urgency: str = "normal"
    key: UUID = field(default_factory=uuid4)


@transaction.atomic
def propose(*, actor: Actor, new: NewWhistle) -> Whistle:
    """Propose a whistle to the street, which screens it. Exactly once for its key.

    Raises NotAllowed, or RuleViolation for no lawful ground in force, no street at the place, or a time already past.
    """
    if new.ground not in {ground.code for ground in grounds_in_force()}:
        raise RuleViolation(
            _("吹哨须有法定事由：突出公共问题、联合执法、应急处置或者重点工作。"), field="ground"
        )
    _check_time(new.arrive_by)
    if len(new.place_code) < LENGTHS["street"]:
        raise RuleViolation(_("请选街道以内的地方。"), field="place_code")
    origin = visible_matter(actor, new.request_id) if new.request_id is not None else None
    street = _street_of(actor, new.place_code)
    opened = matters.open_matter(
        actor=actor,
        new=matters.NewMatter(
            kind="whistle", place_code=new.place_code, title=new.title, text=new.text, source="street",
            category=new.ground, urgency=new.urgency, holder_id=street.unit_id, teller_id=actor.person_id, key=new.key,
            data={"ground": new.ground}, confidentiality=_confidentiality(origin),
        ),
    )  # fmt: skip
    if not opened.is_new:
        return Whistle.objects.select_related("matter").get(matter=opened.matter)
    return Whistle.objects.create(
        matter=opened.matter, request=Request.objects.get(pk=new.request_id) if new.request_id else None,
        ground=new.ground, street_id=street.unit_id, arrive_by=new.arrive_by,
    )  # fmt: skip


def _confidentiality(origin: Matter | None) -> str:
    """What a sealed request leads to is sealed; no whistle is more open than internal."""
    sealed = origin is not None and origin.confidentiality == Matter.SEALED
    return Matter.SEALED if sealed else Matter.INTERNAL


def _check_time(arrive_by: dt.datetime) -> None:
    if arrive_by <= clock.now():
        raise RuleViolation(_("到场时限须在现在以后。"), field="arrive_by")


def _street_of(actor: Actor, place_code: str) -> UnitVersion:
    """The street's office that answers for the place: the actor's own, else the one in force there."""
    rows = UnitVersion.objects.in_force().filter(
        kind__in=("street_office", "street_working_committee"), place_code=place_code[: LENGTHS["street"]]
    )
    found = list(rows.order_by("kind", "unit_id"))
    own = {grant.unit_id for grant in actor.grants}
    if not found:
        raise RuleViolation(_("这里没有在册的街道办事处，不能吹哨。"), field="place_code")
    return next((unit for unit in found if unit.unit_id in own), found[0])


@transaction.atomic
def whistle(*, actor: Actor, new: NewWhistle, lead_id: int, others: Sequence[int] = ()) -> Whistle:
    """Propose and call in one act: a street that needs no screening by anybody else. Exactly once for its key."""
    proposed = propose(actor=actor, new=new)
    if proposed.matter.state != "proposed":
        return proposed
    return issue(actor=actor, matter_id=proposed.pk, lead_id=lead_id, others=others)


@transaction.atomic
def issue(
    *, actor: Actor, matter_id: int, lead_id: int, others: Sequence[int] = (), note: str = "",
    expected_version: int | None = None,
) -> Whistle:  # fmt: skip
    """Whistle: the lead department is asked, the others are called; all of them see it from now on.

    Raises RuleViolation where a unit is not in force or is no department.
    """
    whistle = _locked(actor, matter_id)
    _check_time(whistle.arrive_by)
    called = _units([lead_id, *others])
    matters.apply_transition(
        actor=actor, matter_id=matter_id, name="issue", expected_version=expected_version,
        inputs=Inputs(
            unit_id=lead_id, note=note, end=whistle.arrive_by, data={"ground": whistle.ground, "called": sorted(called)},
        ),
    )  # fmt: skip
    _call(actor, whistle, lead_id, called)
    return _fresh(whistle)


def _units(unit_ids: Sequence[int]) -> set[int]:
    wanted = set(unit_ids)
    rows = UnitVersion.objects.in_force().filter(unit_id__in=wanted, kind__in=CALLED_KINDS)
    if set(rows.values_list("unit_id", flat=True)) != wanted:
        raise RuleViolation(_("被叫的须是在册的部门或单位。"), field="unit_id")
    return wanted


def _call(actor: Actor, whistle: Whistle, lead_id: int, called: set[int]) -> None:
    """Calls for units that have none yet; the lead's is marked as such, and no other."""
    at = clock.now()
    terms = CallTerms(whistle.matter)
    known = {call.unit_id: call for call in whistle.calls.filter(released_at=None)}
    for call in known.values():
        if call.lead != (call.unit_id == lead_id):
            call.lead = not call.lead
            call.wake_at = terms.wake(call, at)
            call.save(update_fields=["lead", "wake_at"])
    rows = [
        WhistleCall(
            whistle=whistle, unit_id=unit, lead=unit == lead_id, called_at=at, answer_by=terms.answer_by(at),
            arrive_by=whistle.arrive_by,
        )
        for unit in sorted(called - set(known))
    ]  # fmt: skip
    for row in rows:
        row.wake_at = terms.wake(row, at)
    WhistleCall.objects.bulk_create(rows)
    parts = [
        Participation(
            matter_id=whistle.pk, unit_id=row.unit_id, at=at,
            part=Participation.LEAD if row.lead else Participation.CALLED,
        )
        for row in rows
    ]  # fmt: skip
    Participation.objects.bulk_create(parts, ignore_conflicts=True)
    record_many(actor, [_act("whistles.call", row, whistle.matter, {"lead": row.lead}) for row in rows])


@transaction.atomic
def accept(*, actor: Actor, matter_id: int, note: str = "", expected_version: int | None = None) -> Whistle:
    """Come when called: the lead's acceptance takes the matter over; a supporting department's is its own."""
    whistle = _locked(actor, matter_id)
    call = _own_call(actor, whistle)
    if call.lead:
        matters.apply_transition(
            actor=actor, matter_id=matter_id, name="accept", inputs=Inputs(note=note), expected_version=expected_version
        )  # fmt: skip
    _check_unanswered(call)
    call.accepted_at = clock.now()
    call.wake_at = CallTerms(whistle.matter).wake(call, call.accepted_at)
    call.save(update_fields=["accepted_at", "wake_at"])
    if not call.lead:
        _note(actor, JOINED, call)
    return _fresh(whistle)


@transaction.atomic
def object_to(*, actor: Actor, matter_id: int, reason: str, expected_version: int | None = None) -> Whistle:
    """Object with reasons. The lead's objection goes to the street, which names another or reports to the district."""
    whistle = _locked(actor, matter_id)
    reason = short_text(reason, "reason", required=True)
    call = _own_call(actor, whistle)
    if call.lead:
        matters.apply_transition(
            actor=actor, matter_id=matter_id, name="object", inputs=Inputs(internal=reason),
            expected_version=expected_version,
        )  # fmt: skip
    _check_unanswered(call)
    call.objected_at, call.objection, call.wake_at = clock.now(), reason, None
    call.save(update_fields=["objected_at", "objection", "wake_at"])
    if not call.lead:
        _note(actor, EXCUSED, call, reason)
    return _fresh(whistle)


def _check_unanswered(call: WhistleCall) -> None:
    if call.accepted_at is not None or call.objected_at is not None:
        raise RuleViolation(_("贵单位已经答复过这次吹哨。"))


@transaction.atomic
def rename_lead(
    *, actor: Actor, matter_id: int, lead_id: int, internal: str, step: str = "reassign",
    expected_version: int | None = None,
) -> Whistle:  # fmt: skip
    """Another lead: named by the street ("reassign"), or decided by the district ("decide").

    The old lead's call stays on record and is released; the district may name the same unit again, which then must
    answer anew. Raises RuleViolation for a unit that is no department.
    """
    whistle = _locked(actor, matter_id)
    called = _units([lead_id])
    at = clock.now()
    arrive_by = arrival(whistle.arrive_by, whistle.matter.opened_at, at)
    matters.apply_transition(
        actor=actor, matter_id=matter_id, name=step, expected_version=expected_version,
        inputs=Inputs(unit_id=lead_id, internal=internal, end=arrive_by),
    )  # fmt: skip
    leading = whistle.calls.filter(lead=True, released_at=None)
    leading.update(released_at=at)
    if lead_id in set(whistle.calls.filter(released_at=None).values_list("unit_id", flat=True)):
        whistle.calls.filter(released_at=None, unit_id=lead_id).update(released_at=at, wake_at=None)
    if whistle.arrive_by != arrive_by:
        whistle.arrive_by = arrive_by
        whistle.save(update_fields=["arrive_by"])
    _call(actor, whistle, lead_id, called)
    return _fresh(whistle)


def arrival(arrive_by: dt.datetime, opened_at: dt.datetime, at: dt.datetime) -> dt.datetime:
    """When a lead named at a moment is to be there: as first asked for, or where that has passed, as long after."""
    return arrive_by if arrive_by > at else at + (arrive_by - opened_at)


@transaction.atomic
def release(*, actor: Actor, matter_id: int, unit_id: int) -> WhistleCall:
    """Let a supporting department go (its objection holds, or it is not needed); its call stays on record, unjudged.

    Raises RuleViolation for the lead, who is replaced or reported to the district instead.
    """
    whistle = _locked(actor, matter_id)
    if not actor.holds(ISSUE, whistle.matter.place_code):
        raise NotAllowed(_("部门由吹哨的街道召集和解除。"))
    call = whistle.calls.filter(unit_id=unit_id, released_at=None).first()
    if call is None or not whistle.matter.is_open:
        raise RuleViolation(_("没有叫过这个部门。"), field="unit_id")
    if call.lead:
        raise RuleViolation(_("牵头部门不能解除，请改由他人牵头或报区里处理。"), field="unit_id")
    call.released_at, call.wake_at = clock.now(), None
    call.save(update_fields=["released_at", "wake_at"])
    _note(actor, RELEASED, call)
    return call


@transaction.atomic
def call_more(*, actor: Actor, matter_id: int, unit_ids: Sequence[int]) -> Whistle:
    """Call further departments to a running whistle, to support the lead."""
    whistle = _locked(actor, matter_id)
    if not actor.holds(ISSUE, whistle.matter.place_code):
        raise NotAllowed(_("部门由吹哨的街道召集和解除。"))
    lead = whistle.calls.filter(lead=True, released_at=None).first()
    if lead is None or whistle.matter.state not in ("issued", "accepted", "arrived", "planned"):
        raise RuleViolation(_("现在不能再召集部门。"))
    known = set(whistle.calls.filter(released_at=None).values_list("unit_id", flat=True))
    _call(actor, whistle, lead.unit_id, _units(unit_ids))
    for call in whistle.calls.filter(released_at=None).exclude(unit_id__in=known).order_by("pk"):
        _note(actor, CALLED_TOO, call)
    return _fresh(whistle)


def escalate(*, actor: Actor, matter_id: int, internal: str, expected_version: int | None = None) -> Matter:
    """A refusal, or a called department that does not come, goes to the district."""
    return _step(actor, matter_id, "escalate", expected_version, internal=internal)


def dismiss(*, actor: Actor, matter_id: int, internal: str) -> Matter:
    """The district decides that nobody need come."""
    return _step(actor, matter_id, "dismiss", None, internal=internal)


def decline(*, actor: Actor, matter_id: int, internal: str) -> Matter:
    """The street screens a proposal out: its own basic duty, or no lawful ground."""
    return _step(actor, matter_id, "decline", None, internal=internal)


@transaction.atomic
def arrive(*, actor: Actor, matter_id: int, note: str = "", expected_version: int | None = None) -> Whistle:
    """Sign the arrival; no position is asked for. The lead's arrival moves the matter."""
    whistle = _locked(actor, matter_id)
    call = _own_call(actor, whistle)
    if call.accepted_at is None:
        raise RuleViolation(_("请先应哨，再签到。"))
    if call.arrived_at is not None:
        raise RuleViolation(_("贵单位已经签到。"))
    if call.lead:
        matters.apply_transition(
            actor=actor, matter_id=matter_id, name="arrive", inputs=Inputs(note=note), expected_version=expected_version
        )  # fmt: skip
    call.arrived_at, call.arrived_by_id, call.wake_at = clock.now(), actor.person_id, None
    call.save(update_fields=["arrived_at", "arrived_by", "wake_at"])
    if not call.lead:
        _note(actor, CAME, call)
    return _fresh(whistle)


@transaction.atomic
def plan(*, actor: Actor, matter_id: int, words: str, expected_version: int | None = None) -> Whistle:
    """The lead writes down the plan that was agreed on the spot."""
    whistle = _locked(actor, matter_id)
    words = short_text(words, "plan", required=True)
    matters.apply_transition(
        actor=actor, matter_id=matter_id, name="plan", inputs=Inputs(internal=words), expected_version=expected_version
    )  # fmt: skip
    whistle.plan = words
    whistle.save(update_fields=["plan"])
    return _fresh(whistle)


def handle(*, actor: Actor, matter_id: int, note: str, internal: str = "") -> Matter:
    """The lead has done what the plan says; the street verifies."""
    return _step(actor, matter_id, "handle", None, note=note, internal=internal)


def verify(*, actor: Actor, matter_id: int, note: str) -> Matter:
    """The street has seen that it is done. Never who handled it."""
    return _step(actor, matter_id, "verify", None, note=note)


def rework(*, actor: Actor, matter_id: int, internal: str) -> Matter:
    """The street sends it back to the lead."""
    return _step(actor, matter_id, "rework", None, internal=internal)


@transaction.atomic
def grade(*, actor: Actor, matter_id: int, unit_id: int, value: int, words: str = "") -> WhistleCall:
    """The street judges one department, once, when the work is verified: 3 good, 2 fair, 1 poor (then with words)."""
    whistle = _locked(actor, matter_id)
    matter = whistle.matter
    if not actor.holds(VERIFY, matter.place_code) or _serves(actor, unit_id):
        raise NotAllowed(_("部门由吹哨的街道评价。"))
    if matter.state != "verified":
        raise RuleViolation(
            _("这件事现在是「{state}」，核实后才能评价部门。").format(state=matter.state_name)
        )
    if value not in dict(WHISTLE_GRADES):
        raise RuleViolation(_("请选评价。"), field="grade")
    words = short_text(words, "words", required=value == 1)
    call = whistle.calls.filter(unit_id=unit_id, released_at=None).first()
    if call is None:
        raise RuleViolation(_("没有叫过这个部门。"), field="unit_id")
    if call.graded_at is not None:
        raise RuleViolation(_("已经评价过这个部门。"), field="unit_id")
    call.grade, call.words, call.graded_at = value, words, clock.now()
    call.save(update_fields=["grade", "words", "graded_at"])
    _note(actor, JUDGED, call, grade=value)
    return call


@transaction.atomic
def close(*, actor: Actor, matter_id: int, note: str = "", expected_version: int | None = None) -> Matter:
    """Close once every called department has been judged. Raises RuleViolation naming how many have not."""
    whistle = _locked(actor, matter_id)
    calls = whistle.calls.filter(released_at=None)
    waiting = calls.filter(grade=None).count()
    if waiting and whistle.matter.state == "verified":
        raise RuleViolation(_("还有 {number} 个部门没有评价。").format(number=waiting), field="grade")
    return matters.apply_transition(
        actor=actor, matter_id=matter_id, name="close", expected_version=expected_version,
        inputs=Inputs(note=note, data={"rated": calls.count()}),
    )  # fmt: skip


def _step(actor: Actor, matter_id: int, name: str, expected_version: int | None, **words: Any) -> Matter:
    visible_matter(actor, matter_id, "whistle")
    return matters.apply_transition(
        actor=actor, matter_id=matter_id, name=name, inputs=Inputs(**words), expected_version=expected_version
    )


def _locked(actor: Actor, matter_id: int) -> Whistle:
    """The whistle, its matter locked: answers of departments wait for each other."""
    visible_matter(actor, matter_id, "whistle")
    matter = Matter.objects.select_for_update().get(pk=matter_id)
    whistle = Whistle.objects.get(pk=matter_id)
    whistle.matter = matter
    return whistle


def _own_call(actor: Actor, whistle: Whistle) -> WhistleCall:
    """The running call of a unit the actor serves in. Raises NotAllowed without one, RuleViolation when all is over."""
    units = [grant.unit_id for grant in actor.grants if HANDLE in grant.capabilities]
    call = whistle.calls.filter(unit_id__in=units, released_at=None).order_by("-lead").first()
    if call is None:
        raise NotAllowed(_("这次吹哨没有叫贵单位。"))
    if not whistle.matter.is_open:
        raise RuleViolation(_("这次吹哨已经了结。"))
    return call


def _serves(actor: Actor, unit_id: int) -> bool:
    return any(grant.unit_id == unit_id for grant in actor.grants)


def _fresh(whistle: Whistle) -> Whistle:
    return Whistle.objects.select_related("matter").get(pk=whistle.pk)


def _note(actor: Actor, row: Transition, call: WhistleCall, words: str = "", **data: int) -> None:
    """A line of the whistle's history about one department: by name and, where it said why, in its words. What the
    street said of it stays with the call, where others do not read it."""
    name = last_names([call.unit_id]).get(call.unit_id, "")
    said = _("{unit}：{words}").format(unit=name, words=words) if words else name
    inputs = Inputs(internal=said, data={"unit": call.unit_id} | data)
    matters.note_cases(actor, matters.locked_cases(actor, [call.whistle_id]), row, inputs, clock.now())


def _act(action: str, call: WhistleCall, matter: Matter, changes: dict[str, Any]) -> Act:
    return Act(action, matter, place_code=matter.place_code, changes={"unit": call.unit_id} | changes)


__all__ = [
    "NewWhistle", "accept", "arrive", "call_more", "close", "decline", "dismiss", "escalate", "grade", "handle", "issue",
    "object_to", "plan", "propose", "release", "rename_lead", "rework", "verify", "whistle",
]  # fmt: skip
