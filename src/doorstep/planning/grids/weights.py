"""How much work a building is: a dated formula that can be told to anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Weights:
    """load = building + household × households × (1 + difficulty × (difficulty of the building − 1)).

    `since`: the day from which these weights hold. `household`: work of one ordinary household. `difficulty`: how far the
    difficulty of a building counts, 0 not at all, 1 in full. `building`: work of a building whoever lives there.
    """

    since: date
    household: float = 1.0
    difficulty: float = 1.0
    building: float = 0.0

    def loads(self, households: NDArray[np.int64], difficulty: NDArray[np.float64]) -> NDArray[np.float64]:
        """The load of each building, in ordinary households."""
        return self.building + self.household * households * (1 + self.difficulty * (difficulty - 1))


PLAIN = Weights(date(2026, 1, 1))
