"""Buildings with members, by branch, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from doorstep.planning.forms import Ints, Name
from doorstep.planning.groups.pinning import Pins


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
    pins: Pins

    def some(self, kept: Ints) -> Instance:
        """Only these buildings (places), in this order, with their branches."""
        place = np.full(len(self.branch), -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        edges = place[self.edges].reshape(-1, 2)
        branches, branch = np.unique(self.branch[kept], return_inverse=True)
        return replace(
            self, buildings=[self.buildings[at] for at in kept.tolist()],
            branches=[self.branches[at] for at in branches.tolist()], members=self.members[kept],
            branch=branch.astype(np.int64), edges=edges[(edges >= 0).all(axis=1)], wanted=self.wanted[branches],
            pins=self.pins.of(kept),
        )  # fmt: skip
