"""Grids and their workers, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.planning.forms import Floats, Ints, Name


@dataclass(frozen=True, eq=False)
class Instance:
    """G grids and W workers, G/2 ≤ W ≤ G. `load`: work weighted by difficulty; `edges`: pairs of adjacent grids; `home`: metres, NaN where
    not known."""

    grids: list[Name]
    load: Floats  # (G,)
    xy: Floats  # (G, 2) metres
    edges: Ints  # (m, 2)
    workers: list[Name]
    home: Floats  # (W, 2)
