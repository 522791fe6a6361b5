"""Rows of sheets with programmes, merchants and items, through the services that the pages use."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.modules.volunteering.models import Programme
from doorstep.modules.volunteering.services_programmes import (
    ItemData,
    ProgrammeData,
    change_programme,
    create_programme,
    keep_item,
    keep_partner,
)

COLUMNS = {"place_code": "place", "fen": "yuan"}  # services' names of a sheet's columns


def _at(refusal: Refused) -> Refused:
    refusal.field = COLUMNS.get(refusal.field, refusal.field)
    return refusal


@transaction.atomic
def import_programme(actor: Actor, row: ImportRow) -> Outcome:
    data = ProgrammeData(
        place_code=row["place"], name=row["name"], organiser_id=_unit(row["organiser"], "organiser"),
        about=row["about"] or "", slip_days=14 if row["slip_days"] is None else row["slip_days"],
        void_days=7 if row["void_days"] is None else row["void_days"], valid_from=row["valid_from"],
        valid_to=row["valid_to"],
    )  # fmt: skip
    try:
        known = Programme.objects.filter(
            in_force(data.valid_from), place_code=data.place_code, name=data.name.strip()
        ).first()
        if known is None:
            create_programme(actor=actor, data=data)
            return "added"
        return change_programme(actor=actor, programme_id=known.pk, version=known.lock_version, data=data)
    except Refused as refusal:
        raise _at(refusal) from refusal


@transaction.atomic
def import_partner(actor: Actor, row: ImportRow) -> Outcome:
    programme = _programme(actor, row)
    try:
        return keep_partner(
            actor=actor, programme_id=programme.pk, merchant_id=_unit(row["merchant"], "merchant", "merchant"),
            document=row["document"] or "", valid_from=row["valid_from"], valid_to=row["valid_to"],
        )[1]  # fmt: skip
    except Refused as refusal:
        raise _at(refusal) from refusal


@transaction.atomic
def import_item(actor: Actor, row: ImportRow) -> Outcome:
    programme = _programme(actor, row)
    data = ItemData(
        name=row["name"], kind=row["kind"], points=row["points"], fen=_fen(row["yuan"]),
        most=1 if row["most"] is None else row["most"], about=row["about"] or "",
        place_code=row["offered_in"] or programme.place_code,
        merchant_id=_unit(row["merchant"], "merchant", "merchant") if row["merchant"] else None,
        valid_from=row["valid_from"], valid_to=row["valid_to"],
    )  # fmt: skip
    try:
        return keep_item(actor=actor, programme_id=programme.pk, data=data)[1]
    except Refused as refusal:
        raise _at(refusal) from refusal


def _fen(yuan: Any) -> int:
    """Raises RuleViolation for a part of a fen."""
    fen = Decimal(yuan or 0) * 100
    if fen != int(fen):
        raise RuleViolation(_("金额最多两位小数。"), field="yuan")
    return int(fen)


def _programme(actor: Actor, row: ImportRow) -> Programme:
    """By place and name, in force. Raises RuleViolation at the name."""
    rows = policy_for(Programme).visible_to(actor).filter(in_force(), place_code=row["place"])
    found: Programme | None = rows.filter(name=row["programme"].strip()).first()
    if found is None:
        raise RuleViolation(_("这个地方没有叫“%s”的兑换项目。") % row["programme"].strip(), field="programme")
    return found


def _unit(name: str, field: str, kind: str = "") -> int:
    """The one unit of that name today. Raises RuleViolation where there is none, or several."""
    rows = UnitVersion.objects.filter(in_force(), name=name.strip(), unit__ended_on=None)
    found = list((rows.filter(kind=kind) if kind else rows).values_list("unit_id", flat=True)[:2])
    if not found:
        raise RuleViolation(_("没有叫“%s”的单位，先在单位登记里登记。") % name.strip(), field=field)
    if len(found) > 1:
        raise RuleViolation(_("有几个单位叫“%s”，请在页面上登记。") % name.strip(), field=field)
    return found[0]
