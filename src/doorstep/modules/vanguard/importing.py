"""One row of an office's sheet becomes a post, a responsibility area or a project, by the same services as a form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import ImportRow, Noted, Outcome, noted
from doorstep.kernel.organisations.selectors import units_as_of
from doorstep.kernel.places.models import Area as PlaceArea
from doorstep.kernel.places.models import Building, Compound, Grid
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import NotVisible, Refused, RuleViolation
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.modules.vanguard.models import Area, AreaPlace, Post, Project
from doorstep.modules.vanguard.services import NewKept, Places, set_up_area, set_up_post, set_up_project

Kept = Post | Area | Project
COLUMNS = {"place_code": "place"}  # services' names of ours
_BETWEEN = re.compile(r"[、，,；;\n]+")


@transaction.atomic
def import_post(actor: Actor, row: ImportRow) -> Outcome | Noted:
    """A post by its place and name; one that stands already is unchanged, and what differs is said. Raises Refused at the column."""
    given = {"kind": row["kind"], "duty": row["duty"] or ""}
    return _imported(actor, row, Post, given, lambda new: set_up_post(actor=actor, new=new, **given))


@transaction.atomic
def import_area(actor: Actor, row: ImportRow) -> Outcome | Noted:
    """A responsibility area by its place and name, with its places by name or code; else as a post."""
    places = _places(row["place"], row["places"])
    duty = row["duty"] or ""
    known = _known(row, Area, _unit(actor, row))
    if known is not None and _sorted(_places_of(known)) != _sorted(places):
        return noted("unchanged", _("已有同名的责任区，范围不一样，没有改。要改请先终止原来的。"), "places")
    return _imported(
        actor,
        row,
        Area,
        {"duty": duty},
        lambda new: set_up_area(actor=actor, new=new, places=places, duty=duty),
    )


@transaction.atomic
def import_project(actor: Actor, row: ImportRow) -> Outcome | Noted:
    """A project by its place and name, with its aim and period; else as a post."""
    given = {"aim": row["aim"], "valid_to": row["valid_to"]}
    return _imported(actor, row, Project, given, lambda new: set_up_project(actor=actor, new=new, **given))


def _imported(
    actor: Actor, row: ImportRow, model: type[Kept], given: Mapping[str, Any], make: Callable[[NewKept], Any]
) -> Outcome | Noted:
    unit = _unit(actor, row)
    known = _known(row, model, unit)
    if known is not None:
        same = all(getattr(known, key) == value for key, value in given.items())
        return noted(
            "unchanged", "" if same else _("已有同名的，内容不一样，没有改。要改请先终止原来的。"), "name"
        )
    try:
        make(NewKept(place_code=row["place"], name=_name(row), unit_id=unit, valid_from=row["valid_from"]))
    except Refused as refusal:
        field = COLUMNS.get(refusal.field, refusal.field) or (
            "place" if isinstance(refusal, NotVisible) else ""
        )
        raise type(refusal)(refusal.message, field=field, clause=refusal.clause) from None
    return "added"


def _name(row: ImportRow) -> str:
    return " ".join(str(row["name"]).split())


def _known(row: ImportRow, model: type[Any], unit_id: int) -> Any:
    """The unit's one of that name at that place that stands, or that stood on the day."""
    rows = model.objects.filter(place_code=row["place"], name=_name(row), unit_id=unit_id)
    return rows.filter(Q(valid_to=None) | in_force(row["valid_from"])).order_by("pk").first()


def _unit(actor: Actor, row: ImportRow) -> int:
    near = within("place_code", [row["place"][: LENGTHS["county"]]])
    units = units_as_of(actor, on=row["valid_from"]).filter(near, name=str(row["unit"]).strip())
    found = list(units.values_list("unit_id", flat=True)[:2])
    if not found:
        raise RuleViolation(_("没有找到这个单位，请写它在本平台的全称。"), field="unit")
    if len(found) > 1:
        raise RuleViolation(_("有几个单位都叫这个名字，请在平台上另行登记。"), field="unit")
    return found[0]


def _places(place_code: str, text: str) -> Places:
    """Places written one after another, each a code, or the name of a grid, a compound or a building. Raises RuleViolation."""
    codes: list[str] = []
    compounds: list[int] = []
    buildings: list[int] = []
    for word in dict.fromkeys(part.strip() for part in _BETWEEN.split(text) if part.strip()):
        here = within("code", [place_code]), Q(code=word) if is_digits(word) else Q(name=word)
        grids = Grid.objects.in_force().filter(*here).values_list("code", flat=True)
        below = PlaceArea.objects.filter(*here, level="community", ended_on=None).values_list(
            "code", flat=True
        )
        named = Compound.objects.filter(within("place_code", [place_code]), name=word).values_list(
            "pk", flat=True
        )
        found: list[tuple[list[Any], Any]] = [(codes, code) for code in (*grids[:2], *below[:2])]
        found += [(compounds, pk) for pk in named[:2]]
        if not found:
            found = [(buildings, pk) for pk in _buildings(place_code, word)]
        if len(found) != 1:
            said = (
                _("有几处都叫“%s”，请写网格代码，或者小区加楼栋的全名。")
                if found
                else _("没有找到“%s”，请写网格的名称或代码、小区楼院或楼栋的名称。")
            )
            raise RuleViolation(said % word[:40], field="places")
        kept, key = found[0]
        kept.append(key)
    return Places(codes=tuple(codes), compounds=tuple(compounds), buildings=tuple(buildings))


def _buildings(place_code: str, word: str) -> list[int]:
    """Buildings called so: by their own name, or with their compound's before it."""
    rows = Building.objects.filter(within("place_code", [place_code])).select_related("compound")
    named = rows.filter(name=word) | rows.filter(compound__isnull=False, name__in=_ends_of(word))
    return [row.pk for row in named.order_by("pk")[:50] if word in (row.name, row.called)][:2]


def _ends_of(word: str) -> list[str]:
    return [word[start:] for start in range(1, len(word))]


def _sorted(places: Places) -> tuple[list[Any], ...]:
    return sorted(places.codes), sorted(places.compounds), sorted(places.buildings)


def _places_of(row: Area) -> Places:
    parts = list(AreaPlace.objects.filter(area=row).order_by("pk"))
    return Places(
        codes=tuple(part.code for part in parts if part.code),
        compounds=tuple(part.compound_id for part in parts if part.compound_id is not None),
        buildings=tuple(part.building_id for part in parts if part.building_id is not None),
    )
