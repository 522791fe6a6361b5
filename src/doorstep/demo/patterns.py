"""What the two demo districts are cut from: an outline, the places with their codes, and where the streets lie."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import Polygon, shape
from shapely.geometry.base import BaseGeometry

FIXTURES = Path(__file__).parent / "fixtures"
Position = tuple[float, float]


@dataclass(frozen=True)
class NamedPlace:
    code: str
    name: str


@dataclass(frozen=True)
class StreetPattern(NamedPlace):
    communities: tuple[NamedPlace, ...]


@dataclass(frozen=True)
class Sides:
    """How a part falls into two: nearer to one position or nearer to the other; each side a street's code or a part."""

    here: Position
    there: Position
    first: str | Sides
    second: str | Sides


@dataclass(frozen=True)
class Centre:
    """A place around which people live densely: weight at its middle, and how far it reaches in kilometres."""

    position: Position
    weight: float
    reach: float


@dataclass(frozen=True)
class Pattern:
    """All that decides a district's illustrative geography; the same pattern always gives the same geography."""

    code: str
    name: str
    outline: BaseGeometry
    streets: tuple[StreetPattern, ...]
    sides: str | Sides
    grids: int
    grids_each: tuple[int, int]
    buildings: int
    centres: tuple[Centre, ...] = field(default=())
    sparse: float = 0.2

    @property
    def communities(self) -> list[NamedPlace]:
        return [community for street in self.streets for community in street.communities]

    def density(self, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
        """Relative density of buildings, `sparse` to 1."""
        found = np.full(len(longitude), self.sparse)
        for centre in self.centres:
            east = (longitude - centre.position[0]) * 86.6
            north = (latitude - centre.position[1]) * 111.3
            found += centre.weight * np.exp(-(east**2 + north**2) / (2 * centre.reach**2))
        return np.minimum(1.0, found)


def _streets_of_the_district() -> tuple[StreetPattern, ...]:
    streets: dict[tuple[str, str], list[NamedPlace]] = {}
    with (FIXTURES / "communities.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            found = streets.setdefault((row["street_code"], row["street_name"]), [])
            found.append(NamedPlace(row["code"], row["name"]))
    return tuple(StreetPattern(*key, tuple(communities)) for key, communities in streets.items())


def _outline_of_the_district() -> BaseGeometry:
    drawn = json.loads((FIXTURES / "boundary.geojson").read_text(encoding="utf-8"))
    parts = shapely.get_parts(shapely.make_valid(shape(drawn["features"][0]["geometry"])))
    polygons = [piece for part in parts for piece in shapely.get_parts(part) if isinstance(piece, Polygon)]
    return shapely.union_all(polygons)


@cache
def demo_district() -> Pattern:
    """Zhongshan District: real streets, communities and outline; everything inside it is made up."""
    north = Sides(
        (121.632, 38.918),
        (121.700, 38.925),
        "210202008",
        Sides((121.655, 38.945), (121.695, 38.905), "210202005", "210202001"),
    )
    south = Sides(
        (121.648, 38.908),
        (121.680, 38.866),
        "210202010",
        Sides((121.715, 38.890), (121.636, 38.867), "210202011", "210202012"),
    )
    return Pattern(
        code="210202",
        name="中山区",
        outline=_outline_of_the_district(),
        streets=_streets_of_the_district(),
        sides=Sides((121.665, 38.945), (121.675, 38.870), north, south),
        grids=715,
        grids_each=(7, 16),
        buildings=6000,
        centres=(
            Centre((121.648, 38.917), 0.8, 2.4),
            Centre((121.668, 38.893), 0.45, 1.3),
            Centre((121.660, 38.874), 0.4, 1.0),
        ),
    )


@cache
def training_district() -> Pattern:
    """A practice county-level area with a made-up code, drawn in the open sea so that nobody takes it for a place."""
    west, south = 121.760, 38.790
    corners = [(0, 4), (6, 0), (22, 1), (34, 6), (36, 18), (28, 26), (14, 27), (3, 19)]
    streets = []
    for number, (street, names) in enumerate(_TRAINING_STREETS, start=1):
        code = f"210299{number:03d}"
        communities = [NamedPlace(f"{code}{serial:03d}", name) for serial, name in enumerate(names, start=1)]
        streets.append(StreetPattern(code, street, tuple(communities)))
    return Pattern(
        code="210299",
        name="练习区",
        outline=Polygon([(west + x / 3000, south + y / 3000) for x, y in corners]),
        streets=tuple(streets),
        sides=Sides((west, south + 0.004), (west + 0.012, south + 0.004), "210299001", "210299002"),
        grids=27,
        grids_each=(3, 5),
        buildings=220,
        sparse=1.0,
    )


UNORGANISED = "210299002004"  # a new community of the training district, without a Party organisation yet

_TRAINING_STREETS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("练习一街道", ("练习甲社区", "练习乙社区", "练习丙社区")),
    ("练习二街道", ("练习丁社区", "练习戊社区", "练习己社区", "练习庚社区")),
)
