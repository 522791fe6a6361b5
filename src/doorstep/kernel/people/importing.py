"""One row of an office's list becomes a person, by the same services as a form; numbers are sealed and never told."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.people import services, values
from doorstep.kernel.people.ciphers import blind_index
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import persons_for
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.kernel.shared.place_codes import contains


@transaction.atomic
def import_person(actor: Actor, row: ImportRow) -> Outcome:
    """Register the person of one row, or fill in what is not recorded yet of the one already known.

    Known by the identity number, else by name and phone, else by name at that place. A number on record is not replaced
    by a sheet, and an empty cell takes nothing away. A row applied twice is "unchanged". Raises Refused at a column.
    """
    try:
        name = values.checked_name(row["name"])
        given = {field: check(row[field] or "") for field, check in values.CHECKS.items()}
        known = _known(actor, row["place"], name, given)
        if known is None:
            services.register_person(
                actor=actor,
                name=name,
                place_code=row["place"],
                phone=given["phone"],
                identity=given["identity"],
            )
            return "added"
        return _filled(actor, known, name, given)
    except Refused as refusal:
        column = {"place_code": "place"}.get(refusal.field, refusal.field)
        raise type(refusal)(refusal.message, field=column, clause=refusal.clause) from refusal


def _known(actor: Actor, place: str, name: str, given: dict[str, str]) -> Person | None:
    """The one person the row is about among those the actor sees. Raises RuleViolation where it may be several."""
    rows = persons_for(actor).filter(erased_at__isnull=True).select_related("key")
    if given["identity"]:
        found = rows.filter(identity_index=blind_index("identity", given["identity"])).first()
        if found is not None:
            return found
    same = rows.filter(name=name)
    if given["phone"]:
        return _only(same.filter(phone_index=blind_index("phone", given["phone"])))
    here = [person for person in same if contains(place, person.place_code)]
    if given["identity"]:
        here = [person for person in here if person.identity_index is None]
    if len(here) > 1:
        raise RuleViolation(_("这里同名的不止一人，请写电话或身份证号。"), field="name")
    return here[0] if here else None


def _only(rows: QuerySet[Person]) -> Person | None:
    found = list(rows[:2])
    if len(found) > 1:
        raise RuleViolation(_("同名同电话的不止一人，请写身份证号。"), field="name")
    return found[0] if found else None


def _filled(actor: Actor, person: Person, name: str, given: dict[str, str]) -> Outcome:
    if person.name != name:
        raise RuleViolation(
            _("这个身份证号登记的是另一个姓名，请核对；姓名有误的在其页面更正。"), field="name"
        )
    key = values.key_of(person)
    more = {}
    for field, value in given.items():
        recorded = values.taken(person, key, field)
        if value and recorded and value != recorded:
            raise RuleViolation(
                _("与已登记的%(what)s不同，表格不替换；请在其页面更正。") % {"what": values.FIELDS[field]},
                field=field,
            )
        if value and not recorded:
            more[field] = value
    if not more:
        return "unchanged"
    services.correct_person(actor=actor, person=person, reason=_("导入表格"), **more)
    return "changed"
