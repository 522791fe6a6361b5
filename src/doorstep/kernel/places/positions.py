"""Positions as phones give them. China's public maps shift them (GCJ-02); the platform keeps WGS-84.

The shift is a smooth function of the position, at most some 700 m. Its inverse is found by walking back: a few rounds
bring the error below a millimetre. Outside China the two agree.
"""

from __future__ import annotations

import math

_RADIUS = 6378245.0  # Krasovsky 1940, metres
_ECCENTRICITY = 0.00669342162296594323
_ROUNDS = 6
METRES_PER_DEGREE = 111_320.0
GCJ02, WGS84 = "gcj02", "wgs84"


def datum_of(user_agent: str) -> str:
    """WeChat's browser gives positions shifted as public maps are."""
    return GCJ02 if "MicroMessenger" in user_agent else WGS84


def to_gcj02(longitude: float, latitude: float) -> tuple[float, float]:
    """WGS-84 → GCJ-02, degrees."""
    if not _in_china(longitude, latitude):
        return longitude, latitude
    x, y = longitude - 105.0, latitude - 35.0
    root = math.sqrt(abs(x))
    ripple = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    angle = math.radians(latitude)
    bend = 1 - _ECCENTRICITY * math.sin(angle) ** 2
    along = _RADIUS * (1 - _ECCENTRICITY) / (bend * math.sqrt(bend)) * math.pi / 180
    across = _RADIUS / math.sqrt(bend) * math.cos(angle) * math.pi / 180
    return longitude + east / across, latitude + north / along


def to_wgs84(longitude: float, latitude: float) -> tuple[float, float]:
    """GCJ-02 → WGS-84, degrees."""
    guess = longitude, latitude
    for _round in range(_ROUNDS):
        shifted = to_gcj02(*guess)
        guess = guess[0] + longitude - shifted[0], guess[1] + latitude - shifted[1]
    return guess


def metres_between(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Distance of two near positions (longitude, latitude), metres."""
    middle = math.radians((first[1] + second[1]) / 2)
    return METRES_PER_DEGREE * math.hypot((first[0] - second[0]) * math.cos(middle), first[1] - second[1])


def _in_china(longitude: float, latitude: float) -> bool:
    """The rectangle in which the shift is applied."""
    return 72.004 <= longitude <= 137.8347 and 0.8293 <= latitude <= 55.8271
