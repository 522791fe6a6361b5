"""Small instances in the shared form."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies


def building(
    id_: int, x: float = 0.0, y: float = 0.0, load: float = 10.0, part: int = 0, **more: Any
) -> dict[str, Any]:
    given = {"id": id_, "x": x, "y": y, "load": load, "households": 10, "difficulty": 1.0}
    return {**given, "community": 0, "compound": 0, "part": part, **more}


def row(size: int = 6, grids: int = 2) -> dict[str, Any]:
    """Buildings 0..size−1 in a row, each beside the next."""
    return {
        "parts": [{"id": 0, "grids": grids}],
        "buildings": [building(at, x=50.0 * at) for at in range(size)],
        "adjacent": [[at, at + 1] for at in range(size - 1)],
    }


def lattice(width: int = 6, height: int = 6, grids: int = 4) -> dict[str, Any]:
    spots = [(across, up) for up in range(height) for across in range(width)]
    pairs = [[at, at + 1] for at, (across, _) in enumerate(spots) if across + 1 < width]
    pairs += [[at, at + width] for at, (_, up) in enumerate(spots) if up + 1 < height]
    return {
        "parts": [{"id": 0, "grids": grids}],
        "buildings": [building(at, 50.0 * across, 50.0 * up) for at, (across, up) in enumerate(spots)],
        "adjacent": pairs,
    }


@strategies.composite
def towns(draw: strategies.DrawFn) -> dict[str, Any]:
    """Connected parts of any shape: trees with some more edges, any loads, any number of grids there can be."""
    chance = np.random.default_rng(draw(strategies.integers(0, 2**32 - 1)))
    form: dict[str, Any] = {"parts": [], "buildings": [], "adjacent": []}
    for part in range(draw(strategies.integers(1, 3))):
        size, begin = draw(strategies.integers(1, 24)), len(form["buildings"])
        form["parts"].append({"id": 7 * part, "grids": draw(strategies.integers(1, size))})
        for at in range(size):
            x, y, load = chance.uniform(0, 500), chance.uniform(0, 500), chance.lognormal(3, 1)
            compound = int(chance.integers(-1, 4))
            form["buildings"].append(
                building(3 * (begin + at), x, y, load, part=7 * part, compound=compound, households=int(load))
            )
            if at:
                form["adjacent"].append([3 * (begin + at), 3 * (begin + int(chance.integers(at)))])
        for _ in range(int(chance.integers(0, size))):
            one, other = (int(end) for end in chance.integers(0, size, 2))
            if one != other:
                form["adjacent"].append([3 * (begin + one), 3 * (begin + other)])
    return form
