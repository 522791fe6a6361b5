"""Where an organisation is: by its position, or by an address that a building on record has. Always inside the district."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from doorstep.kernel.places.location import locate
from doorstep.kernel.places.models import Building
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.modules.coverage.keeping import checked_text, community_named
from doorstep.modules.coverage.models import Profile


@dataclass(frozen=True)
class Site:
    """`place_code`: the community. Position in WGS-84 degrees."""

    place_code: str
    address: str
    longitude: float
    latitude: float


def site_of(
    address: str,
    longitude: float | None,
    latitude: float | None,
    place_code: str,
    near: Profile | None = None,
) -> Site:
    """Raises RuleViolation naming the field: outside the district, half a position, a place that the position does not lie in.
    `near`: of an organisation on record; an address that no building has keeps its position then."""
    words = checked_text(address, "address", _("地址"), 200)
    if (longitude is None) != (latitude is None):
        raise RuleViolation(_("经度和纬度要么都填，要么都不填。"), field="longitude")
    if longitude is not None and latitude is not None:
        return Site(_community_at(longitude, latitude, place_code), words, longitude, latitude)
    building = _building(words, place_code)
    if building is not None:
        return Site(building.place_code[: LENGTHS["community"]], words, building.longitude, building.latitude)
    if near is not None:
        return Site(near.place_code, words, near.longitude, near.latitude)
    raise RuleViolation(
        _("没有经纬度，这个地址也不是台账里的楼栋地址，定不了位置。请补经度和纬度。"), field="address"
    )


def _community_at(longitude: float, latitude: float, place_code: str) -> str:
    try:
        found = locate(longitude, latitude)
    except Refused as refusal:
        raise type(refusal)(refusal.message, field="longitude") from None
    if found is None or not found.code.startswith(settings.HOME_PLACE):
        raise RuleViolation(
            _("位置（%(lon).5f，%(lat).5f）不在本区，没有登记。请核对经纬度，或者由所在区登记。")
            % {"lon": longitude, "lat": latitude},
            field="longitude",
        )
    community = found.community or place_code[: LENGTHS["community"]]
    if len(community) < LENGTHS["community"]:
        raise RuleViolation(_("这个位置还没有划到社区，请同时写明所在社区。"), field="place_code")
    if place_code and not community.startswith(place_code[: LENGTHS["community"]]):
        raise RuleViolation(
            _("按经纬度在%(found)s，和所写的地方不一致，请核对。") % {"found": community_named(community)},
            field="place_code",
        )
    community_named(community)
    return community


def _building(address: str, place_code: str) -> Building | None:
    """The building of exactly that address, in the place where it is given; None where none or several communities have it."""
    rows = Building.objects.filter(within("place_code", [place_code or settings.HOME_PLACE]), address=address)
    found = list(rows.order_by("pk")[:50])
    communities = {row.place_code[: LENGTHS["community"]] for row in found}
    return found[0] if len(communities) == 1 and len(found[0].place_code) >= LENGTHS["community"] else None
