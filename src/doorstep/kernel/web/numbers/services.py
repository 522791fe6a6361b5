"""A number of the rules is changed by a row from a day on; what held before stays on record."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.declarations.numbers import numbers_of
from doorstep.kernel.matters.policies import SET_TERMS
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation


@transaction.atomic
def set_number(*, actor: Actor, of: str, key: str, value: str, valid_from: dt.date, clause: str) -> Any:
    """Let a number have another value from a day on; gives its row.

    Raises RuleViolation naming the field, Conflict where a change is recorded for that day or a later one, NotAllowed,
    NotVisible for a number that nobody declares.
    """
    require_place(actor, SET_TERMS, settings.HOME_PLACE)
    numbers = numbers_of(of)
    number = numbers.number(key) if numbers else None
    if numbers is None or number is None:
        raise NotVisible(_("没有这个规则值。"))
    try:
        meant = number.read(value)
    except ValueError as wrong:
        raise RuleViolation(str(wrong), field="value") from None
    if not clause.strip() or len(clause) > 200:
        raise RuleViolation(_("请写明这个值的依据，最多 200 字。"), field="clause")
    if valid_from < clock.today():
        raise RuleViolation(_("只能从今天或以后改起；过去的按当时的值。"), field="valid_from")
    rows: Any = numbers.model._default_manager
    known = list(rows.select_for_update().filter(key=key).order_by("valid_from"))
    before = known[-1] if known else None
    _check_day(before, valid_from)
    if before is not None and before.holds_on(valid_from):
        if before.value == meant and before.clause == clause.strip():
            raise RuleViolation(_("与现在的值和依据一样，没有要改的。"), field="value")
        before.valid_to = valid_from
        before.save(update_fields=["valid_to"])
    try:
        with transaction.atomic():
            row = rows.create(key=key, value=meant, clause=clause.strip(), valid_from=valid_from)
    except IntegrityError as error:  # somebody else set the same number at the same moment
        raise Conflict(_("别人刚刚改了同一个值，请刷新后再看。"), field="valid_from") from error
    changes = {
        "key": key, "value": [before.value if before else None, meant], "valid_from": [None, valid_from.isoformat()],
        "clause": row.clause,
    }  # fmt: skip
    record(actor, Act("web.set_number", row, settings.HOME_PLACE, changes))
    return row


def _check_day(last: Any, valid_from: dt.date) -> None:
    if last is not None and last.valid_from >= valid_from:
        raise Conflict(
            _("已登记自 %s 起的值，新的须在其后。") % last.valid_from.isoformat(), field="valid_from"
        )
