"""Whom a matter can be given to."""

from __future__ import annotations

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import ancestors_of

ASKED_KINDS = ("department", "street_office", "residents_committee", "property_company")


def units_to_ask(matter: Matter) -> list[UnitVersion]:
    """Units a matter can be given to: those of its places upwards that handle matters, but for the one that has it."""
    places = [*ancestors_of(matter.place_code), matter.place_code]
    rows = UnitVersion.objects.filter(in_force(), kind__in=ASKED_KINDS, place_code__in=places)
    return list(rows.exclude(unit_id=matter.holder_id or 0).order_by("-place_code", "pinyin", "pk"))


def people_to_give(matter: Matter) -> list[tuple[int, str]]:
    """Those in office in the unit that holds the matter: (person, name)."""
    rows = Appointment.objects.filter(in_force(), unit_id=matter.holder_id or 0).select_related("person")
    return list(
        dict.fromkeys((row.person_id, row.person.name) for row in rows.order_by("person__pinyin", "pk"))
    )
