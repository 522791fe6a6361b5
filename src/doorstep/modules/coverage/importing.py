"""One row of the business register's sheet becomes an organisation with its latest count, by the same services as a form."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.organisations.refusals import check_credit_code
from doorstep.kernel.organisations.rules import normal_credit_code
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, Refused, RuleViolation
from doorstep.modules.coverage.models import HeadCount, Profile
from doorstep.modules.coverage.selectors import named
from doorstep.modules.coverage.services import (
    NewOrganisation,
    correct_organisation,
    record_count,
    register_organisation,
)

COLUMNS = {"place_code": "place"}  # services' names of ours
_COUNT = ("staff", "full", "probationary")


def checked_code(code: Any) -> None:
    """Raises ValueError in the user's words (GB 32100-2015)."""
    try:
        check_credit_code(str(code))
    except RuleViolation as refusal:
        raise ValueError(str(refusal.message)) from None


@transaction.atomic
def import_organisation(actor: Actor, row: ImportRow) -> Outcome:
    """Known by its credit code: brought up to date from today on; else registered. The same again is "unchanged".

    Raises Refused whose `field` is a column of the sheet: outside the district, an address that no building has, a count before
    one on record.
    """
    code = normal_credit_code(row["credit_code"])
    try:
        known = policy_for(Profile).visible_to(actor).select_related("unit").filter(credit_code=code).first()
        outcome: Outcome = "unchanged"
        if known is None:
            known, outcome = _registered(actor, row, code), "added"
        elif _corrected(actor, row, known):
            outcome = "changed"
        if _counted(actor, row, known) and outcome == "unchanged":
            outcome = "changed"
    except NotVisible as refusal:
        raise RuleViolation(
            _("这个位置不在您的管理范围内，没有登记。请由所在街道登记。"),
            field=COLUMNS.get(refusal.field, "place"),
        ) from refusal
    except Refused as refusal:
        field = COLUMNS.get(refusal.field, refusal.field)
        raise type(refusal)(refusal.message, field=field, clause=refusal.clause) from refusal
    return outcome


def _registered(actor: Actor, row: ImportRow, code: str) -> Profile:
    if row["founded_on"] is None:
        raise RuleViolation(_("第一次登记须写明成立日期。"), field="founded_on")
    new = NewOrganisation(
        kind=row["kind"], name=row["name"], credit_code=code, trade=row["trade"], address=row["address"],
        founded_on=row["founded_on"], longitude=_degrees(row["longitude"]), latitude=_degrees(row["latitude"]),
        place_code=row["place"] or "",
    )  # fmt: skip
    return register_organisation(actor=actor, new=new)


def _degrees(value: Any) -> float | None:
    return None if value is None else float(value)


def _corrected(actor: Actor, row: ImportRow, known: Profile) -> bool:
    if known.unit.kind != row["kind"]:
        raise RuleViolation(
            _("这个信用代码登记的是%(kind)s，请核对类型。") % {"kind": known.unit.get_kind_display()},
            field="kind",
        )
    name = named([known]).get(known.unit_id, "")
    same = (row["name"].strip(), row["trade"], row["address"].strip()) == (name, known.trade, known.address)
    longitude, latitude = _degrees(row["longitude"]), _degrees(row["latitude"])
    moved = longitude is not None and (longitude, latitude) != (known.longitude, known.latitude)
    if same and not moved:
        return False
    return correct_organisation(
        actor=actor, organisation_id=known.pk, name=row["name"], trade=row["trade"], address=row["address"],
        longitude=longitude, latitude=latitude,
    )  # fmt: skip


def _counted(actor: Actor, row: ImportRow, known: Profile) -> bool:
    """Record what the row counts; a sheet without numbers counts nothing. A sheet brought again changes nothing."""
    if row["staff"] is None:
        if row["full"] is not None or row["probationary"] is not None:
            raise RuleViolation(_("写了党员人数的，也要写职工人数。"), field="staff")
        return False
    given = {key: row[key] or 0 for key in _COUNT}
    day = row["counted_on"] or clock.today()
    last = HeadCount.objects.filter(organisation=known).order_by("-valid_from").first()
    same = last is not None and all(getattr(last, key) == value for key, value in given.items())
    if same and last is not None and (row["counted_on"] is None or last.valid_from == day):
        return False
    record_count(actor=actor, organisation_id=known.pk, counted_on=day, **given)
    return not same
