"""What the module's services share: texts checked, a row locked after its gate, a dated row begun and ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.organisations.refusals import check_day
from doorstep.kernel.people.masking import mask_numbers
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS


def checked_text(
    text: str, field: str, name: str, longest: int, *, required: bool = True, lines: bool = False
) -> str:
    """Cleaned; one line unless `lines`. Raises RuleViolation naming the field."""
    clean = text.replace("\r\n", "\n").strip() if lines else " ".join(text.split())
    if required and not clean:
        raise RuleViolation(_("请填写%(field)s。") % {"field": name}, field=field)
    if len(clean) > longest:
        raise RuleViolation(
            _("%(field)s最多 %(longest)d 字，请删短一些。") % {"field": name, "longest": longest}, field=field
        )
    if not all(letter.isprintable() or letter == "\n" for letter in clean):
        raise RuleViolation(_("%(field)s里有看不见的字符，请去掉。") % {"field": name}, field=field)
    return clean


def impersonal(
    text: str, field: str, name: str, longest: int, *, required: bool = True, lines: bool = False
) -> str:
    """As `checked_text`, of something that many read: no telephone or identity number of anybody. Raises RuleViolation."""
    clean = checked_text(text, field, name, longest, required=required, lines=lines)
    if mask_numbers(clean) != clean:
        raise RuleViolation(_("%(field)s里请不要写电话、身份证号等号码。") % {"field": name}, field=field)
    return clean


def community_named(code: str, field: str = "place_code") -> str:
    """The name of a standing community. Raises RuleViolation."""
    name = ""
    if len(code) == LENGTHS["community"]:
        name = Area.objects.filter(code=code, ended_on=None).values_list("name", flat=True).first() or ""
    if not name:
        raise RuleViolation(_("请选一个社区。"), field=field)
    return name


def locked_row(actor: Actor, model: Any, pk: int, action: str, related: tuple[str, ...] = ()) -> Any:
    """The row, locked, after the gate. Raises NotVisible or NotAllowed."""
    seen = policy_for(model).visible_to(actor).filter(pk=pk).values("pk")
    rows = model._default_manager.select_for_update(of=("self",)).select_related(*related)
    row = rows.filter(pk__in=seen).first()
    if row is None:
        raise NotVisible(_("没有找到这条记录。"))
    policy_for(model).require(actor, action, row)
    return row


def begun(row: Any, taken: str, field: str = "valid_from") -> Any:
    """Write a dated row; `taken`: what is said where the database has one that holds on the same days."""
    check_day(row.valid_from, "valid_from")
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as clash:
        raise Conflict(taken, field=field) from clash
    return row


def end(row: Any, day: dt.date, field: str = "ended_on") -> None:
    """Let a dated row end: `day` is the first on which it does not hold. Raises RuleViolation."""
    check_day(day, field)
    if day <= row.valid_from:
        raise RuleViolation(_("终止日期须在 %(day)s 以后。") % {"day": row.valid_from}, field=field)
    if row.valid_to is not None and row.valid_to <= day:
        raise RuleViolation(_("自 %(day)s 起已经终止。") % {"day": row.valid_to}, field=field)
    row.valid_to = day
    row.save(update_fields=["valid_to"])
