"""Outlines and positions: checked, repaired where that is safe, measured.

Coordinates are WGS-84 degrees in the order of GeoJSON, longitude first. Lengths are metres, areas square metres.
Nothing here reads the database.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from doorstep.kernel.shared.errors import RuleViolation

Geometry = dict[str, Any]

# The country with its seas, generously: west, south, east, north.
COUNTRY = (73.0, 3.0, 136.0, 54.0)
MOST_POSITIONS = 20_000
FAR_AWAY_METRES = 5_000
# The district's outline is quantised to 1/1024 degree, about 100 m: nearer than this is not outside.
EDGE_METRES = 150
EARTH_METRES = 6_371_008.8
DECIMALS = 6  # about 0.1 m


@dataclass(frozen=True)
class CheckedOutline:
    """An outline fit to store. `note` says what was repaired; `warnings` what somebody should look at."""

    geometry: Geometry
    shape: BaseGeometry
    repaired: bool = False
    note: str = ""
    warnings: tuple[str, ...] = field(default=())

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        west, south, east, north = self.shape.bounds
        return west, south, east, north


def check_outline(given: Any, *, home: BaseGeometry | None = None, what: str = "outline") -> CheckedOutline:
    """Validate GeoJSON (text or object) as the outline of a place and repair a self-crossing one.

    `home` is the outline of the district: what lies more than 5 km from it is refused as far away, what sticks out of
    it by more than its precision is a warning. Raises RuleViolation that says what to do.
    """
    geometry = _polygonal(_loaded(given, what), what)
    try:
        with np.errstate(invalid="ignore"):  # what is not a number is refused below, in words
            drawn = shape(geometry)
    except (ShapelyError, ValueError, TypeError, IndexError, KeyError) as error:
        raise RuleViolation(
            _("边界的坐标读不出来：每个环至少四个点，首尾相同。请重新导出 GeoJSON。"), field=what
        ) from error
    _check_positions(drawn, what)
    repaired, note = False, ""
    if not drawn.is_valid:
        drawn, note = _repair(drawn, what)
        repaired = True
    drawn = shapely.set_precision(shapely.force_2d(drawn), 10**-DECIMALS)
    if drawn.is_empty or area_of(drawn) < 1:
        raise RuleViolation(_("边界是空的，或小到没有面积。请重新绘制。"), field=what)
    warnings = _warnings_against(home, drawn, what) if home is not None else ()
    oriented = shapely.orient_polygons(drawn)
    return CheckedOutline(_plain(mapping(oriented)), oriented, repaired, note, warnings)


def _loaded(given: Any, what: str) -> Any:
    if not isinstance(given, (str, bytes)):
        return given
    try:
        return json.loads(given)
    except ValueError as error:
        raise RuleViolation(
            _("这不是 GeoJSON：文本读不出来。请用地图软件导出 GeoJSON 再上传。"), field=what
        ) from error


def _polygonal(given: Any, what: str) -> Geometry:
    """The one Polygon or MultiPolygon inside a geometry, feature or collection of one feature."""
    if isinstance(given, dict) and given.get("type") == "FeatureCollection":
        features = given.get("features")
        if not isinstance(features, list) or len(features) != 1:
            count = len(features) if isinstance(features, list) else 0
            raise RuleViolation(
                _("文件里有 %(count)d 个图形，一个地方只能有一个边界。请只保留一个。") % {"count": count},
                field=what,
            )
        given = features[0]
    if isinstance(given, dict) and given.get("type") == "Feature":
        given = given.get("geometry")
    if not isinstance(given, dict) or "type" not in given:
        raise RuleViolation(_("这不是 GeoJSON 图形。请用地图软件导出 GeoJSON 再上传。"), field=what)
    if given["type"] not in ("Polygon", "MultiPolygon"):
        raise RuleViolation(
            _("边界要的是面（Polygon），这里是 %(type)s。请画成闭合的面。")
            % {"type": str(given["type"])[:40]},
            field=what,
        )
    if not given.get("coordinates"):
        raise RuleViolation(_("边界是空的，没有坐标。请重新绘制。"), field=what)
    return given


def _check_positions(drawn: BaseGeometry, what: str) -> None:
    positions = shapely.get_coordinates(drawn)
    if not len(positions):
        raise RuleViolation(_("边界是空的，没有坐标。请重新绘制。"), field=what)
    if len(positions) > MOST_POSITIONS:
        raise RuleViolation(
            _("边界有 %(count)d 个点，最多 %(most)d 个。请先简化。")
            % {"count": len(positions), "most": MOST_POSITIONS},
            field=what,
        )
    west, south = positions.min(axis=0)
    east, north = positions.max(axis=0)
    if not all(math.isfinite(value) for value in (west, south, east, north)):
        raise RuleViolation(_("边界里有不是数字的坐标。请重新导出。"), field=what)
    check_inside_country(west, south, what)
    check_inside_country(east, north, what)


def check_inside_country(longitude: float, latitude: float, what: str = "position") -> None:
    """Refuse coordinates that cannot be meant: swapped, projected, or outside the country."""
    west, south, east, north = COUNTRY
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        raise RuleViolation(_("坐标不是数字。"), field=what)
    if west <= longitude <= east and south <= latitude <= north:
        return
    where = {"longitude": round(longitude, 6), "latitude": round(latitude, 6)}
    if west <= latitude <= east and south <= longitude <= north:
        raise RuleViolation(
            _("经度和纬度像是写反了（%(longitude)s, %(latitude)s）。请把经度写在前面。") % where, field=what
        )
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise RuleViolation(
            _("坐标（%(longitude)s, %(latitude)s）不是经纬度，像是平面坐标。请导出为 WGS-84 经纬度。")
            % where,
            field=what,
        )
    raise RuleViolation(
        _("坐标（%(longitude)s, %(latitude)s）不在中国境内。请核对位置。") % where, field=what
    )


def _repair(drawn: BaseGeometry, what: str) -> tuple[BaseGeometry, str]:
    """Make crossing rings into faces that do not cross; lines and points left over are dropped."""
    reason = shapely.is_valid_reason(drawn)
    mended = shapely.make_valid(drawn)
    faces = [part for part in _parts(mended) if part.geom_type == "Polygon" and area_of(part) >= 1]
    if not faces:
        raise RuleViolation(_("边界自相交叉，修复后没有面积。请重新绘制。"), field=what)
    whole = shapely.union_all(faces)
    place = reason.partition("[")[2].rstrip("]").replace(" ", ", ")
    note = _("边界自相交叉（在 %(place)s 附近），已自动修复，请在地图上核对。") % {"place": place or "?"}
    return whole, note


def _parts(geometry: BaseGeometry) -> Iterator[BaseGeometry]:
    for part in shapely.get_parts(geometry):
        if part.geom_type.startswith(("Multi", "GeometryCollection")):
            yield from _parts(part)
        else:
            yield part


def _warnings_against(home: BaseGeometry, drawn: BaseGeometry, what: str) -> tuple[str, ...]:
    away = metres_apart(home, drawn)
    if away > FAR_AWAY_METRES:
        raise RuleViolation(
            _("边界离本区有 %(km).0f 公里。请核对是不是传错了文件。") % {"km": away / 1000}, field=what
        )
    widened = _widened(home)
    if widened.covers(drawn):
        return ()
    outside = shapely.difference(drawn, widened)
    share = 100 * area_of(outside) / area_of(drawn)
    return (_("边界有 %(share).0f%% 在本区范围以外，请在地图上核对。") % {"share": max(share, 1)},)


@lru_cache(maxsize=4)
def _widened(home: BaseGeometry) -> BaseGeometry:
    """The outline and what lies nearer to it than its precision; kept, since thousands are held against it."""
    widened = home.buffer(EDGE_METRES / metres_per_degree(home.centroid.y)[0])
    shapely.prepare(widened)
    return widened


def _plain(value: Any) -> Any:
    """Lists and rounded numbers, as JSON keeps them."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return round(value, DECIMALS) if isinstance(value, float) else value


