"""Which number each group has: today's where most of its members stay, so that a group keeps its name and its leader."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.optimize import linear_sum_assignment

from doorstep.planning.forms import Ints


def numbered(
    group: Ints, today: Ints, members: Ints, free: int, held: Mapping[int, int] | None = None
) -> Ints:
    """Numbers of the groups, for each building. `today`: its group's number of today, −1 for none; `free`: the first number that
    no group of today has. Of all ways to keep numbers of today, the one with the most members staying in theirs; of equals,
    the most buildings. Who shares no building with a group of today has a new number. `held`: by place, the number that its
    group has in any case.
    """
    label = np.unique(group, return_inverse=True)[1].ravel()
    count = int(label.max()) + 1 if len(label) else 0
    old = np.unique(today[today >= 0])
    staying = np.zeros((count, len(old)))
    has = today >= 0
    np.add.at(staying, (label[has], np.searchsorted(old, today[has])), members[has] + 1e-3)
    number = np.full(count, -1, dtype=np.int64)
    for place, wanted in (held or {}).items():
        number[label[place]] = wanted
    open_, left = np.flatnonzero(number < 0), np.flatnonzero(~np.isin(old, number))
    rows, columns = linear_sum_assignment(staying[np.ix_(open_, left)], maximize=True)
    kept = staying[open_[rows], left[columns]] > 0
    number[open_[rows[kept]]] = old[left[columns[kept]]]
    fresh = (one for one in range(free, free + 2 * count) if one not in number)
    for at in np.flatnonzero(number < 0).tolist():
        number[at] = next(fresh)
    return number[label]
