"""Promises moved by people: who has a matter in hand asks for it, an officer grants it with the reason told to the
reporter, or declines. By the calendar: services_calendar."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.escalation import tell_extension_asked
from doorstep.kernel.matters.hearers import Told
from doorstep.kernel.matters.laws import RESOLVE, RESPOND
from doorstep.kernel.matters.messages import announce
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.models_deadlines import Deadline, ExtensionRequest
from doorstep.kernel.matters.notes import EXTENDED, EXTENSION_ASKED, EXTENSION_DECLINED
from doorstep.kernel.matters.policies import EXTEND
from doorstep.kernel.matters.rules import checked_text
from doorstep.kernel.matters.services import check_version, locked_cases, note_cases
from doorstep.kernel.matters.steps import Case, Inputs, move, parts_of
from doorstep.kernel.matters.working_days import Due, end_of, last_day
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, RuleViolation

EXTENDABLE = (RESPOND, RESOLVE)  # what was promised to the reporter; a pause is ended and asked for anew
LONGEST = dt.timedelta(days=366)  # beyond it a date is a slip of the hand


@transaction.atomic
def extend_deadline(
    *, actor: Actor, matter_id: int, due_day: dt.date, explanation: str, promise: str = RESOLVE,
    expected_version: int | None = None,
) -> Matter:  # fmt: skip
    """Let a running promise last until the end of `due_day`; `explanation` goes to the reporter.

    An open request for it is thereby granted. Raises NotAllowed for who handles the matter, asked for this or has no post
    for it, RuleViolation where nothing runs, where it is paused or past already, and for a day that is no later;
    NotVisible and Conflict as for any step.
    """
    explanation, case = _begun(actor, matter_id, explanation, expected_version)
    return _extend(actor, case, promise, due_day, explanation)


def _begun(actor: Actor, matter_id: int, words: str, expected_version: int | None) -> tuple[str, Case]:
    """The words, checked, and the matter, locked, of whoever may extend it."""
    words = checked_text(words, "note", 2000, required=True)
    (case,) = locked_cases(actor, [matter_id])
    check_version(case.matter, expected_version)
    if not actor.holds(EXTEND, case.matter.place_code):  # the handler's refusal, in words, is the note's own
        raise NotAllowed(
            _("您的岗位不能「%(step)s」这件事。") % {"step": EXTENDED.words}, clause=EXTENDED.clause
        )
    return words, case


def _extend(actor: Actor, case: Case, promise: str, due_day: dt.date, explanation: str) -> Matter:
    row = _extendable(case, promise, due_day)
    _answer(actor, row, granted=True)
    now, before = clock.now(), last_day(row.due_at)
    row.extended_by_id, row.extended_at, row.extended_to = actor.person_id, now, end_of(due_day)
    move(case, row, Due(row.extended_to, provisional=False))
    data = {"promise": promise, "from": before.isoformat(), "to": due_day.isoformat()}
    note_cases(actor, [case], EXTENDED, Inputs(note=explanation, data=data), now)
    return case.matter


@transaction.atomic
def ask_extension(
    *, actor: Actor, matter_id: int, due_day: dt.date, reason: str, expected_version: int | None = None
) -> ExtensionRequest:
    """Who handles or holds a matter asks that the promise to settle it last until the end of `due_day`.

    Raises NotAllowed for others, Conflict while an earlier request waits, RuleViolation as `extend_deadline`.
    """
    reason = checked_text(reason, "internal", 2000, required=True)
    (case,) = locked_cases(actor, [matter_id])
    check_version(case.matter, expected_version)
    if not parts_of(actor, case) & {"handler", "holder"}:
        raise NotAllowed(
            _("您的岗位不能「%(step)s」这件事。") % {"step": EXTENSION_ASKED.words},
            clause=EXTENSION_ASKED.clause,
        )
    promise, now = _extendable(case, RESOLVE, due_day), clock.now()
    waiting = ExtensionRequest.objects.filter(matter=case.matter, answered_at=None)
    if waiting.filter(deadline=promise).exists():
        raise Conflict(_("已经有一份延期申请在等答复。"))
    waiting.update(answered_at=now)  # of a promise that was kept or given up before anybody answered
    row = ExtensionRequest.objects.create(
        deadline=promise,
        matter=case.matter,
        due_day=due_day,
        reason=reason,
        asked_at=now,
        asked_by_id=actor.person_id,
    )
    note_cases(actor, [case], EXTENSION_ASKED, Inputs(internal=reason, until=due_day), now)
    tell_extension_asked(actor, case.matter)
    return row


@transaction.atomic
def grant_extension(
    *, actor: Actor, matter_id: int, explanation: str, expected_version: int | None = None
) -> Matter:
    """Grant the request that waits: the promise lasts until the day asked for. Refusals are those of `extend_deadline`."""
    explanation, case = _begun(actor, matter_id, explanation, expected_version)
    return _extend(actor, case, RESOLVE, _waiting(matter_id).due_day, explanation)


@transaction.atomic
def decline_extension(
    *, actor: Actor, matter_id: int, reason: str, expected_version: int | None = None
) -> Matter:
    """Decline the request that waits; `reason` goes to who asked. Refusals are those of `extend_deadline`."""
    reason, case = _begun(actor, matter_id, reason, expected_version)
    asked = _answer(actor, _waiting(matter_id).deadline, granted=False)
    note_cases(actor, [case], EXTENSION_DECLINED, Inputs(internal=reason), clock.now())
    if asked is not None and asked.asked_by_id not in (None, case.matter.handler_id):
        told = Told(
            matter=case.matter, key=EXTENSION_DECLINED.name, persons=((asked.asked_by_id, "holder"),),
            to_followers=False,
        )  # fmt: skip
        announce(actor, [told])
    return case.matter


def open_request(matter: Matter) -> ExtensionRequest | None:
    """The request that waits for an answer: its promise still runs."""
    return open_requests().filter(matter=matter).first()


def open_requests() -> QuerySet[ExtensionRequest]:
    """All that wait for an answer."""
    running = {"deadline__met_at": None, "deadline__stopped_at": None, "deadline__paused_at": None}
    return ExtensionRequest.objects.filter(answered_at=None, **running).select_related("asked_by", "deadline")


def _waiting(matter_id: int) -> ExtensionRequest:
    found = open_requests().filter(matter_id=matter_id).first()
    if found is None:
        raise RuleViolation(_("现在没有等答复的延期申请。可能别人刚答复过，请刷新后再看。"))
    return found


def _answer(actor: Actor, promise: Deadline, *, granted: bool) -> ExtensionRequest | None:
    """Answer the open request for a promise, if there is one. The matter is locked."""
    found = ExtensionRequest.objects.filter(deadline=promise, answered_at=None).first()
    if found is None:
        return None
    if found.asked_by_id == actor.person_id:
        raise NotAllowed(_("这是您提出的延期申请，须由他人答复。"), clause=EXTENDED.clause)
    found.answered_at, found.answered_by_id, found.granted = clock.now(), actor.person_id, granted
    found.save(update_fields=["answered_at", "answered_by", "granted"])
    return found


def may_ask_extension(actor: Actor, matter: Matter) -> bool:
    """Whether to offer it: in hand, and the promise to settle it runs, with no request waiting."""
    if not matter.is_open or not parts_of(actor, Case(matter)) & {"handler", "holder"}:
        return False
    running = Deadline.objects.filter(Deadline.RUNNING, matter=matter, clock=RESOLVE, paused_at=None)
    return running.filter(due_at__gt=clock.now()).exists() and open_request(matter) is None


def may_extend(actor: Actor, matter: Matter) -> bool:
    """Whether to offer it: a post for it here, and not the handler's own matter."""
    own = actor.person_id is not None and actor.person_id == matter.handler_id
    return matter.is_open and actor.holds(EXTEND, matter.place_code) and not own


def is_extendable(row: Deadline) -> bool:
    """Whether this promise can be given another day: one to the reporter, while it runs."""
    return row.waits and row.clock in EXTENDABLE and row.due_at > clock.now()


def _extendable(case: Case, promise: str, due_day: dt.date) -> Deadline:
    row = case.running(promise) if promise in EXTENDABLE else None
    if row is None:
        raise RuleViolation(_("这件事现在没有正在计时的期限，不用延期。"))
    if row.paused_at is not None:
        raise RuleViolation(_("期限已暂停，请在继续办理后再延期。"))
    if row.due_at <= clock.now():
        raise RuleViolation(_("期限已过，不能再延期；请尽快办理，并向报告人说明。"), clause=EXTENDED.clause)
    before = last_day(row.due_at)
    if due_day <= before:
        raise RuleViolation(
            _("新的期限须晚于现在的 %(day)s。") % {"day": before.isoformat()}, field="due_day"
        )
    if due_day - clock.today() > LONGEST:
        raise RuleViolation(_("新的期限在一年以后，请核对日期。"), field="due_day")
    return row
