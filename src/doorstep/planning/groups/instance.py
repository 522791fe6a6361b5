"""Buildings with members, by branch, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.planning.forms import Ints, Name


@dataclass(frozen=True, eq=False)
class Instance:
    """n buildings of B branches. `edges`: pairs of adjacent places; those between branches count for nothing.

    `wanted[b]`: groups asked of branch b, 0: as many as come nearest to `size` members each. `short`: whether a piece that has fewer
    members than `minimum` may stay a group by itself.
    """

    buildings: list[Name]
    branches: list[Name]
    members: Ints  # (n,)
    branch: Ints  # (n,) 0..B−1
    edges: Ints  # (m, 2)
    wanted: Ints  # (B,)
    minimum: int
    size: int
    short: bool
