"""Groups of every branch: how many each connected piece gets, then which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.forms import Ints, listed
from doorstep.planning.grids.connection import neighbour_lists, pieces_inside
from doorstep.planning.groups import exact, search
from doorstep.planning.groups.instance import Instance


@dataclass(frozen=True, eq=False)
class Grouping:
    """`group[i]`: the group of building i, 0..G−1, numbered branch by branch."""

    group: Ints


@dataclass(eq=False)
class Piece:
    """Adjacent buildings of one branch, 0..s−1. `most`: the most groups with the minimum that were found; `proven`: there cannot be more
    than `ceiling`."""

    branch: int
    places: Ints
    members: Ints
    starts: Ints
    neighbours: Ints
    most: int
    ceiling: int

    @property
    def small(self) -> bool:
        return len(self.places) <= exact.MOST

    def divided(self, groups: int, minimum: int, seed: int) -> Ints:
        if groups == 1:
            return np.zeros(len(self.places), dtype=np.int64)
        if self.small:
            return exact.divided(self.members, self.starts, self.neighbours, groups, minimum)
        return search.divided(self.members, self.starts, self.neighbours, groups, minimum, seed)


def groups(instance: Instance, *, seed: int = 0) -> Grouping:
    """Groups of adjacent buildings within each branch, each with the minimum, as even as found; proven the most even in pieces of at
    most 14 buildings. The same seed, the same groups. Refused where the minimum cannot be reached, with the best that can be.
    """
    pieces = pieces_of(instance, seed)
    group = np.zeros(len(instance.buildings), dtype=np.int64)
    count = 0
    for branch in range(len(instance.branches)):
        mine = pieces[branch]
        asked = _asked(instance, branch, mine)
        for piece, number in zip(mine, asked, strict=True):
            label = _reaching(instance, piece, number, seed)
            group[piece.places] = count + label
            count += int(label.max()) + 1
    return Grouping(group)


def pieces_of(instance: Instance, seed: int) -> list[list[Piece]]:
    """The connected pieces of each branch. Refused where one has too few members, unless that is allowed."""
    found = pieces_inside(instance.branch, instance.edges)
    inner = instance.edges[instance.branch[instance.edges[:, 0]] == instance.branch[instance.edges[:, 1]]]
    order = np.argsort(found, kind="stable")
    ends = np.searchsorted(found[order], np.arange(found.max() + 2))
    edge_order = np.argsort(found[inner[:, 0]], kind="stable")
    edge_ends = np.searchsorted(found[inner[edge_order, 0]], np.arange(found.max() + 2))
    index = np.empty(len(found), dtype=np.int64)
    by_branch: list[list[Piece]] = [[] for _ in instance.branches]
    for piece in range(int(found.max()) + 1):
        places = order[ends[piece] : ends[piece + 1]]
        index[places] = np.arange(len(places))
        edges = index[inner[edge_order[edge_ends[piece] : edge_ends[piece + 1]]]]
        made = _piece(instance, places, edges, seed)
        by_branch[made.branch].append(made)
    return by_branch


def _piece(instance: Instance, places: Ints, edges: Ints, seed: int) -> Piece:
    starts, neighbours = neighbour_lists(len(places), edges)
    branch, members, least = int(instance.branch[places[0]]), instance.members[places], instance.minimum
    total = int(members.sum())
    if total < least and not instance.short:
        where = listed([instance.buildings[one] for one in places])
        raise Refused(
            f"支部{instance.branches[branch]}的楼栋{where}与本支部其他楼不相邻，共{total}名党员，凑不成最少{least}人的组"
            f"（至多{total}人）；请登记相邻楼栋、改划支部，或设short为true让它单独成组。"
        )
    if total < least:
        most = ceiling = 1
    elif len(places) <= exact.MOST:
        most = ceiling = int(exact.most_groups(members, starts, neighbours, least))
    else:
        most = int(search.most_groups(members, starts, neighbours, least, seed))
        ceiling = total // least
    return Piece(branch, places, members, starts, neighbours, most, min(ceiling, len(places)))


def _asked(instance: Instance, branch: int, pieces: list[Piece]) -> list[int]:
    """Groups of each piece: the next one where groups are largest, as long as the minimum can be kept."""
    wanted = int(instance.wanted[branch])
    total = [int(piece.members.sum()) for piece in pieces]
    limit = [piece.ceiling if wanted else piece.most for piece in pieces]
    goal = wanted or max(1, round(sum(total) / instance.size))
    name = instance.branches[branch]
    if wanted and wanted < len(pieces):
        raise Refused(
            f"支部{name}的楼栋分成互不相邻的{len(pieces)}片，至少要{len(pieces)}个组，不能只设{wanted}个；请改组数或补登相邻。"
        )
    if wanted > sum(limit):
        raise Refused(
            f"支部{name}要{wanted}个组，每组最少{instance.minimum}人，最多只能有{sum(limit)}个；请减少组数或降低最少人数。"
        )
    asked = [1] * len(pieces)
    while sum(asked) < goal:
        free = [at for at in range(len(pieces)) if asked[at] < limit[at]]
        if not free:
            break
        # known divisions first, then those only not proven impossible
        at = max(free, key=lambda one: (asked[one] < pieces[one].most, total[one] / asked[one]))
        asked[at] += 1
    return asked


def _reaching(instance: Instance, piece: Piece, number: int, seed: int) -> Ints:
    """Labels of so many groups that keep the minimum; where no number is asked, of fewer if need be."""
    minimum = instance.minimum
    if int(piece.members.sum()) < minimum:
        return np.zeros(len(piece.places), dtype=np.int64)
    for count in range(number, 0, -1):
        label = piece.divided(count, minimum, seed)
        if int(np.bincount(label, weights=piece.members).min()) >= minimum:
            return label
        if instance.wanted[piece.branch]:
            raise Refused(
                f"支部{instance.branches[piece.branch]}在楼栋{instance.buildings[piece.places[0]]}那一片要{number}个组，"
                f"每组最少{minimum}人，没有找到；已找到能分{piece.most}个组的办法，请改组数。"
            )
    raise AssertionError("one group of a piece with enough members has the minimum")


def warm() -> None:
    """Compile what is compiled, or load it from the cache."""
    from doorstep.planning.groups.reading import of

    for size in (4, 20):
        buildings = [{"id": at, "branch": 0, "members": 3} for at in range(size)]
        groups(of({"buildings": buildings, "adjacent": [[at, at + 1] for at in range(size - 1)]}))
