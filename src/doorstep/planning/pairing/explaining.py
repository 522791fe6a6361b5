"""The figures of a pairing with their bounds, and why an apprentice has not whom they like better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow

from doorstep.planning.forms import Ints, Name
from doorstep.planning.pairing.checking import blocking_pairs
from doorstep.planning.pairing.pairer import Pairing, crossing


@dataclass(frozen=True)
class Figures:
    """`blocking`: pairs who would rather have each other, 0 by construction and counted anew. `most_pairs`: as many pairs as any pairing
    of people who list each other can have, stable or not; `first_choices` of `most_first_choices`: likewise apprentices with their first.
    `unanswered`: wishes whose mentor does not list the apprentice."""

    pairs: int
    most_pairs: int
    pinned: int
    across: int
    first_choices: int
    most_first_choices: int
    mean_place: (
        float  # in the apprentice's list of those who list them too, 1: the first; pinned ones left out
    )
    unanswered: int
    blocking: int


@dataclass(frozen=True)
class Refusal:
    """Mentor `mentor`, whom the apprentice likes better, at place `place` of their list (1: first), holds only others they like
    better: `holder`, the last of these, stands at `holder_place` of the mentor's list, the apprentice at `own_place`. `cap`: the
    quota's cap on this side of the area is what is full (with 0 places there is no holder)."""

    mentor: Name
    place: int
    own_place: int
    holder: Name | None
    holder_place: int | None
    cap: bool


def figures(pairing: Pairing) -> Figures:
    """Counted from the instance and the pairing."""
    instance, mentor = pairing.instance, pairing.mentor
    free = np.flatnonzero(instance.pinned < 0)
    some = free[np.diff(instance.starts)[free] > 0]
    first = instance.liked[instance.starts[some]]
    asked = np.bincount(first, minlength=len(instance.mentors))
    tails = np.repeat(np.arange(len(instance.apprentices)), np.diff(instance.starts))
    chosen = (instance.liked == mentor[tails]) & (instance.pinned[tails] < 0)
    places = np.flatnonzero(chosen) - instance.starts[tails[chosen]] + 1
    pinned = len(instance.apprentices) - len(free)
    return Figures(
        pairs=int((mentor >= 0).sum()),
        most_pairs=pinned + _most(pairing, tails),
        pinned=pinned,
        across=crossing(pairing)[1],
        first_choices=int((places == 1).sum()),
        most_first_choices=int(np.minimum(asked, pairing.room).sum()),
        mean_place=float(places.mean()) if len(places) else 0.0,
        unanswered=instance.unanswered,
        blocking=len(blocking_pairs(pairing)),
    )


def _most(pairing: Pairing, tails: Ints) -> int:
    """The most pairs beside the pinned, by a largest flow from apprentices to places."""
    instance = pairing.instance
    apprentices, mentors = len(instance.apprentices), len(instance.mentors)
    source, sink = apprentices + mentors, apprentices + mentors + 1
    free = np.flatnonzero(instance.pinned < 0)
    open_ = instance.pinned[tails] < 0
    rows = np.concatenate([np.full(len(free), source), tails[open_], apprentices + np.arange(mentors)])
    columns = np.concatenate([free, apprentices + instance.liked[open_], np.full(mentors, sink)])
    room = np.minimum(pairing.room, apprentices)
    value = np.concatenate([np.ones(len(free) + int(open_.sum()), np.int64), room]).astype(np.int32)
    graph = csr_matrix((value, (rows, columns)), shape=(sink + 1, sink + 1))
    return int(maximum_flow(graph, source, sink).flow_value)


def why_not(pairing: Pairing, apprentice: int, most: int = 3) -> tuple[Refusal, ...]:
    """Of the mentors this apprentice likes better than what they have, the first `most`: who has them."""
    instance = pairing.instance
    if instance.pinned[apprentice] >= 0:
        return ()
    refusals: list[Refusal] = []
    for at in range(instance.starts[apprentice], instance.starts[apprentice + 1]):
        mentor = int(instance.liked[at])
        if mentor == pairing.mentor[apprentice] or len(refusals) == most:
            break
        refusals.append(_refusal(pairing, apprentice, at, mentor))
    return tuple(refusals)


def _refusal(pairing: Pairing, apprentice: int, at: int, mentor: int) -> Refusal:
    instance = pairing.instance
    across = instance.apprentice_area != instance.mentor_area[mentor]
    held = np.flatnonzero((pairing.mentor == mentor) & (instance.pinned < 0))
    same = held[across[held] == across[apprentice]]
    cap = len(same) >= pairing.caps[mentor, int(across[apprentice])] and len(held) < pairing.room[mentor]
    ranks = {int(one): _rank(pairing, int(one), mentor) for one in (same if cap else held)}
    last = max(ranks, key=ranks.__getitem__) if ranks else None
    return Refusal(
        mentor=instance.mentors[mentor],
        place=int(at - instance.starts[apprentice] + 1),
        own_place=int(instance.rank[at] + 1),
        holder=None if last is None else instance.apprentices[last],
        holder_place=None if last is None else ranks[last] + 1,
        cap=bool(cap),
    )


def _rank(pairing: Pairing, apprentice: int, mentor: int) -> int:
    instance = pairing.instance
    spot = slice(instance.starts[apprentice], instance.starts[apprentice + 1])
    return int(instance.rank[spot][instance.liked[spot] == mentor][0])
