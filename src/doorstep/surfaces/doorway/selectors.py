"""What anybody may know: buildings by name, address, place or position, and the offices that serve a place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.places.location import Located, locate
from doorstep.kernel.places.models import Area, Building, Grid, Venue
from doorstep.kernel.places.positions import METRES_PER_DEGREE, metres_between
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.names import matches
from doorstep.kernel.shared.place_codes import LENGTHS, is_code, within

MOST_FOUND = 20
NEAREST = 8
REACH_METRES = 400
OFFICE_KINDS = (
    "community_party_organisation",
    "residents_committee",
    "street_office",
    "street_working_committee",
)


@dataclass(frozen=True)
class FoundBuilding:
    """A building with the words that tell it from another of the same name."""

    id: int
    name: str
    where: str
    metres: int | None = None


@dataclass(frozen=True)
class FoundPlace:
    code: str
    name: str
    where: str = ""


@dataclass(frozen=True)
class Office:
    """An office that anybody may call."""

    name: str
    phone: str
    hours: str
    address: str


def in_home() -> Q:
    return in_home_as("place_code")


def in_home_as(field: str) -> Q:
    """Rows of the home district by their column `field`."""
    return within(field, [settings.HOME_PLACE])


def building_with_id(building_id: int) -> Building | None:
    return Building.objects.filter(in_home(), pk=building_id).select_related("compound").first()


def find_buildings(text: str) -> tuple[list[FoundBuilding], bool]:
    """Buildings in which every word is found: in name, address or compound by characters, or from the start of the
    name by pinyin or initials. At most MOST_FOUND, and whether there are more. Two queries."""
    words = text.split()
    if not words:
        return [], False
    condition = in_home()
    for word in words[:6]:
        condition &= _has(word)
    rows = list(
        Building.objects.filter(condition)
        .select_related("compound")
        .order_by("place_code", "id")[: MOST_FOUND + 1]
    )
    return _told(rows[:MOST_FOUND]), len(rows) > MOST_FOUND


def _has(word: str) -> Q:
    return matches(word) | Q(address__icontains=word) | matches(word, "compound__")


def find_places(text: str) -> list[FoundPlace]:
    """Streets and communities of the home district by characters, pinyin or initials; at most six."""
    if not text.strip():
        return []
    rows = Area.objects.filter(
        within("code", [settings.HOME_PLACE]), matches(text), level__in=("street", "community"), ended_on=None
    ).order_by("code")[:6]
    found = list(rows)
    streets = _names({row.code[: LENGTHS["street"]] for row in found if row.level == "community"})
    return [
        FoundPlace(
            row.code,
            row.name,
            streets.get(row.code[: LENGTHS["street"]], "") if row.level == "community" else "",
        )
        for row in found
    ]


def places_in(code: str) -> list[FoundPlace]:
    """Streets of the home district, or communities of a street."""
    rows = Area.objects.filter(parent_id=code, ended_on=None).order_by("pinyin", "code")
    return [FoundPlace(row.code, row.name) for row in rows]


def area(code: str) -> Area | None:
    """A street or community of the home district."""
    if not is_code(code):
        return None
    inside = within("code", [settings.HOME_PLACE])
    return Area.objects.filter(inside, code=code, level__in=("street", "community"), ended_on=None).first()


def grids_in(community: str) -> list[FoundPlace]:
    """Grids of a community, by code."""
    rows = Grid.objects.in_force().filter(community_id=community).order_by("code")
    return [FoundPlace(row.code, row.name) for row in rows]


def buildings_in(community: str) -> list[FoundBuilding]:
    """All buildings of a community, by compound and name."""
    rows = Building.objects.filter(within("place_code", [community])).select_related("compound")
    ordered = rows.order_by("compound__pinyin", "pinyin", "id")
    return [FoundBuilding(row.pk, row.name, _short_where(row)) for row in ordered]


def buildings_near(longitude: float, latitude: float) -> list[FoundBuilding]:
    """The nearest buildings within REACH_METRES of a WGS-84 position, nearest first."""
    step = REACH_METRES / METRES_PER_DEGREE
    rows = Building.objects.filter(
        in_home(), latitude__range=(latitude - step, latitude + step),
        longitude__range=(longitude - 2 * step, longitude + 2 * step),
    ).select_related("compound")  # fmt: skip
    far = [(metres_between((longitude, latitude), (row.longitude, row.latitude)), row) for row in rows]
    near = sorted((pair for pair in far if pair[0] <= REACH_METRES), key=lambda pair: (pair[0], pair[1].pk))[
        :NEAREST
    ]
    metres = {row.pk: round(distance, -1) for distance, row in near}
    told = _told([row for _distance, row in near])
    return [FoundBuilding(each.id, each.name, each.where, int(metres[each.id])) for each in told]


def place_at(longitude: float, latitude: float) -> Located | None:
    """The place of the home district at a position; None outside it."""
    found = locate(longitude, latitude)
    return found if found and found.code.startswith(settings.HOME_PLACE) else None


def _told(rows: list[Building]) -> list[FoundBuilding]:
    communities = _names({row.place_code[: LENGTHS["community"]] for row in rows})
    return [
        FoundBuilding(
            row.pk, row.name,
            " · ".join(part for part in (communities.get(row.place_code[:12], ""), _short_where(row)) if part),
        )
        for row in rows
    ]  # fmt: skip


def _short_where(row: Building) -> str:
    compound = row.compound.name if row.compound else ""
    return " · ".join(part for part in (compound, row.address) if part and part != row.name)


def _names(codes: Iterable[str]) -> dict[str, str]:
    wanted = set(codes)
    return dict(Area.objects.filter(code__in=wanted).values_list("code", "name")) if wanted else {}


def neighbourhood(place_code: str) -> tuple[str, str]:
    """(code, name) of the community a place lies in; empty where it lies in none."""
    code = place_code[: LENGTHS["community"]]
    if len(code) < LENGTHS["community"]:
        return "", ""
    return code, _names({code}).get(code, "")


def office_of(place_code: str, on: dt.date | None = None) -> Office | None:
    """Whom to call: the community's office, else its residents' committee, else the street. One query."""
    codes = [place_code[: LENGTHS["community"]], place_code[: LENGTHS["street"]]]
    rows = UnitVersion.objects.filter(in_force(on), place_code__in=codes, kind__in=OFFICE_KINDS).exclude(
        phone=""
    )
    found = sorted(rows, key=lambda row: (OFFICE_KINDS.index(row.kind), row.pk))
    if not found:
        return None
    return Office(found[0].name, found[0].phone, found[0].hours, found[0].address)


def venues_in(community: str, on: dt.date | None = None) -> list[Venue]:
    """Places people go to in a community."""
    rows = Venue.objects.filter(in_force(on or clock.today()), within("place_code", [community]))
    return list(rows.order_by("pinyin", "id")[:30])
