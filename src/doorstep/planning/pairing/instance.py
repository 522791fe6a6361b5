"""Who would like whom, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from doorstep.planning.forms import Ints, Name


@dataclass(frozen=True, eq=False)
class Instance:
    """M mentors and A apprentices. The list of apprentice a is liked[starts[a]:starts[a+1]], mentors, the best first, only those who
    list a too; rank[…] beside it is a's place in that mentor's list (0: the mentor's first).

    `pinned[a]`: the mentor the organisation assigned, −1 none; such a pair stands outside the choice. `capacity` is each mentor's
    whole, pinned ones included. `cross_least`, `cross_most`: share of all pairs that are of two areas.
    """

    mentors: list[Name]
    apprentices: list[Name]
    capacity: Ints  # (M,)
    mentor_area: Ints  # (M,)
    apprentice_area: Ints  # (A,)
    starts: Ints  # (A+1,)
    liked: Ints
    rank: Ints
    pinned: Ints  # (A,)
    cross_least: Fraction
    cross_most: Fraction
    unanswered: int  # entries of apprentices' lists whose mentor does not list them
