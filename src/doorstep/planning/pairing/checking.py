"""Whether a pairing is stable, counted from the lists alone."""

from __future__ import annotations

import numpy as np

from doorstep.planning.forms import Ints
from doorstep.planning.pairing.pairer import Pairing

NOBODY = np.iinfo(np.int64).max


def blocking_pairs(pairing: Pairing) -> Ints:
    """(b, 2) pairs of apprentice and mentor who would both rather have each other, within room and caps.

    The apprentice is not pinned and likes the mentor better than what they have; the mentor has room for them, or holds somebody
    they like less whose going would make it: of the same side of the area where that cap is full, else anybody.
    """
    instance, mentor = pairing.instance, pairing.mentor
    tails = np.repeat(np.arange(len(instance.apprentices)), np.diff(instance.starts))
    place = np.arange(len(tails)) - instance.starts[tails]
    mine = instance.liked == mentor[tails]
    own = np.full(len(instance.apprentices), NOBODY)
    own[tails[mine]] = place[mine]
    chosen = mine & (instance.pinned[tails] < 0)
    kind = (instance.mentor_area[instance.liked] != instance.apprentice_area[tails]).astype(np.int64)
    held = np.zeros((len(instance.mentors), 2), dtype=np.int64)
    np.add.at(held, (instance.liked[chosen], kind[chosen]), 1)
    worst = np.full((len(instance.mentors), 2), -1)
    np.maximum.at(worst, (instance.liked[chosen], kind[chosen]), instance.rank[chosen])
    whom = instance.liked
    capped = held[whom, kind] >= pairing.caps[whom, kind]
    full = held.sum(axis=1)[whom] >= pairing.room[whom]
    least = np.where(capped, worst[whom, kind], worst.max(axis=1)[whom])
    takes = (~capped & ~full) | (least > instance.rank)
    blocks = (instance.pinned[tails] < 0) & (place < own[tails]) & takes
    return np.stack([tails[blocks], whom[blocks]], axis=1)
