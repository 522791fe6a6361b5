"""Where a building is, in the few values that a report from it needs."""

from __future__ import annotations

from typing import NamedTuple

from doorstep.kernel.places.models import Area, Building
from doorstep.kernel.shared.kept import Kept
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.kernel.shared.prepared import Prepared


class Door(NamedTuple):
    """A building with the names of its compound and community ("" where it lies in none)."""

    id: int
    name: str
    address: str
    place_code: str
    longitude: float
    latitude: float
    compound: str
    community: str


def door_of(building_id: int) -> Door | None:
    """Two queries the first time, then none but whether it still is so."""
    return _door(building_id)


_BUILDING = Prepared(
    lambda pk: Building.objects.filter(pk=pk).values_list(*Door._fields[:6], "compound__name"), 918273645
)
_COMMUNITY = Prepared(
    lambda code: Area.objects.filter(code=code, level="community").values_list("name"), "210202999999"
)


def _read_door(building_id: int) -> Door | None:
    for pk, name, address, place_code, longitude, latitude, compound in _BUILDING(building_id):
        found = _COMMUNITY(place_code[: LENGTHS["community"]])
        community = found[0][0] if found else ""
        return Door(pk, name, address, place_code, longitude, latitude, compound or "", community)
    return None


_door = Kept(_read_door, "places_building", "places_compound", "places_area")
