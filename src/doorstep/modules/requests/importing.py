"""One row of an office's sheet becomes a request, an item or a route, by the same services as a form."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.organisations.kinds import UNIT_KINDS
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.modules.requests import selectors
from doorstep.modules.requests.callers import caller_of
from doorstep.modules.requests.models import Request
from doorstep.modules.requests.places import where_is
from doorstep.modules.requests.rules import words_of
from doorstep.modules.requests.services import Report, report
from doorstep.modules.requests.services_lists import NewItem, NewRoute, list_item, set_route

_TICKET_COLUMNS = {"item": "item", "address": "address", "place_code": "community", "text": "text", "title": "title",
                   "urgency": "urgency", "name": "caller", "phone": "phone", "hotline_number": "number"}  # fmt: skip


@transaction.atomic
def import_ticket(actor: Actor, row: ImportRow) -> Outcome:
    """A hotline ticket, once for its number: a batch brought again adds nothing. Raises Refused at a column."""
    number = row["number"].strip()
    if Request.objects.filter(hotline_number=number).exists():
        return "unchanged"
    try:
        where = where_is(place_code=row["community"] or "", address=row["address"] or "")
        reporter, for_whom = caller_of(
            actor, name=row["caller"] or "", phone=row["phone"] or "", anonymous=bool(row["anonymous"]),
            place_code=where.code, ticket=number,
        )  # fmt: skip
        item = _item(where.code, row["item"])
        report(
            actor=actor,
            new=Report(
                source="hotline", text=row["text"], title=row["title"] or "", item_code=item,
                urgency=row["urgency"] or "", place_code=where.code, address=row["address"] or "",
                reporter_id=reporter, for_whom=for_whom, anonymous=bool(row["anonymous"]), hotline_number=number,
            ),
        )  # fmt: skip
    except Refused as refusal:
        column = _TICKET_COLUMNS.get(refusal.field, "")
        raise type(refusal)(refusal.message, field=column, clause=refusal.clause) from refusal
    return "added"


def _item(place_code: str, text: str | None) -> str:
    """An item by its code or name; none where the cell is empty: then the words decide."""
    words = (text or "").strip()
    if not words:
        return ""
    known = selectors.items_at(place_code)
    found = known.filter(code=words).first() or known.filter(name=words).first()
    if found is None:
        raise RuleViolation(_("事项目录里没有“%s”。") % words, field="item")
    return str(found.code)


@transaction.atomic
def import_item(actor: Actor, row: ImportRow) -> Outcome:
    """One item of the list, from its day on; unchanged where it stands there already."""
    new = NewItem(
        place_code=row["place"], code=row["code"].strip(), name=row["name"].strip(), event_class=row["event_class"],
        valid_from=row["valid_from"], clause=row["clause"] or "",
        words=words_of(row["words"] or ""), urgency=row["urgency"] or "normal",
        is_grid_work=row["is_grid_work"] is not False, elsewhere=row["elsewhere"] or "",
        confidentiality=row["confidentiality"] or "internal",
    )  # fmt: skip
    _item_row, outcome = list_item(actor=actor, new=new)
    return outcome


@transaction.atomic
def import_route(actor: Actor, row: ImportRow) -> Outcome:
    """One rule, from its day on; `unit` is the name of a unit in force, or of a kind of unit."""
    unit_id, unit_kind = _target(row["unit"].strip())
    new = NewRoute(
        place_code=row["place"], reason=row["reason"], valid_from=row["valid_from"],
        event_class=row["event_class"] or "", item=_item(row["place"], row["item"]), urgency=row["urgency"] or "",
        unit_id=unit_id, unit_kind=unit_kind,
    )  # fmt: skip
    _rule, outcome = set_route(actor=actor, new=new)
    return outcome


def _target(words: str) -> tuple[int | None, str]:
    for kind, name in UNIT_KINDS.items():
        if words in (kind, str(name)):
            return None, kind
    found = list(UnitVersion.objects.in_force().filter(name=words).values_list("unit_id", flat=True)[:2])
    if len(found) != 1:
        raise RuleViolation(
            _("没有找到唯一的单位“%s”；也可以写单位类型，如“居民委员会”。") % words, field="unit"
        )
    return found[0], ""
