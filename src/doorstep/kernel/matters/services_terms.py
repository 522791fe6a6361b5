"""The table of terms: a term is changed by a row from a day on; what is running keeps the row it started with."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.laws import law_of
from doorstep.kernel.matters.models import URGENCIES
from doorstep.kernel.matters.models_deadlines import CLOCKS, MEASURES, RHYTHMS, TimeLimit
from doorstep.kernel.matters.policies import SET_TERMS
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation

LONGEST = {
    "hours": 24 * 90,
    "working_days": 250,
    "natural_days": 366,
}  # beyond it an amount is a slip of the hand


@transaction.atomic
def set_term(
    *, actor: Actor, kind: str, promise: str, amount: int, measure: str, valid_from: dt.date, clause: str,
    category: str = "", urgency: str = "",
) -> TimeLimit:  # fmt: skip
    """Let a term hold from a day on, instead of the one in force then for the same kind, category and urgency.

    Promises that run by the earlier row stay as they are. Raises RuleViolation naming the field, Conflict where another
    change is recorded for a later day, NotAllowed.
    """
    require_place(actor, SET_TERMS, settings.HOME_PLACE)
    _check(kind, promise, amount, measure, urgency, valid_from)
    if not clause.strip() or len(clause) > 200:
        raise RuleViolation(_("请写明这个时限的依据，最多 200 字。"), field="clause")
    same = TimeLimit.objects.filter(kind=kind, category=category.strip(), urgency=urgency, clock=promise)
    rows = list(same.select_for_update().order_by("valid_from"))
    later = next((row for row in rows if row.valid_from >= valid_from), None)
    if later is not None:
        raise Conflict(
            _("已登记自 %(day)s 起的时限（第 %(version)d 版），新的须在其后。")
            % {"day": later.valid_from.isoformat(), "version": later.version},
            field="valid_from",
        )
    before = rows[-1] if rows else None
    if before is not None and (before.valid_to is None or before.valid_to > valid_from):
        before.valid_to = valid_from
        before.save(update_fields=["valid_to"])
    row = TimeLimit(
        kind=kind, category=category.strip(), urgency=urgency, clock=promise, amount=amount, measure=measure,
        version=before.version + 1 if before else 1, clause=clause.strip(), valid_from=valid_from,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # somebody else set the same term at the same moment
        raise Conflict(_("别人刚刚改了同一个时限，请刷新后再看。"), field="valid_from") from error
    changes = {
        "amount": [before.amount if before else None, amount],
        "measure": [before.measure if before else None, measure],
        "valid_from": [None, valid_from.isoformat()],
        "clause": row.clause,
    }
    record(actor, Act("matters.set_term", row, settings.HOME_PLACE, changes))
    return row


def _check(kind: str, promise: str, amount: int, measure: str, urgency: str, valid_from: dt.date) -> None:
    law_of(kind)
    if promise not in dict([*CLOCKS, *RHYTHMS]):
        raise RuleViolation(_("没有这种承诺。"), field="promise")
    if measure not in dict(MEASURES) or (promise == "remind" and measure != "hours"):
        raise RuleViolation(_("提醒的时长以小时计，其余可用小时、工作日或天。"), field="measure")
    if not 1 <= amount <= LONGEST[measure]:
        raise RuleViolation(_("时长应在 1 到 %(most)d 之间。") % {"most": LONGEST[measure]}, field="amount")
    if urgency not in {"", *dict(URGENCIES)}:
        raise RuleViolation(_("没有这种紧急程度。"), field="urgency")
    if valid_from < clock.today():
        raise RuleViolation(_("时限只能从今天或以后改起；过去的承诺按当时的时限。"), field="valid_from")