def position_warning(longitude: float, latitude: float, home: BaseGeometry | None) -> str:
    """What to tell about a position: empty when inside `home`, a warning when outside it, refused when impossible."""
    check_inside_country(longitude, latitude)
    if home is None:
        return ""
    away = metres_apart(home, shapely.Point(longitude, latitude))
    if away <= EDGE_METRES:
        return ""
    return _("这个位置在本区范围以外约 %(metres)d 米，请在地图上核对。") % {"metres": round(away, -1)}


def kept_around(outline: Geometry | None, longitude: float, latitude: float) -> Geometry | None:
    """The outline of a building where it still lies around its position; one that does not is no longer true."""
    if outline is None:
        return None
    drawn, point = shape(outline), shapely.Point(longitude, latitude)
    return outline if metres_apart(drawn, point) <= 1 else None


def metres_per_degree(latitude: float) -> tuple[float, float]:
    """Length of one degree of longitude and of latitude at `latitude`."""
    one = math.radians(1) * EARTH_METRES
    return one * max(math.cos(math.radians(latitude)), 1e-6), one


def metres_apart(one: BaseGeometry, other: BaseGeometry) -> float:
    """Shortest distance; right to a few per mille over tens of kilometres."""
    per_degree = metres_per_degree(other.centroid.y)
    return float(shapely.distance(_flat(one, per_degree), _flat(other, per_degree)))


