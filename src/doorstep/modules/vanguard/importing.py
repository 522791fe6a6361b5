"""One row of an office's sheet becomes a post, by the same service as a form."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.organisations.selectors import units_as_of
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.modules.vanguard.models import Post
from doorstep.modules.vanguard.services import NewKept, set_up_post


@transaction.atomic
def import_post(actor: Actor, row: ImportRow) -> Outcome:
    """A post by its place and name; one that stands already is unchanged. Raises Refused at the column."""
    name, place = str(row["name"]).strip(), row["place"]
    known = Post.objects.in_force().filter(place_code=place, name=name)
    if known.exists():
        return "unchanged"
    units = units_as_of(actor).filter(name=str(row["unit"]).strip(), place_code__startswith=place[:6])
    found = list(units.values_list("unit_id", flat=True)[:2])
    if len(found) != 1:
        raise RuleViolation(_("没有找到这个单位，请写它在本平台的全称。"), field="unit")
    new = NewKept(place_code=place, name=name, unit_id=found[0], valid_from=row["valid_from"])
    try:
        set_up_post(actor=actor, new=new, kind=row["kind"], duty=row["duty"] or "")
    except Refused as refusal:
        field = {"place_code": "place"}.get(refusal.field, refusal.field)
        raise type(refusal)(refusal.message, field=field, clause=refusal.clause) from None
    return "added"
