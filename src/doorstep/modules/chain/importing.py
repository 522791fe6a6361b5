"""One row of an office's sheet becomes a group or a household, by the same services as a form."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import units_as_of
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import find_persons, persons_for
from doorstep.kernel.people.services import register_person
from doorstep.kernel.places.models import Building
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.chain.models import GroupBuilding, MemberHousehold
from doorstep.modules.chain.selectors import BRANCH, GROUP
from doorstep.modules.chain.services import designate_household, form_group
from doorstep.modules.chain.services_members import NewBuildingCount, record_building_members
from doorstep.modules.chain.services_work import Approved

_SEPARATORS = re.compile(r"[、,，;；\n]+")
_COLUMNS = {"person": "person", "building": "building", "buildings": "buildings", "branch": "branch",
            "designated_on": "designated_on", "formed_on": "formed_on", "approval": "approval", "full": "full", "counted_on": "counted_on",
            "document": "document", "name": "name"}  # fmt: skip


@transaction.atomic
def import_household(actor: Actor, row: ImportRow) -> Outcome:
    """Designate the household of one row; a row applied twice is "unchanged". Raises Refused at a column."""
    building = _building(row["community"], row["building"], "building")
    person = person_named(actor, row["person"].strip(), row["phone"] or "", building.place_code[:12])
    known = MemberHousehold.objects.in_force(row["designated_on"]).filter(person=person, building=building)
    if standing := known.first():
        for key in ("door", "document"):
            if row[key] and row[key] != getattr(standing, key):
                raise RuleViolation(
                    _("这一户已经认定，登记的是“{value}”；要改请先在它的页面撤销认定，再重新认定。").format(
                        value=getattr(standing, key) or "—"
                    ),
                    field=key,
                )
        return "unchanged"
    try:
        designate_household(
            actor=actor, person_id=person.pk, building_id=building.pk, designated_on=row["designated_on"],
            door=row["door"] or "", document=row["document"] or "", consent_given_by=row["consent"] or "",
        )  # fmt: skip
    except Refused as refusal:
        raise _at_column(refusal) from refusal
    return "added"


@transaction.atomic
def import_group(actor: Actor, row: ImportRow) -> Outcome:
    """Form the group of one row; a row applied twice is "unchanged". Raises Refused at a column."""
    branch = _branch(actor, row)
    buildings = [_building(row["community"], name, "buildings").pk for name in several(row["buildings"])]
    known = UnitVersion.objects.in_force(row["formed_on"]).filter(
        kind=GROUP, superior=branch.unit_id, name=row["name"].strip()
    )
    if standing := known.first():
        covered = GroupBuilding.objects.in_force(row["formed_on"]).filter(group=standing.unit_id)
        if set(covered.values_list("building_id", flat=True)) == set(buildings):
            return "unchanged"
        raise RuleViolation(_("这个小组已经成立，楼栋不同；请在“调整楼栋”中办理。"), field="buildings")
    try:
        form_group(
            actor=actor, name=row["name"], branch_id=branch.unit_id, buildings=buildings,
            formed_on=row["formed_on"], document=row["document"] or "", full=row["full"],
            approved=Approved(row["approval"]) if row["approval"] else None,
        )  # fmt: skip
    except Refused as refusal:
        raise _at_column(refusal) from refusal
    return "added"


@transaction.atomic
def import_building_members(actor: Actor, row: ImportRow) -> Outcome:
    """How many full members a building has, of one row; a row applied twice is "unchanged". Raises Refused at a column."""
    building = _building(row["community"], row["building"], "building")
    new = NewBuildingCount(building_id=building.pk, counted_on=row["counted_on"], full=row["full"])
    try:
        return record_building_members(actor=actor, counts=[new])[0][1]
    except Refused as refusal:
        raise _at_column(refusal) from refusal


def _at_column(refusal: Refused) -> Refused:
    """The same refusal, at a column of the sheet where it names one."""
    return type(refusal)(refusal.message, field=_COLUMNS.get(refusal.field, ""), clause=refusal.clause)


def _branch(actor: Actor, row: ImportRow) -> UnitVersion:
    rows = units_as_of(actor, place_code=row["community"] or "", on=row["formed_on"], kinds=[BRANCH])
    found = list(rows.filter(name=row["branch"].strip())[:2])
    if not found:
        raise RuleViolation(
            _("{day} 没有名为“{name}”的党支部。").format(day=row["formed_on"], name=row["branch"]),
            field="branch",
        )
    if len(found) > 1:
        raise RuleViolation(_("同名的党支部不止一个，请写明社区。"), field="community")
    return found[0]


def _building(community: str | None, text: str, field: str) -> Building:
    """The one building of that name or address in the community."""
    text = text.strip()
    rows = Building.objects.filter(within("place_code", [community or ""]))
    found = list(rows.filter(name=text)[:2]) or list(rows.filter(address=text)[:2])
    if not found:
        raise RuleViolation(_("没有找到楼栋“{name}”。").format(name=text), field=field)
    if len(found) > 1:
        raise RuleViolation(_("楼栋“{name}”不止一栋，请写地址。").format(name=text), field=field)
    return found[0]


def several(text: str) -> list[str]:
    """The names in one cell."""
    return [name.strip() for name in _SEPARATORS.split(text) if name.strip()]


def person_named(actor: Actor, name: str, phone: str, community: str) -> Person:
    """By phone where it is given, else the only one of that name; a new person needs a phone.

    Raises RuleViolation at "phone".
    """
    if phone:
        known = find_persons(actor, phone).filter(name=name).first()
        return known or register_person(actor=actor, name=name, place_code=community, phone=phone)
    found = list(persons_for(actor).filter(name=name, erased_at=None)[:2])
    if len(found) == 1:
        return found[0]
    words = (
        _("没有登记过“{name}”，请写手机号以便登记。")
        if not found
        else _("名为“{name}”的不止一人，请写手机号。")
    )
    raise RuleViolation(words.format(name=name), field="phone")
