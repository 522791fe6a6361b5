"""What forms of volunteering choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.volunteering.models import Brand

MOST_CHOICES = 2000


def areas(where: Sequence[str], levels: Sequence[str]) -> list[tuple[str, str]]:
    """(code, name) of the standing areas of these levels, in the order of their codes."""
    rows = Area.objects.filter(within("code", where), level__in=levels, ended_on=None).exclude(code="")
    return list(rows.order_by("code").values_list("code", "name")[:MOST_CHOICES])


def communities(where: Sequence[str]) -> list[tuple[str, Any]]:
    """Communities in groups by street, as a choice."""
    rows = Area.objects.filter(within("code", where), level="community", ended_on=None)
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in rows.select_related("parent").order_by("code")[:MOST_CHOICES]:
        groups.setdefault(row.parent.name if row.parent else "", []).append((row.code, row.name))
    return list(groups.items())


def federations(where: Sequence[str]) -> list[tuple[str, str]]:
    """Federations of the districts these places lie in."""
    districts = sorted({place[:6] for place in where if place}) or [""]
    rows = UnitVersion.objects.in_force().filter(within("place_code", districts), kind="volunteer_federation")
    return [(str(unit), name) for unit, name in rows.order_by("place_code").values_list("unit", "name")]


def brands(where: Sequence[str]) -> list[tuple[str, str]]:
    districts = sorted({place[:6] for place in where if place}) or [""]
    rows = Brand.objects.in_force().filter(within("place_code", districts)).order_by("name")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")[:MOST_CHOICES]]
