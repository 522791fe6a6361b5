"""Where a report is: from a building, a chosen place, a pin on the map or the words of an address."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from doorstep.kernel.places.doors import door_of
from doorstep.kernel.places.location import locate
from doorstep.kernel.places.models import Area, Building, Grid
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS, is_code


@dataclass(frozen=True)
class Where:
    """The place found, with address and position where known, and what the reporter should be told about it."""

    code: str
    address: str = ""
    longitude: float | None = None
    latitude: float | None = None
    warnings: tuple[str, ...] = ()


def where_is(
    *, place_code: str = "", building_id: int | None = None, longitude: float | None = None,
    latitude: float | None = None, address: str = "",
) -> Where:  # fmt: skip
    """The place of a report: building, else chosen place (made finer by the pin), else pin, else the address's words.

    Raises RuleViolation naming the field where nothing leads to a place, or the position lies outside the district.
    """
    if building_id is not None:
        return _of_building(building_id, address, longitude, latitude)
    if (longitude is None) != (latitude is None):
        raise RuleViolation(_("位置不完整，请在地图上重新标记。"), field="position")
    if longitude is not None and latitude is not None:
        return _of_pin(place_code, longitude, latitude, address)
    if place_code:
        return Where(existing(place_code), address)
    return _of_words(address)


def _of_building(building_id: int, address: str, longitude: float | None, latitude: float | None) -> Where:
    building = door_of(building_id)
    if building is None:
        raise RuleViolation(_("没有找到这栋楼，请重新选择。"), field="building_id")
    if longitude is None or latitude is None:
        longitude, latitude = building.longitude, building.latitude
    return Where(building.place_code, address or building.address or building.name, longitude, latitude)


def _of_pin(place_code: str, longitude: float, latitude: float, address: str) -> Where:
    found = locate(longitude, latitude)
    if found is None:
        if not place_code:
            raise RuleViolation(
                _(
                    "标记的位置不在本区范围内。请在地图上重新标记，或者直接选社区；本区以外的事请拨打当地 12345。"
                ),
                field="position",
            )
        warning = _("标记的位置不在本区范围内，没有采用；按所选的地方受理。")
        return Where(existing(place_code), address, warnings=(warning,))
    near = (_("标记的位置在边界附近，按最近的地方受理。"),) if found.near else ()
    if not place_code or found.code.startswith(place_code):
        return Where(found.code, address, longitude, latitude, near)
    chosen = existing(place_code)
    if chosen.startswith(found.code):
        return Where(chosen, address, longitude, latitude, near)
    warning = _("标记的位置不在所选的地方里；按所选的地方受理，办理人会看到您标记的位置。")
    return Where(chosen, address, longitude, latitude, (warning,))


def _of_words(address: str) -> Where:
    words = address.strip()
    if not words:
        raise RuleViolation(_("请告诉我们在哪里：选楼栋、在地图上标记，或者选社区。"), field="place_code")
    found = list(Building.objects.filter(address=words)[:2]) or list(Building.objects.filter(name=words)[:2])
    codes = {building.place_code for building in found}
    if len(codes) != 1:
        raise RuleViolation(
            _("按这个地址找不到唯一的楼栋。请选社区或在地图上标记，地址会一并保留。"), field="address"
        )
    return Where(found[0].place_code, words, found[0].longitude, found[0].latitude)


def existing(code: str) -> str:
    """The code, if such a place exists today and is a street or narrower."""
    if is_code(code) and len(code) >= LENGTHS["street"]:
        is_grid = len(code) == LENGTHS["grid"]
        rows = (
            Grid.objects.in_force().filter(code=code)
            if is_grid
            else Area.objects.filter(code=code, ended_on=None)
        )
        if rows.exists():
            return code
    raise RuleViolation(_("没有找到这个地方，请重新选择。"), field="place_code")
