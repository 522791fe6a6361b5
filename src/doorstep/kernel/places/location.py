"""From a position to the place it lies in, by an index of all outlines kept in each process.

The index holds every outline with its period, so one serves any date. It is built again when the token of
`OutlineVersion` has changed: the thread that changed an outline sees it at once, others within two seconds.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import time
from dataclasses import dataclass

import numpy as np
import shapely
from django.conf import settings
from django.db import connection
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from doorstep.kernel.places.geometry import EDGE_METRES, check_inside_country, metres_per_degree
from doorstep.kernel.places.models import Outline, OutlineVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import LENGTHS

FRESH_SECONDS = 2.0
_FOREVER = dt.date.max.toordinal()


@dataclass(frozen=True)
class Located:
    """The finest place that has an outline around the position. `near`: it lies up to 150 m outside all of them,
    which is what the district outline's own precision allows."""

    code: str
    near: bool = False

    @property
    def grid(self) -> str | None:
        return self.code if len(self.code) == LENGTHS["grid"] else None

    @property
    def community(self) -> str | None:
        length = LENGTHS["community"]
        return self.code[:length] if len(self.code) >= length else None


class OutlineIndex:
    """An STRtree over every outline, with code and period beside each."""

    def __init__(self, rows: list[tuple[str, dict, dt.date, dt.date | None]]) -> None:
        self.codes = [code for code, *_rest in rows]
        self.shapes = np.array([shape(geometry) for _code, geometry, *_rest in rows], dtype=object)
        self.starts = [start.toordinal() for *_rest, start, _end in rows]
        self.ends = [end.toordinal() if end else _FOREVER for *_rest, end in rows]
        shapely.prepare(self.shapes)
        self.tree = shapely.STRtree(self.shapes)

    def at(self, point: shapely.Point, day: int) -> str | None:
        """The finest place around `point` on the day (ordinal); of two that share an edge, the lower code."""
        found: str | None = None
        codes, starts, ends = self.codes, self.starts, self.ends
        for index in self.tree.query(point, "intersects").tolist():
            if starts[index] <= day < ends[index]:
                code = codes[index]
                if found is None or len(code) > len(found) or (len(code) == len(found) and code < found):
                    found = code
        return found

    def near(self, point: shapely.Point, day: int, metres: float) -> str | None:
        """The finest of the places nearest to `point`, at most `metres` away."""
        reach = metres / metres_per_degree(point.y)[0]
        best: tuple[float, int, str] | None = None
        for index in self.tree.query(point, "dwithin", distance=reach).tolist():
            if self.starts[index] <= day < self.ends[index]:
                code = self.codes[index]
                key = (float(shapely.distance(self.shapes[index], point)), -len(code), code)
                best = key if best is None else min(best, key)
        return best[2] if best else None

    def outline_of(self, code: str, day: int) -> BaseGeometry | None:
        for index, own in enumerate(self.codes):
            if own == code and self.starts[index] <= day < self.ends[index]:
                return self.shapes[index]
        return None


class _Thread(threading.local):
    """Each thread asks for the token itself: one inside a transaction must not show the others what it wrote."""

    index: OutlineIndex | None = None
    source: tuple[str, int] | None = None
    asked: float = 0.0
    changing: bool = False  # a transaction of this thread changed outlines and may yet be rolled back


_thread = _Thread()
_building = threading.Lock()
_built: dict[tuple[str, int], OutlineIndex] = {}
MOST_BUILT = 2


def current_index() -> OutlineIndex:
    """The index over the outlines as this thread's connection sees them, at most two seconds old."""
    index = _thread.index
    if index is not None and not _thread.changing and time.monotonic() - _thread.asked < FRESH_SECONDS:
        return index
    source = (str(connection.settings_dict["NAME"]), _token())
    if index is None or source != _thread.source:
        with _building:
            index = _built.get(source) or _build(source)
        _thread.index, _thread.source = index, source
    _thread.asked = time.monotonic()
    _thread.changing = _thread.changing and connection.in_atomic_block
    return index


def _token() -> int:
    return OutlineVersion.objects.values_list("token", flat=True).get()


def _build(source: tuple[str, int]) -> OutlineIndex:
    rows = Outline.objects.order_by("pk").values_list("place_code", "geometry", "valid_from", "valid_to")
    index = OutlineIndex(list(rows))
    while len(_built) >= MOST_BUILT:
        _built.pop(next(iter(_built)))
    _built[source] = index
    return index


def renew_token() -> None:
    """Part of every change of outlines, after its rows are written: until its transaction ends, this thread asks at
    every use."""
    OutlineVersion.objects.update(token=secrets.randbits(62))
    _thread.changing = True


def locate(longitude: float, latitude: float, on: dt.date | None = None) -> Located | None:
    """The place at a WGS-84 position on a day (default today): grid, else community, street or district.

    None outside every outline by more than 150 m. Raises RuleViolation for coordinates that cannot be meant.
    """
    check_inside_country(longitude, latitude)
    index = current_index()
    day = (on or clock.today()).toordinal()
    point = shapely.Point(longitude, latitude)
    code = index.at(point, day)
    if code is not None:
        return Located(code)
    code = index.near(point, day, EDGE_METRES)
    return Located(code, near=True) if code is not None else None


def home_outline(on: dt.date | None = None) -> BaseGeometry | None:
    """The outline of the district this installation serves; None while it has none."""
    return current_index().outline_of(settings.HOME_PLACE, (on or clock.today()).toordinal())
