"""Buildings on their lots: a rectangle that fits, and how many households live in it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import box

SHRINK = 0.82
SMALLEST = 8.0  # metres: the shorter side never gets smaller
MARGIN = 0.5  # metres to the edge of the lot, so that rounding never takes a wall across it
TRIES = 12


@dataclass(frozen=True)
class Shape:
    """A building before it stands anywhere: sides in metres, the turn in degrees, storeys and households."""

    length: float
    depth: float
    turn: float
    storeys: int
    households: int


def shape_of(random: Random, turn: float) -> Shape:
    """A plausible building of a city district: mostly slabs of five to seven storeys, some towers, some low houses."""
    draw = random.random()
    turn += random.random() * 6 - 3
    if draw < 0.07:
        return Shape(26.0, 21.0, turn, *_storeys_and_households(random, 18, 30, 3))
    if draw < 0.25:
        return Shape(16.0 + random.random() * 10, 10.0, turn, *_storeys_and_households(random, 1, 3, 2))
    entrances = 2 + int(random.random() * 3)
    length = entrances * 13.0
    return Shape(length, 12.0, turn, *_storeys_and_households(random, 4, 7, entrances * 2 - 1))


def _storeys_and_households(random: Random, lowest: int, highest: int, on_each: int) -> tuple[int, int]:
    storeys = lowest + int(random.random() * (highest - lowest + 1))
    return storeys, storeys * on_each


def place(rooms: np.ndarray, shapes: list[Shape]) -> np.ndarray:
    """A rectangle (metres) for each shape in the middle of its room, made smaller until it fits inside."""
    middles = shapely.get_coordinates(_middles(rooms))
    rooms = shapely.buffer(rooms, -MARGIN)
    outlines = np.empty(len(rooms), dtype=object)
    waiting, factor = np.arange(len(rooms)), 1.0
    shapely.prepare(rooms)
    for _ in range(TRIES):
        for index in waiting:
            outlines[index] = _rectangle(shapes[index], middles[index], factor)
        fits = shapely.contains_properly(rooms[waiting], outlines[waiting])
        waiting = waiting[~fits]
        if not len(waiting):
            return outlines
        factor *= SHRINK
    raise ValueError(f"{len(waiting)} buildings do not fit on their lots")


def _middles(rooms: np.ndarray) -> np.ndarray:
    """The centroid where it lies well inside, else the middle of the largest circle that fits."""
    middles = shapely.centroid(rooms)
    outside = ~shapely.contains_properly(shapely.buffer(rooms, -SMALLEST), middles)
    circles = shapely.maximum_inscribed_circle(rooms[outside], tolerance=0.5)
    middles[outside] = shapely.get_point(circles, 0)
    return middles


def _rectangle(shape: Shape, middle: np.ndarray, factor: float):
    half, deep = shape.length * factor / 2, max(shape.depth * factor, min(SMALLEST, shape.depth) * factor) / 2
    flat = box(-half, -deep, half, deep)
    turned = affinity.rotate(flat, shape.turn, origin=(0, 0))
    return affinity.translate(turned, float(middle[0]), float(middle[1]))
