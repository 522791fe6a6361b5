"""Excusing a unit from what a rule asks: for days, with the number of the document that says so, never without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.obligations.models import Exemption, Occurrence, Rule
from doorstep.kernel.obligations.services_linking import free_of_exempt, held, link_anew
from doorstep.kernel.obligations.services_supervision import settle
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation

LONGEST = dt.timedelta(days=366 * 2)


@dataclass(frozen=True, kw_only=True)
class NewExemption:
    """Which rule, which unit, what falls due in which days (both included), by which document and why."""

    code: str
    unit_id: int
    since: dt.date
    until: dt.date
    document: str
    reason: str


@transaction.atomic
def exempt(*, actor: Actor, new: NewExemption) -> Exemption:
    """Excuse the unit. What is kept already stays kept. Raises NotVisible, NotAllowed, or RuleViolation naming the field."""
    held([new.unit_id])
    version = versions_of([new.unit_id]).get(new.unit_id)
    if version is None:
        raise NotVisible(_("没有找到这个单位。"))
    row = Exemption(
        code=new.code, unit_id=new.unit_id, place_code=version.place_code, since=new.since, until=new.until,
        document=" ".join(new.document.split()), reason=" ".join(new.reason.split()), given_by_id=actor.person_id,
        given_at=clock.now(),
    )  # fmt: skip
    policy_for(Exemption).require(actor, "exempt", row)
    _check(row)
    row.save()
    rows = Occurrence.objects.filter(free_of_exempt(row), proof=None, exemption=None)
    touched = list(rows.values_list("pk", flat=True))
    if not touched:
        raise RuleViolation(
            _("这段时间里没有这一项未办的应办事项，不用豁免。请核对规则和日期。"), field="since"
        )
    rows.update(exemption=row)
    changes = {
        "code": [None, row.code], "since": [None, row.since.isoformat()], "until": [None, row.until.isoformat()],
    }  # fmt: skip
    words = {"document": row.document, "reason": row.reason}
    record(actor, Act("obligations.exempted", row, row.place_code, changes, words=words))
    settle(touched)
    return row


@transaction.atomic
def withdraw_exemption(*, actor: Actor, exemption_id: int) -> Exemption:
    """End it: what it alone excused is owed again and asked after, and what a record keeps is kept.

    Raises NotVisible, NotAllowed, RuleViolation where it is withdrawn already.
    """
    seen = policy_for(Exemption).visible_to(actor).filter(pk=exemption_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这项豁免。"))
    held([seen.unit_id])
    row = Exemption.objects.select_for_update(of=("self",)).get(pk=exemption_id)
    policy_for(Exemption).require(actor, "exempt", row)
    if row.withdrawn_at is not None:
        raise RuleViolation(_("这项豁免已经撤销。"))
    row.withdrawn_at = clock.now()
    row.save(update_fields=["withdrawn_at"])
    touched = list(row.occurrences.values_list("pk", flat=True))
    row.occurrences.update(exemption=None)
    _leave_to_others(row, touched)
    record(actor, Act("obligations.exemption_withdrawn", row, row.place_code, {"withdrawn": [False, True]}))
    kinds = Rule.objects.filter(code=row.code).values_list("proof", flat=True)
    settle(sorted({*touched, *link_anew([row.unit_id], kinds)}))
    return row


def _leave_to_others(withdrawn: Exemption, occurrence_ids: Sequence[int]) -> None:
    """What another document excuses too stays excused by that one."""
    given = {"unit_id": withdrawn.unit_id, "code": withdrawn.code, "withdrawn_at": None}
    for other in Exemption.objects.filter(**given).order_by("pk"):
        rows = Occurrence.objects.filter(free_of_exempt(other), pk__in=occurrence_ids, exemption=None)
        rows.update(exemption=other)


def _check(row: Exemption) -> None:
    if not Rule.objects.filter(code=row.code).exists():
        raise RuleViolation(_("没有这条规则。"), field="code")
    if not row.document:
        raise RuleViolation(_("豁免须有批准文号，请填写文号。"), field="document")
    if len(row.document) > 80:
        raise RuleViolation(_("文号最多 80 字。"), field="document")
    if not row.reason or len(row.reason) > 200:
        raise RuleViolation(_("请写明理由，最多 200 字。"), field="reason")
    if row.until < row.since:
        raise RuleViolation(_("豁免的最后一天不能早于第一天。"), field="until")
    if row.until - row.since > LONGEST:
        raise RuleViolation(_("一次豁免最长两年。"), field="until")
