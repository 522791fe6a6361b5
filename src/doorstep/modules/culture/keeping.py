"""What the module's services share: texts and days checked, a dated row begun and ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.checks import check_text
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.refusals import check_day
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.culture import rules


def check_line(text: str, field: str, longest: int, empty: str = "") -> str:
    """One line of text, cleaned."""
    return " ".join(check_text(text, field, longest, empty).split())


def check_area(code: str) -> None:
    """Raises RuleViolation for what is no standing district, street or community."""
    known = len(code) >= 6 and Area.objects.filter(code=code, ended_on=None).exists()
    if not known:
        raise RuleViolation(_("没有代码为 %(code)s 的地方。") % {"code": code[:15]}, field="place_code")


def check_fen(fen: int) -> int:
    """Raises RuleViolation, in words, for what is no amount."""
    match rules.fen_fault(fen):
        case "whole":
            raise RuleViolation(_("金额最多写到分，即两位小数。"), field="fen")
        case "least":
            raise RuleViolation(_("金额至少一分钱。"), field="fen")
        case "most":
            most = rules.yuan_words(rules.MOST_FEN)
            raise RuleViolation(_("金额不能超过 %(most)s 元。") % {"most": most}, field="fen")
    return fen


def seen_row(
    actor: Actor, model: Any, pk: int, action: str = "keep", *, related: tuple[str, ...] = ()
) -> Any:
    """The row, locked, after the gate. Raises NotVisible or NotAllowed."""
    rows = (
        policy_for(model).visible_to(actor).select_related(*related)
        if related
        else policy_for(model).visible_to(actor)
    )
    row = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise NotVisible(_("没有找到这条记录。"))
    policy_for(model).require(actor, action, row)
    return row


def begin(row: Any, taken: str) -> None:
    """Write a dated row; `taken` is what is said where one of that name holds already."""
    check_day(row.valid_from, "valid_from")
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise Conflict(taken, field="name") from clash


def end_row(actor: Actor, model: Any, pk: int, ended_on: dt.date, act: str, action: str = "keep") -> Any:
    """End a row: `ended_on` is the first day it does not hold."""
    row = seen_row(actor, model, pk, action)
    check_day(ended_on, "ended_on")
    if ended_on <= row.valid_from or (row.valid_to is not None and row.valid_to <= ended_on):
        raise RuleViolation(_("终止日期不对，或者已经终止。"), field="ended_on")
    row.valid_to = ended_on
    row.save(update_fields=["valid_to"])
    record(actor, Act(act, row, row.place_code, {"valid_to": [None, ended_on.isoformat()]}))
    return row
