"""A mesh of lots, about one for each building, over an outline: the stuff from which all other places are cut."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import numpy as np
import shapely
from shapely.geometry import MultiPoint, Polygon

METRES_PER_DEGREE = 111_320.0
RELAXATIONS = 3
SHORTEST_SHARED_EDGE = 0.15  # of a lot's width; two lots that meet in less are not neighbours

Density = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Relative density of buildings, 0 to 1, at longitudes and latitudes."""


@dataclass(frozen=True)
class Plane:
    """A flat map in metres around one point; good to a few centimetres over a district."""

    longitude: float
    latitude: float

    @property
    def _east(self) -> float:
        return METRES_PER_DEGREE * math.cos(math.radians(self.latitude))

    def flat(self, shape):
        """Geometry (or array of them) from degrees to metres."""
        origin, scale = np.array([self.longitude, self.latitude]), np.array([self._east, METRES_PER_DEGREE])
        return shapely.transform(shape, lambda at: (at - origin) * scale)

    def degrees(self, shape):
        """Geometry (or array of them) from metres to degrees with six decimals, a step of 0.1 m."""
        origin, scale = np.array([self.longitude, self.latitude]), np.array([self._east, METRES_PER_DEGREE])
        return shapely.transform(shape, lambda at: np.round(at / scale + origin, 6))


@dataclass(frozen=True)
class Mesh:
    """Lots (polygons in metres), their middles, and for each lot its neighbours with the way in decimetres."""

    plane: Plane
    lots: np.ndarray
    middles: np.ndarray
    neighbours: list[dict[int, int]]

    def nearest(self, longitude: float, latitude: float, among: list[int]) -> int:
        """The lot of `among` whose middle is nearest to a position."""
        at = shapely.get_coordinates(self.plane.flat(shapely.Point(longitude, latitude)))[0]
        away = ((self.middles[among] - at) ** 2).sum(axis=1)
        return among[int(np.argmin(away))]


def mesh_over(land: Polygon, count: int, density: Density, seed: str) -> Mesh:
    """Cover `land` (degrees) with `count` lots, smaller where the density is higher."""
    middle = land.centroid
    plane = Plane(round(middle.x, 3), round(middle.y, 3))
    flat = plane.flat(land)
    sites = _sites(plane, flat, count, density, seed)
    cells = _cells(sites, flat)
    for _ in range(RELAXATIONS):
        sites = shapely.get_coordinates(shapely.centroid(cells))
        cells = _cells(sites, flat)
    # To the millimetre, so that neighbours share their corners exactly.
    lots = shapely.transform(without_scraps(cells), lambda at: np.round(at, 3))
    middles = shapely.get_coordinates(shapely.centroid(lots))
    return Mesh(plane, lots, middles, _neighbours(lots, middles))


def _sites(plane: Plane, flat: Polygon, count: int, density: Density, seed: str) -> np.ndarray:
    """`count` points inside, spread evenly by a two-dimensional golden-ratio sequence and thinned by density."""
    west, south, east, north = flat.bounds
    random = Random(seed)
    shapely.prepare(flat)
    kept: list[tuple[float, float]] = []
    start, block = 1, 4 * count
    while len(kept) < count:
        steps = np.arange(start, start + block, dtype=float)
        x = west + (steps * 0.7548776662466927 % 1.0) * (east - west)
        y = south + (steps * 0.5698402909980532 % 1.0) * (north - south)
        at = shapely.get_coordinates(plane.degrees(shapely.points(x, y)))
        wanted = density(at[:, 0], at[:, 1])
        inside = shapely.contains_xy(flat, x, y)
        chance = np.array([random.random() for _ in range(block)])
        kept.extend(zip(x[inside & (chance < wanted)], y[inside & (chance < wanted)], strict=True))
        start += block
    return np.array(kept[:count])


def _cells(sites: np.ndarray, land: Polygon) -> np.ndarray:
    """The Voronoi cell of every site cut at the edge of the land, in the order of the sites."""
    drawn = shapely.voronoi_polygons(MultiPoint(sites), extend_to=land.envelope, ordered=True)
    cells = shapely.get_parts(drawn)
    shapely.prepare(land)
    crossing = ~shapely.contains_properly(land, cells)
    cells[crossing] = shapely.intersection(cells[crossing], land)
    return cells


def without_scraps(shapes: np.ndarray) -> np.ndarray:
    """Make every shape one polygon: pieces cut off from it go to the neighbour with the longest shared edge."""
    whole = shapes.copy()
    scraps: list[Polygon] = []
    for index in np.flatnonzero(shapely.get_type_id(shapes) != shapely.GeometryType.POLYGON):
        parts = [part for part in shapely.get_parts(shapes[index]) if isinstance(part, Polygon)]
        parts.sort(key=lambda part: -part.area)
        whole[index] = parts[0]
        scraps.extend(parts[1:])
    for scrap in scraps:
        touching = shapely.STRtree(whole).query(scrap, predicate="intersects")
        shared = shapely.length(shapely.intersection(whole[touching], scrap))
        for index in touching[np.argsort(-shared, kind="stable")]:
            joined = shapely.union(whole[index], scrap)
            if isinstance(joined, Polygon):
                whole[index] = joined
                break
    return whole


def _neighbours(lots: np.ndarray, middles: np.ndarray) -> list[dict[int, int]]:
    """For every lot the lots it shares an edge with, and the way between their middles in decimetres."""
    tree = shapely.STRtree(lots)
    here, there = tree.query(lots, predicate="intersects")
    once = here < there
    here, there = here[once], there[once]
    shared = shapely.length(shapely.intersection(lots[here], lots[there]))
    narrow = np.sqrt(np.minimum(shapely.area(lots[here]), shapely.area(lots[there])))
    wide_enough = shared >= SHORTEST_SHARED_EDGE * narrow
    graph: list[dict[int, int]] = [{} for _ in lots]
    for a, b in zip(here[wide_enough].tolist(), there[wide_enough].tolist(), strict=True):
        graph[a][b] = graph[b][a] = round(math.dist(middles[a], middles[b]) * 10)
    return [dict(sorted(found.items())) for found in graph]
