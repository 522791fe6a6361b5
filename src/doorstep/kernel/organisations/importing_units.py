"""One row of an office's list of units becomes a unit, or brings its office up to date, by the same services as a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.organisations import refusals, selectors
from doorstep.kernel.organisations.kept_kinds import is_general
from doorstep.kernel.organisations.kinds import UNIT_KINDS
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.rules import normal_credit_code
from doorstep.kernel.organisations.services import change_office, found_unit, set_credit_code
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused, RuleViolation

_OFFICE = ("phone", "hours", "address")
_COLUMNS = {"place_code": "place"}  # a column's key where it differs from the field a service names


def kind_choices() -> Sequence[tuple[str, str | Promise]]:
    """Every kind but the platform's own; a kind that a module keeps is refused in words."""
    return [(kind, name) for kind, name in UNIT_KINDS.items() if kind != "platform_administration"]


def check_credit_code(code: Any) -> None:
    """Raises ValueError in the user's words (GB 32100-2015)."""
    try:
        refusals.check_credit_code(str(code))
    except RuleViolation as refusal:
        raise ValueError(str(refusal.message)) from None


@transaction.atomic
def import_unit(actor: Actor, row: ImportRow) -> Outcome:
    """Apply one row. A unit is known by kind, name and place (or its credit code): then its office and a missing code
    are brought up to date from today on; what else differs is said with the page for it. Applied twice: "unchanged".

    Raises Refused whose `field` is a column of the sheet.
    """
    if not is_general(row["kind"]):
        raise RuleViolation(
            _("%(kind)s在组织链条里成立，或从它自己的台账导入。") % {"kind": UNIT_KINDS[row["kind"]]},
            field="kind",
        )
    try:
        known = _known(actor, row)
        return _brought_up_to_date(actor, known, row) if known else _founded(actor, row)
    except Refused as refusal:
        field = _COLUMNS.get(refusal.field, refusal.field)
        raise type(refusal)(refusal.message, field=field, clause=refusal.clause) from refusal


def _known(actor: Actor, row: ImportRow) -> UnitVersion | None:
    rows = (
        selectors.units_as_of(actor, kinds=[row["kind"]]).filter(unit__ended_on=None).select_related("unit")
    )
    code = normal_credit_code(row["credit_code"] or "")
    by_code = rows.filter(unit__credit_code=code).first() if code else None
    known: UnitVersion | None = (
        by_code or rows.filter(name=row["name"].strip(), place_code=row["place"]).first()
    )
    return known


def _founded(actor: Actor, row: ImportRow) -> Outcome:
    name = (row["superior"] or "").strip()
    superior = superior_named(actor, row["place"], name) if name else None
    found_unit(
        actor=actor, kind=row["kind"], name=row["name"], place_code=row["place"], founded_on=row["founded_on"],
        superior_id=superior, **{key: row[key] or "" for key in ("document", "approved_by", "credit_code", *_OFFICE)},
    )  # fmt: skip
    return "added"


def superior_named(actor: Actor, place_code: str, name: str) -> int:
    """The one unit of that name at the place or above it. Raises RuleViolation at "superior"."""
    found = [above for above in selectors.superiors_for(actor, place_code) if above.name == name]
    if not found:
        raise RuleViolation(
            _("这个地方和它的上级里没有名为“%(name)s”的单位。") % {"name": name}, field="superior"
        )
    if len(found) > 1:
        raise RuleViolation(
            _("名为“%(name)s”的单位不止一个，请在单位页面“调整隶属或地方”里选。") % {"name": name},
            field="superior",
        )
    return found[0].unit_id


def _brought_up_to_date(actor: Actor, known: UnitVersion, row: ImportRow) -> Outcome:
    """An empty cell says nothing of a unit that is known."""
    _refuse_other(known, row)
    outcome: Outcome = "unchanged"
    code = normal_credit_code(row["credit_code"] or "")
    if code and not known.unit.credit_code:
        set_credit_code(actor=actor, unit_id=known.unit_id, credit_code=code)
        outcome = "changed"
    office = {
        key: row[key].strip() for key in _OFFICE if row[key] and row[key].strip() != getattr(known, key)
    }
    if office:
        change_office(actor=actor, unit_id=known.unit_id, effective_on=clock.today(), **office)
        outcome = "changed"
    return outcome


def _refuse_other(known: UnitVersion, row: ImportRow) -> None:
    """What a list does not change of a unit on record: say what is recorded and which page changes it."""
    code = normal_credit_code(row["credit_code"] or "")
    differing = (
        ("name", row["name"].strip(), known.name, _("更名")),
        ("place", row["place"], known.place_code, _("调整隶属或地方")),
        ("founded_on", row["founded_on"], known.unit.founded_on, ""),
        (
            "credit_code",
            code or known.unit.credit_code,
            known.unit.credit_code or code,
            _("统一社会信用代码"),
        ),
        ("superior", (row["superior"] or "").strip(), _superior_name(known), _("调整隶属或地方")),
    )
    for field, wanted, recorded, page in differing:
        if wanted and wanted != recorded:
            words = _("这个单位已登记，这一栏登记的是“%(recorded)s”。") % {"recorded": recorded or "—"}
            told = _("要改请在它的页面办理“%(page)s”。") % {"page": page} if page else _("请核对。")
            raise RuleViolation(words + told, field=field)


def _superior_name(known: UnitVersion) -> str:
    if known.superior_id is None:
        return ""
    return selectors.last_names([known.superior_id]).get(known.superior_id, "")
