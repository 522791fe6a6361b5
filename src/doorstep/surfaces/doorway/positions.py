"""Positions as phones give them: see `kernel.places.positions`."""

from doorstep.kernel.places.positions import METRES_PER_DEGREE, metres_between, to_gcj02, to_wgs84

__all__ = ["METRES_PER_DEGREE", "metres_between", "to_gcj02", "to_wgs84"]
