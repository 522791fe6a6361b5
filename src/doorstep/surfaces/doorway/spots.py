"""Where a report is, as a phone sends it: a building, a chosen place, or a position; and how that is said back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.utils.translation import gettext as _

from doorstep.kernel.places.doors import Door, door_of
from doorstep.kernel.places.models import Building, Grid
from doorstep.kernel.places.positions import to_wgs84
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.shared.place_codes import LENGTHS, contains, is_code
from doorstep.surfaces.doorway import selectors
from doorstep.surfaces.doorway.forms import GCJ02


@dataclass(frozen=True)
class Spot:
    """A place on the form. `code`: the finest place known ("" outside the district); `words`: how it is said.

    `longitude`, `latitude`: WGS-84, where the phone gave a position or the building has one. `warning`: what the
    reporter should know before sending. `grids`: finer places to choose from.
    """

    words: str = ""
    code: str = ""
    building_id: int | None = None
    chosen: str = ""
    longitude: float | None = None
    latitude: float | None = None
    pinned: bool = False
    warning: str = ""
    grids: list[selectors.FoundPlace] = field(default_factory=list)

    @property
    def is_known(self) -> bool:
        return bool(self.code or self.pinned)


def spot_of(given: Mapping[str, str], mine: Building | None = None) -> Spot:
    """What the fields building, place, longitude, latitude, datum say; my own building where they say nothing."""
    position = _position(given)
    door = _door(given.get("building", ""))
    if door is None and mine is not None and position is None and not given.get("place"):
        door = door_of(mine.pk)
    if door is not None:
        return _at_door(door)
    chosen = _place(given.get("place", ""))
    if position is not None:
        return _of_position(position, chosen)
    return chosen or Spot()


def _door(text: str) -> Door | None:
    """A building of the home district."""
    number = whole_number(text)
    door = door_of(number) if number is not None else None
    return door if door is not None and contains(settings.HOME_PLACE, door.place_code) else None


def _at_door(door: Door) -> Spot:
    compound = "" if door.name.startswith(door.compound) else door.compound
    words = " · ".join(part for part in (door.community, compound, door.name) if part)
    return Spot(
        words, door.place_code, building_id=door.id, longitude=door.longitude, latitude=door.latitude
    )  # fmt: skip


def _place(code: str) -> Spot | None:
    """A chosen community, street or grid of the home district."""
    if not is_code(code):
        return None
    if len(code) == LENGTHS["grid"]:
        grid = Grid.objects.in_force().filter(selectors.in_home_as("code"), code=code).first()
        if grid is None:
            return None
        _community, name = selectors.neighbourhood(code)
        return Spot(f"{name} · {grid.name}", code, chosen=code)
    area = selectors.area(code)
    if area is None:
        return None
    return Spot(
        area.name, code, chosen=code, grids=selectors.grids_in(code) if area.level == "community" else []
    )


def _position(given: Mapping[str, str]) -> tuple[float, float] | None:
    try:
        longitude, latitude = float(given.get("longitude", "")), float(given.get("latitude", ""))
    except ValueError:
        return None
    if not (
        math.isfinite(longitude) and abs(longitude) <= 180 and math.isfinite(latitude) and abs(latitude) <= 90
    ):
        return None
    return to_wgs84(longitude, latitude) if given.get("datum") == GCJ02 else (longitude, latitude)


def _of_position(position: tuple[float, float], chosen: Spot | None) -> Spot:
    longitude, latitude = position
    found = selectors.place_at(longitude, latitude)
    if found is None:
        warning = _(
            "这个位置看来不在本区。请核对；本区以外的事请打当地 12345。区界精确到约一百米，确在本区的请另选社区或楼栋。"
        )
        here = chosen or Spot(_("本区以外的位置"))
        return replace(here, longitude=longitude, latitude=latitude, pinned=True, warning=warning)
    named = _place(found.code)
    words = _("%(place)s，地图上标的位置") % {"place": named.words} if named else _("地图上标的位置")
    return Spot(
        words, found.code, chosen=chosen.chosen if chosen else "", longitude=longitude, latitude=latitude, pinned=True,
        warning=_("这个位置在区界边上，请核对。") if found.near else "",
    )  # fmt: skip
