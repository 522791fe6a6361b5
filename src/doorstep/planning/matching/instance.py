"""Needs, resources and the arcs between what fits, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doorstep.planning.forms import Floats, Ints, Name

CENTIMETRES = 100  # costs are whole centimetres, so that an optimum is exact
FOR_ARRIVALS = 10**12  # the farthest arcs of later needs together


@dataclass(frozen=True, eq=False)
class Rules:
    """What decides whether a resource fits a need, where it is not given arc by arc."""

    farthest: float  # metres
    need_xy: Floats  # (n, 2)
    need_kind: Ints  # (n,)
    need_time: Floats  # (n, 3): since, until, minutes needed
    resource_xy: Floats  # (m, 2)
    resource_kinds: Sequence[frozenset[int]]
    resource_time: Floats  # (m, 2)
    kinds: dict[str, int]


@dataclass(frozen=True, eq=False)
class Market:
    """n needs, m resources and the arcs between what fits: those of need i are starts[i] .. starts[i+1]−1."""

    starts: Ints  # (n+1,)
    heads: Ints  # (a,) which resource
    costs: Ints  # (a,) centimetres
    capacity: Ints  # (m,) how many needs each resource can meet
    urgency: Ints  # (n,) 1..9

    @property
    def unmet_price(self) -> int:
        """What an unmet need of urgency 1 costs: more than all detours together, so that urgency met comes first, and as much
        more as those who arrive later may need."""
        tails = np.diff(self.starts) > 0
        dearest = (
            np.maximum.reduceat(self.costs, self.starts[:-1][tails]) if tails.any() else np.zeros(0, int)
        )
        return int(dearest.sum()) + 1 + FOR_ARRIVALS


@dataclass(frozen=True, eq=False)
class Instance:
    """A market with its names and, unless arcs were given, the rules they came from."""

    needs: list[Name]
    resources: list[Name]
    market: Market
    rules: Rules | None
