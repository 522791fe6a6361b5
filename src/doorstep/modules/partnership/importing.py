"""One row of an office's sheet becomes an agreement, by the same service as a form."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.rules import normal_credit_code
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.modules.partnership.models import PARTNER_KINDS, Agreement
from doorstep.modules.partnership.policies import KEEP
from doorstep.modules.partnership.services import NewAgreement, sign_agreement


@transaction.atomic
def import_agreement(actor: Actor, row: ImportRow) -> Outcome:
    """Apply one row; one that is on record already (unit, place, document) is "unchanged". Raises Refused at its column."""
    require_place(actor, KEEP, row["place"])  # before anything is told of what is on record there
    version = _unit(row)
    known = Agreement.objects.filter(
        unit_id=version.unit_id, place_code=row["place"], document=row["document"].strip()
    )
    found = known.first()
    if found is not None:
        if (found.valid_from, found.valid_to) != (row["valid_from"], row["valid_to"]):
            raise RuleViolation(
                _("这份协议已登记为 %(from)s 至 %(to)s；要改请在单位的共建页续签或终止。")
                % {"from": found.valid_from, "to": found.valid_to},
                field="valid_from",
            )
        return "unchanged"
    new = NewAgreement(
        unit_id=version.unit_id, place_code=row["place"], valid_from=row["valid_from"], valid_to=row["valid_to"],
        about=row["about"], document=row["document"],
    )  # fmt: skip
    try:
        sign_agreement(actor=actor, new=new)
    except Refused as refusal:
        field = "place" if refusal.field == "place_code" else refusal.field
        raise type(refusal)(refusal.message, field=field, clause=refusal.clause) from refusal
    return "added"


def _unit(row: ImportRow) -> UnitVersion:
    """The one unit of that name (and code) in the district that may be a partner."""
    county = row["place"][: LENGTHS["county"]]
    rows = UnitVersion.objects.in_force().filter(within("place_code", [county]), kind__in=PARTNER_KINDS)
    rows = rows.filter(name=row["unit"].strip())
    if row["credit_code"]:
        rows = rows.filter(unit__credit_code=normal_credit_code(row["credit_code"]))
    found: list[UnitVersion] = list(rows.order_by("pk")[:2])
    if not found:
        raise RuleViolation(
            _("单位台账里没有叫“%(unit)s”的单位，请先登记。") % {"unit": row["unit"][:60]}, field="unit"
        )
    if len(found) > 1:
        raise RuleViolation(
            _("叫“%(unit)s”的单位不止一个，请填统一社会信用代码。") % {"unit": row["unit"][:60]},
            field="credit_code",
        )
    return found[0]
