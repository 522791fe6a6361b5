"""Where things of the lists are: a position for what names only a place, metres in the plane, codes as numbers."""

from __future__ import annotations

import math

from django.db.models import Avg

from doorstep.kernel.places.models import Building
from doorstep.kernel.places.positions import METRES_PER_DEGREE
from doorstep.kernel.shared.place_codes import LENGTHS, within

MIDDLE = 38.9  # degrees north: one scale for a district keeps distances right to a fraction of a percent


def plane(longitude: float, latitude: float) -> tuple[float, float]:
    """Metres east and north of a common origin."""
    return longitude * METRES_PER_DEGREE * math.cos(math.radians(MIDDLE)), latitude * METRES_PER_DEGREE


def same_community(one: str, other: str) -> bool:
    """Are both of one community, as far as their codes tell?"""
    length = LENGTHS["community"]
    return len(one) >= length and one[:length] == other[:length]


def middle_of(place_code: str) -> tuple[float, float] | None:
    """Longitude and latitude amid the buildings of a place; None where none is known."""
    found = Building.objects.filter(within("place_code", [place_code])).aggregate(
        east=Avg("longitude"), north=Avg("latitude")
    )
    return None if found["east"] is None else (found["east"], found["north"])


def above(place_code: str) -> list[str]:
    """The place and every place above it down from the district: what a resource may name as its area."""
    lengths = (LENGTHS["county"], LENGTHS["street"], LENGTHS["community"])
    return [place_code[:length] for length in lengths if len(place_code) >= length]
