"""Every minute: promises that passed unkept are marked and told one level up, those near their end are reminded of.

Set-based, short, and safe to run twice or by two at once: each portion locks the matters it works on and passes over
those somebody is working on; the next minute finds them again.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.matters.escalation import TOP, first_level, tell_escalation, tell_reminder
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.models_deadlines import Deadline
from doorstep.kernel.matters.notes import OVERDUE
from doorstep.kernel.matters.selectors import rulebook_for
from doorstep.kernel.matters.services import locked_cases, note_cases
from doorstep.kernel.matters.services_calendar import settle_stragglers
from doorstep.kernel.matters.steps import Case, Inputs, Rulebook
from doorstep.kernel.matters.working_days import due_after
from doorstep.kernel.shared import clock

PORTION = 200
LONGEST = 10.0  # seconds for each kind in one run; what is left waits a minute
# Where the table of terms says nothing else (a term of the clock "escalate"). A recommendation, not a rule of law.
NEXT_LEVEL_AFTER = (1, "working_days")
LEVELS = {1: gettext_lazy("社区"), 2: gettext_lazy("街道"), 3: gettext_lazy("区")}


def sweep() -> None:
    """What a minute asks for. Called by the scheduler; may be called at any time, by any number."""
    _in_portions(mark_breaches)
    _in_portions(remind)
    settle_stragglers()


def _in_portions(act: Callable[[], int]) -> None:
    started = time.monotonic()
    while act() and time.monotonic() - started < LONGEST:
        pass


@transaction.atomic
def mark_breaches() -> int:
    """Mark promises that have passed, and tell the next level of those still unkept. Returns how many were found."""
    now = clock.now()
    passed = Q(breached_at__isnull=True, due_at__lte=now) | Q(escalate_at__lte=now)
    matters = _locked(passed)
    if not matters:
        return 0
    actor = system_actor("deadlines")
    cases = locked_cases(actor, matters)
    rulebooks = {kind: rulebook_for(kind) for kind in {case.matter.kind for case in cases}}
    lowest = first_level([case.matter for case in cases])
    said: dict[int, Inputs] = {}
    for case in cases:
        told = [
            row
            for row in case.deadlines
            if row.waits and _raise(case, row, now, lowest[case.matter.pk], rulebooks[case.matter.kind])
        ]
        if told:
            said[case.matter.pk] = _said(told)
    some = [case for case in cases if case.matter.pk in said]
    if some:
        note_cases(actor, some, OVERDUE, said, now)
        tell_escalation(actor, some)
    return len(matters)


def _locked(condition: Q) -> list[int]:
    """Matters with a running promise like this, locked; those that somebody else has locked are passed over.

    Locking the matter, as every step does, keeps a step and the sweep from writing the same promise.
    """
    rows = Deadline.objects.filter(condition, Deadline.RUNNING, paused_at__isnull=True)
    wanted = list(rows.order_by("due_at").values_list("matter_id", flat=True)[:PORTION])
    free = Matter.objects.filter(pk__in=wanted).order_by("pk").select_for_update(skip_locked=True)
    return list(free.values_list("pk", flat=True))


def _raise(case: Case, row: Deadline, now: dt.datetime, lowest: int, rulebook: Rulebook) -> bool:
    """Whether a level was reached now: the first with the breach, each next one after a term of its own."""
    if row.breached_at is None and row.due_at <= now:
        row.breached_at = row.due_at
    elif row.escalate_at is None or row.escalate_at > now:
        return False
    row.level = min(max(row.level + 1, lowest), TOP)
    row.escalate_at = _next_level(case, now, rulebook) if row.level < TOP else None
    case.changed.append(row)
    return True


def _next_level(case: Case, now: dt.datetime, rulebook: Rulebook) -> dt.datetime:
    limit = rulebook.limit_for(case.matter, "escalate", now)
    amount, measure = (limit.amount, limit.measure) if limit else NEXT_LEVEL_AFTER
    return due_after(now, amount, measure, rulebook.calendar).at  # type: ignore[arg-type]  # a choice of the field


def _said(rows: Sequence[Deadline]) -> Inputs:
    level = max(row.level for row in rows)
    promises = _("、").join(row.promise for row in rows)
    note = _("%(promises)s已超过期限，已报%(level)s督促。") % {"promises": promises, "level": LEVELS[level]}
    return Inputs(note=note, data={"promises": [row.clock for row in rows], "level": level})


@transaction.atomic
def remind() -> int:
    """Remind who has the matter in hand of promises near their end, each once. Returns how many were found."""
    now = clock.now()
    due = Q(reminded_at__isnull=True, remind_at__lte=now)
    matters = _locked(due)
    rows = list(
        Deadline.objects.filter(due, Deadline.RUNNING, matter_id__in=matters, paused_at__isnull=True)
        .select_related("matter")
        .order_by("pk")
    )
    if not rows:
        return 0
    Deadline.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=now)
    coming = [row for row in rows if row.due_at > now]  # of one already past the level above is told
    tell_reminder(system_actor("deadlines"), coming)
    return len(matters)
