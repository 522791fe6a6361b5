"""Why a group is as it is: what it stands beside, what its piece of the branch allows, and why a building at its border is not
elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.forms import Ints, Name
from doorstep.planning.grids.connection import pieces_inside
from doorstep.planning.groups.grouping import Piece, pieces_of
from doorstep.planning.groups.instance import Instance

Why = Literal["pinned", "torn", "short", "uneven", "possible"]


@dataclass(frozen=True)
class Move:
    """A building of the group that could go to a neighbouring one. pinned: somebody decided otherwise; torn: the group would hang together no more; short: it would be
    below the minimum; uneven: the sum of squares would grow; possible: nothing of that. left, there: members afterwards."""

    building: Name
    group: int
    why: Why
    left: int
    there: int


@dataclass(frozen=True)
class Explained:
    """neighbours: (group, pairs of neighbours). piece_*: of the adjacent buildings of the branch that the group lies in; `most`
    groups with the minimum were found in it, `ceiling`: there cannot be more; `least`: its largest group has at least so many."""

    buildings: tuple[Name, ...]
    members: int
    neighbours: tuple[tuple[int, int], ...]
    piece_buildings: int
    piece_members: int
    piece_groups: int
    most: int
    ceiling: int
    least: int
    moves: tuple[Move, ...]


def explain(instance: Instance, group: Ints, number: int) -> Explained:
    """Of these group numbers, one for each building. Refused where no building has the number."""
    group = np.asarray(group)
    own = np.flatnonzero(group == number)
    if not len(own):
        raise Refused(f"方案里没有组{number}，请选方案里有的组。")
    piece = _piece(instance, int(own[0]))
    parts = len(np.unique(group[piece.places]))
    total = int(piece.members.sum())
    edges = _inside(instance)
    size = np.bincount(group, weights=instance.members).astype(np.int64)
    return Explained(
        buildings=tuple(instance.buildings[at] for at in own.tolist()),
        members=int(size[number]),
        neighbours=_neighbours(group, edges, number),
        piece_buildings=len(piece.places),
        piece_members=total,
        piece_groups=parts,
        most=piece.most,
        ceiling=piece.ceiling,
        least=max(-(-total // parts), int(piece.members.max())),
        moves=tuple(_moves(instance, group, edges, number, size)),
    )


def tears(instance: Instance, before: Ints, after: Ints) -> list[int]:
    """The groups of `after` that lie in more pieces than `before`. −1: in no group."""
    was, now = _pieces(instance, np.asarray(before)), _pieces(instance, np.asarray(after))
    return sorted(one for one, count in now.items() if one >= 0 and count > max(1, was.get(one, 1)))


def _pieces(instance: Instance, group: Ints) -> dict[int, int]:
    found = pieces_inside(group, _inside(instance))
    _first, leads = np.unique(found, return_index=True)
    numbers, counts = np.unique(group[leads], return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


def _inside(instance: Instance) -> Ints:
    edges = instance.edges
    return edges[instance.branch[edges[:, 0]] == instance.branch[edges[:, 1]]]


def _piece(instance: Instance, at: int) -> Piece:
    """The piece of the branch that a building lies in; one that is too small stays."""
    mine = np.flatnonzero(instance.branch == instance.branch[at])
    alone = replace(instance, short=True).some(mine)
    pieces = pieces_of(alone, seed=0)[0]
    return next(piece for piece in pieces if at in mine[piece.places])


def _neighbours(group: Ints, edges: Ints, number: int) -> tuple[tuple[int, int], ...]:
    ends = group[edges]
    beside = ends[(ends == number).any(axis=1) & (ends[:, 0] != ends[:, 1])]
    others, pairs = np.unique(beside[beside != number], return_counts=True)
    found = [(one, count) for one, count in zip(others.tolist(), pairs.tolist(), strict=True) if one >= 0]
    return tuple(sorted(found, key=lambda one: (-one[1], one[0])))


def _moves(instance: Instance, group: Ints, edges: Ints, number: int, size: Ints) -> list[Move]:
    """Each building at the border, to each group it lies beside."""
    ends = group[edges]
    found = []
    for at in np.flatnonzero(group == number).tolist():
        touching = np.concatenate([ends[edges[:, 0] == at, 1], ends[edges[:, 1] == at, 0]])
        for other in np.unique(touching[(touching != number) & (touching >= 0)]).tolist():
            found.append(_move(instance, group, at, int(other), size))
    return found


def _move(instance: Instance, group: Ints, at: int, other: int, size: Ints) -> Move:
    number, weight = int(group[at]), int(instance.members[at])
    left, there = int(size[number]) - weight, int(size[other]) + weight
    after = group.copy()
    after[at] = other
    why: Why = "possible"
    if at in instance.pins.inside or instance.pins.broken(after) > instance.pins.broken(group):
        why = "pinned"
    elif tears(instance, group, after):
        why = "torn"
    elif left < instance.minimum:
        why = "short"
    elif left**2 + there**2 > int(size[number]) ** 2 + int(size[other]) ** 2:
        why = "uneven"
    return Move(instance.buildings[at], other, why, left, there)
