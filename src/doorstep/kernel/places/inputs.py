"""What callers hand to the services: one dataclass per kind of place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NewArea:
    """A division by its short official code ("" nation, 2, 4, 6, 9 or 12 digits)."""

    code: str
    name: str


@dataclass(frozen=True)
class NewGrid:
    """`serial` None takes the community's next one."""

    community: str
    name: str
    kind: str = "basic"
    serial: int | None = None


@dataclass(frozen=True)
class NewCompound:
    place_code: str
    name: str


@dataclass(frozen=True)
class NewBuilding:
    """`place_code` is a grid, or the community while the building has no grid. Position in WGS-84 degrees."""

    place_code: str
    name: str
    longitude: float
    latitude: float
    address: str = ""
    compound_id: int | None = None
    outline: Any = None
    households: int = 0


@dataclass(frozen=True)
class NewVenue:
    place_code: str
    name: str
    kind: str
    address: str
    longitude: float | None = None
    latitude: float | None = None
    phone: str = ""
    hours: str = ""


@dataclass(frozen=True)
class NewOutline:
    """`illustrative` ones are labelled so on every map."""

    place_code: str
    geometry: Any
    source: str
    illustrative: bool = False


@dataclass(frozen=True)
class Part:
    """One of the grids that a split makes: its name, which buildings go to it, and where it lies if that is known."""

    name: str
    building_ids: tuple[int, ...] = ()
    kind: str = "basic"
    outline: Any = None
