"""Two streets with a community each, and the actors who meet there."""

from __future__ import annotations

from datetime import date

import pytest

from doorstep.kernel.access.actors import Actor, Grant, system_actor
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.places.inputs import NewArea
from doorstep.kernel.places.services_bulk import add_areas

AREAS = [
    ("21", "辽宁省"), ("2102", "大连市"), ("210202", "中山区"), ("210202001", "海军广场街道"),
    ("210202001001", "春海社区"), ("210202001002", "虎滩社区"), ("210202002", "桃源街道"), ("210202002001", "桃源社区"),
]  # fmt: skip
LOADING = system_actor("tests")
COMMUNITY, NEIGHBOUR, ELSEWHERE = "210202001001", "210202001002", "210202002001"
DAY = date(2026, 6, 15)


def actor_of(post: str, *places: str, name: str = "演示甲一") -> Actor:
    """Somebody appointed to `post` over `places`."""
    return Actor(1, 1, name, (Grant(post, 1, places, capabilities_of(post)),))


DISTRICT_OFFICER = actor_of("district_officer", "210202")
STREET_OFFICER = actor_of("street_officer", "210202001", name="演示甲二")
SECRETARY = actor_of("community_secretary", "210202001001", name="演示甲四")
OUTSIDER = actor_of("street_officer", "210202002", name="演示乙二")
GRID_WORKER = actor_of("grid_worker", "210202001001001", name="演示甲三")


@pytest.fixture
def areas(db: None, clock_fixed: date) -> None:
    make_areas()


def make_areas() -> None:
    add_areas(actor=LOADING, areas=[NewArea(code, name) for code, name in AREAS], edition=2023)


def square(longitude: float, latitude: float, size: float = 0.01) -> dict:
    """A square whose south-west corner is the position; size in degrees."""
    east, north = longitude + size, latitude + size
    ring = [[longitude, latitude], [east, latitude], [east, north], [longitude, north], [longitude, latitude]]
    return {"type": "Polygon", "coordinates": [ring]}
