"""What a row of the lists can name: places, items, units and kinds of unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from doorstep.kernel.organisations.kinds import UNIT_KINDS
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.requests.models import EVENT_CLASSES, EventItem
from doorstep.modules.requests.selectors import upwards

LEVELS = ("county", "street", "community")
NEAREST = ("residents_committee", "street_office", "department", "district_government")  # proposed as kinds
NAMED = ("department", "street_office", "residents_committee", "property_company")  # proposed by name

Groups = list[tuple[Any, list[tuple[str, Any]]]]


def places_inside(places: Sequence[str]) -> list[tuple[str, str]]:
    """(code, name) of districts, streets and communities, in the order of codes. One query."""
    rows = Area.objects.filter(within("code", list(places)), level__in=LEVELS, ended_on=None).exclude(code="")
    return list(rows.order_by("code").values_list("code", "name"))


def items_inside(places: Sequence[str]) -> Groups:
    """Items on the lists of these places and of those they lie in, or to come there, by class. One query."""
    above = {code for place in places for code in upwards(place)}
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=clock.today())
    rows = EventItem.objects.filter(lasting, Q(place_code__in=above) | within("place_code", list(places)))
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows.order_by("code"):
        found[row.event_class][row.code] = row.name
    return [(name, list(found[key].items())) for key, name in EVENT_CLASSES if key in found]


def units_inside(places: Sequence[str]) -> Groups:
    """Units in force in these places or over them, by kind: (unit's number, name). One query."""
    above = {code for place in places for code in upwards(place)}
    here = Q(place_code__in=above) | within("place_code", list(places))
    rows = UnitVersion.objects.in_force().filter(here, kind__in=NAMED).order_by("pinyin", "unit_id")
    found: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row.kind].append((str(row.unit_id), row.name))
    return [(UNIT_KINDS[kind], found[kind]) for kind in NAMED if found[kind]]
