"""Deferred acceptance: apprentices propose, mentors keep the best they have room for.

D. Gale and L. S. Shapley, "College admissions and the stability of marriage", American Mathematical Monthly 69 (1962). With caps on
areas a mentor still chooses the best there is room for, area by area; such a choice has substitutes, so what follows holds with it too:
nobody blocks, and every apprentice has the best mentor any such pairing gives them (J. W. Hatfield and P. R. Milgrom, "Matching with
contracts", American Economic Review 95 (2005)).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np
from numba import njit

from doorstep.planning.errors import Refused
from doorstep.planning.forms import Ints
from doorstep.planning.pairing.instance import Instance


@dataclass(frozen=True, eq=False)
class Pairing:
    """`mentor[a]`: whom apprentice a has, −1 nobody. `room[m]`: places of mentor m beside pinned ones; `caps[m]`: how many of them may be
    (of the mentor's own area, of another)."""

    instance: Instance
    mentor: Ints  # (A,)
    room: Ints  # (M,)
    caps: Ints  # (M, 2)


def pair(instance: Instance) -> Pairing:
    """The stable pairing the apprentices like best, pinned pairs as they are and the quotas kept.

    A quota is a cap for each mentor on apprentices of the own area (at least so many across) or of others (at most so many): the whole
    number allowed is shared out by room, and lowered until the pairs that come of it keep the quota. Refused when none does.
    """
    pinned = instance.pinned
    used = np.bincount(pinned[pinned >= 0], minlength=len(instance.mentors))
    room = instance.capacity - used
    limits = [int(room.sum())] * 2
    while True:
        caps = np.stack([_shared_out(limit, room) for limit in limits], axis=1)
        mentor = _accepted(
            instance.starts,
            instance.liked,
            instance.rank,
            pinned,
            instance.mentor_area,
            instance.apprentice_area,
            room,
            caps,
        )
        found = Pairing(instance, mentor, room, caps)
        fewer = _lowered(found, limits)
        if fewer == limits:
            return _not_emptied(found, limits)
        limits = fewer


def crossing(pairing: Pairing) -> tuple[int, int, int, int]:
    """Pairs of the same area and across, pinned ones among them: (own, across, pinned own, pinned across)."""
    instance = pairing.instance
    has = np.flatnonzero(pairing.mentor >= 0)
    across = instance.mentor_area[pairing.mentor[has]] != instance.apprentice_area[has]
    fixed = instance.pinned[has] >= 0
    return int((~across).sum()), int(across.sum()), int((~across & fixed).sum()), int((across & fixed).sum())


def _lowered(pairing: Pairing, limits: list[int]) -> list[int]:
    """How many beside the pinned may be of the own area and of others, where this pairing breaks a quota; else as it is."""
    own, across, *fixed = crossing(pairing)
    pairs = own + across
    allowed = [floor((1 - pairing.instance.cross_least) * pairs), floor(pairing.instance.cross_most * pairs)]
    lowered = list(limits)
    for kind, count in enumerate((own, across)):
        if count <= allowed[kind]:
            continue
        if count == fixed[kind]:
            side = ("cross_least", "不跨片", "下限") if kind == 0 else ("cross_most", "跨片", "上限")
            raise Refused(
                f"跨片比例的{side[2]}{side[0]}做不到：其余的都不配对，{pairs}对里仍有{count}对{side[1]}的是组织指派，"
                "请放宽比例或改指派。"
            )
        lowered[kind] = max(0, min(allowed[kind] - fixed[kind], count - fixed[kind] - 1))
    return lowered


def _not_emptied(pairing: Pairing, limits: list[int]) -> Pairing:
    """Nobody paired is no way to keep a quota."""
    if (pairing.mentor < 0).all() and min(limits) < pairing.room.sum():
        kind = "跨片" if limits[0] > limits[1] else "不跨片"
        raise Refused(
            f"这样的跨片比例做不到：互相填报的只有{kind}的，请放宽cross_least和cross_most或补报志愿。"
        )
    return pairing


def _shared_out(whole: int, room: Ints) -> Ints:
    """`whole` places shared out by room: the same share of each mentor's, the largest remainders first."""
    total = int(room.sum())
    if whole >= total:
        return room.copy()
    shares = room * whole
    given = shares // total
    rest = np.argsort(-(shares % total), kind="stable")[: whole - int(given.sum())]
    given[rest] += 1
    return given


@njit(cache=True)
def _accepted(starts, liked, rank, pinned, mentor_area, apprentice_area, room, caps):
    """The mentor of each apprentice, −1 none."""
    apprentices, mentors = len(starts) - 1, len(room)
    mentor = pinned.copy()
    first = np.zeros(mentors + 1, np.int64)
    first[1:] = np.cumsum(room)
    place = np.empty(first[mentors], np.int64)  # the apprentice in each place
    value = np.empty(first[mentors], np.int64)  # the apprentice's rank there
    held = np.zeros((mentors, 2), np.int64)  # of the own area, of others
    following = starts[:-1].copy()
    waiting = np.empty(apprentices, np.int64)
    count = 0
    for one in range(apprentices - 1, -1, -1):
        if pinned[one] < 0:
            waiting[count] = one
            count += 1
    while count > 0:
        count -= 1
        one = waiting[count]
        while one >= 0 and following[one] < starts[one + 1]:
            at = following[one]
            following[one] += 1
            wanted = liked[at]
            kind = 1 if mentor_area[wanted] != apprentice_area[one] else 0
            holds = held[wanted, 0] + held[wanted, 1]
            only = kind if held[wanted, kind] >= caps[wanted, kind] else -1
            if only < 0 and holds < room[wanted]:
                place[first[wanted] + holds], value[first[wanted] + holds] = one, rank[at]
                held[wanted, kind] += 1
                mentor[one] = wanted
                break
            worst, spot = rank[at], -1
            for seat in range(first[wanted], first[wanted] + holds):
                if value[seat] <= worst:
                    continue
                other = 1 if mentor_area[wanted] != apprentice_area[place[seat]] else 0
                if only < 0 or other == only:
                    worst, spot = value[seat], seat
            if spot < 0:
                continue
            out = place[spot]
            held[wanted, 1 if mentor_area[wanted] != apprentice_area[out] else 0] -= 1
            held[wanted, kind] += 1
            place[spot], value[spot] = one, rank[at]
            mentor[one], mentor[out] = wanted, -1
            one = out
    return mentor


def warm() -> None:
    """Compile what is compiled, or load it from the cache."""
    from doorstep.planning.pairing.reading import of

    pair(of({"mentors": [{"id": 0, "prefers": [0]}], "apprentices": [{"id": 0, "prefers": [0]}]}))