def _flat(geometry: BaseGeometry, per_degree: tuple[float, float]) -> BaseGeometry:
    return shapely.transform(geometry, lambda positions: positions * per_degree)


def area_of(geometry: BaseGeometry) -> float:
    """Square metres on the sphere's local scale; right to a few per mille for anything up to a city."""
    if geometry.is_empty:
        return 0.0
    per_longitude, per_latitude = metres_per_degree(geometry.centroid.y)
    return float(geometry.area) * per_longitude * per_latitude


def centre_of(geometry: BaseGeometry) -> tuple[float, float]:
    """A point surely inside, near the middle: where a label goes."""
    point = geometry.centroid if geometry.contains(geometry.centroid) else geometry.representative_point()
    return point.x, point.y


def joined(geometries: list[Geometry]) -> Geometry:
    """One outline around several: gaps and overlaps of a few metres between neighbours are closed."""
    return _plain(mapping(union_of(geometries)))


def union_of(geometries: list[Geometry]) -> BaseGeometry:
    """`joined`, as a shape."""
    gap = 1e-5  # about 1 m
    drawn = shapely.buffer([shape(geometry) for geometry in geometries], gap)
    return shapely.set_precision(shapely.union_all(drawn).buffer(-gap), 10**-DECIMALS)


def shared_out(whole: Geometry, sites: Sequence[Sequence[tuple[float, float]]]) -> list[Geometry | None]:
    """An outline cut among several owners of sites: each gets what lies nearest to one of its own; None for nothing.

    Sites at one position are the first owner's. All None where the sites have fewer than two positions.
    """
    shares = shares_of(shape(whole), sites)
    return [None if share is None else _plain(mapping(share)) for share in shares]


def shares_of(
    drawn: BaseGeometry, sites: Sequence[Sequence[tuple[float, float]]]
) -> list[BaseGeometry | None]:
    """`shared_out`, as shapes."""
    owner_of: dict[tuple[float, float], int] = {}
    for owner, positions in enumerate(sites):
        for position in positions:
            owner_of.setdefault(position, owner)
    if len(owner_of) < 2:
        return [None] * len(sites)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(list(owner_of)), extend_to=drawn))
    shapely.prepare(drawn)
    own = cells[shapely.STRtree(cells).nearest(shapely.points(list(owner_of)))]
    inside = shapely.contains_properly(drawn, own)  # most cells: nothing to cut off
    own[~inside] = shapely.intersection(own[~inside], drawn)
    shares: list[list[BaseGeometry]] = [[] for _owner in sites]
    for cell, owner in zip(own, owner_of.values(), strict=True):
        shares[owner].append(cell)
    return [_share(parts) for parts in shares]


def _share(parts: list[BaseGeometry]) -> BaseGeometry | None:
    faces = shapely.set_precision(shapely.union_all(parts), 10**-DECIMALS)
    if faces.geom_type == "GeometryCollection":
        faces = shapely.union_all([part for part in shapely.get_parts(faces) if part.area])
    return None if faces.is_empty or not faces.area else faces
