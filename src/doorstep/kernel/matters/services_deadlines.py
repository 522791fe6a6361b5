"""Promises moved by an officer: extended, with the reason told to the reporter. By the calendar: services_calendar."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.laws import RESOLVE, RESPOND
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.models_deadlines import Deadline
from doorstep.kernel.matters.notes import EXTENDED
from doorstep.kernel.matters.policies import EXTEND
from doorstep.kernel.matters.rules import checked_text
from doorstep.kernel.matters.services import check_version, locked_cases, note_cases
from doorstep.kernel.matters.steps import Case, Inputs, move
from doorstep.kernel.matters.working_days import Due, end_of, last_day
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation

EXTENDABLE = (RESPOND, RESOLVE)  # what was promised to the reporter; a pause is ended and asked for anew
LONGEST = dt.timedelta(days=366)  # beyond it a date is a slip of the hand


@transaction.atomic
def extend_deadline(
    *, actor: Actor, matter_id: int, due_day: dt.date, explanation: str, promise: str = RESOLVE,
    expected_version: int | None = None,
) -> Matter:  # fmt: skip
    """Let a running promise last until the end of `due_day`; `explanation` goes to the reporter.

    Raises NotAllowed for who handles the matter or has no post for it, RuleViolation where nothing runs, where it is
    paused or past already, and for a day that is no later; NotVisible and Conflict as for any step.
    """
    explanation = checked_text(explanation, "note", 2000, required=True)
    (case,) = locked_cases(actor, [matter_id])
    check_version(case.matter, expected_version)
    if not actor.holds(EXTEND, case.matter.place_code):  # the handler's refusal, in words, is the note's own
        raise NotAllowed(
            _("您的岗位不能「%(step)s」这件事。") % {"step": EXTENDED.words}, clause=EXTENDED.clause
        )
    row = _extendable(case, promise, due_day)
    now, before = clock.now(), last_day(row.due_at)
    row.extended_by_id, row.extended_at, row.extended_to = actor.person_id, now, end_of(due_day)
    move(case, row, Due(row.extended_to, provisional=False))
    data = {"promise": promise, "from": before.isoformat(), "to": due_day.isoformat()}
    note_cases(actor, [case], EXTENDED, Inputs(note=explanation, data=data), now)
    return case.matter


def may_extend(actor: Actor, matter: Matter) -> bool:
    """Whether to offer it: a post for it here, and not the handler's own matter."""
    own = actor.person_id is not None and actor.person_id == matter.handler_id
    return matter.is_open and actor.holds(EXTEND, matter.place_code) and not own


def is_extendable(row: Deadline) -> bool:
    """Whether this promise can be given another day: one to the reporter, while it runs."""
    return row.waits and row.clock in EXTENDABLE


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
