"""Whom a matter can be given to."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from doorstep.kernel.access.capabilities import all_capabilities
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.policies import HANDLE
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import ancestors_of

ASKED_KINDS = (
    "department", "street_office", "street_working_committee", "residents_committee", "property_company",
)  # fmt: skip


def units_to_ask(matter: Matter) -> list[UnitVersion]:
    """Units a matter can be given to, but for the one that has it."""
    return [unit for unit in units_at([matter.place_code]) if unit.unit_id != matter.holder_id]


def units_at(place_codes: Iterable[str]) -> list[UnitVersion]:
    """Units of these places or above them that handle matters, with somebody in office today who takes them on."""
    places = {each for code in place_codes for each in (*ancestors_of(code), code)}
    serving = Appointment.objects.in_force().filter(
        unit=OuterRef("unit_id"), post__in=all_capabilities()[HANDLE]
    )
    rows = UnitVersion.objects.filter(
        in_force(), Exists(serving), kind__in=ASKED_KINDS, place_code__in=places
    )
    return list(rows.order_by("-place_code", "pinyin", "pk"))


def people_to_give(matter: Matter) -> list[tuple[int, str]]:
    """Those in office in the unit that holds the matter: (person, name)."""
    rows = Appointment.objects.filter(in_force(), unit_id=matter.holder_id or 0).select_related("person")
    return list(
        dict.fromkeys((row.person_id, row.person.name) for row in rows.order_by("person__pinyin", "pk"))
    )
