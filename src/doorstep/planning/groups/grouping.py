"""Groups of every branch: how many each connected piece gets, then which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from doorstep.planning.errors import Refused
from doorstep.planning.forms import Ints, listed
from doorstep.planning.grids.connection import neighbour_lists, pieces_inside
from doorstep.planning.groups import exact, search
from doorstep.planning.groups.contracting import contracted, graph_of
from doorstep.planning.groups.instance import Instance
from doorstep.planning.groups.pinning import Pins, refuse_torn


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
    pins: Pins
    most: int
    ceiling: int

    @property
    def small(self) -> bool:
        return len(self.places) <= exact.MOST

    def divided(self, groups: int, minimum: int, seed: int) -> Ints | None:
        """So many groups that keep the minimum and the pins; None where none were found, in small pieces where there are none."""
        label = self._tried(groups, minimum, seed)
        if label is None or int(label.min()) < 0 or self.pins.broken(label):
            return None
        enough = int(np.bincount(label, weights=self.members).min()) >= minimum
        return label if enough else None

    def _tried(self, groups: int, minimum: int, seed: int) -> Ints | None:
        if groups == 1:
            return np.zeros(len(self.places), dtype=np.int64)
        mates, apart = self.pins.mates, self.pins.apart
        if self.small:
            return exact.divided(self.members, self.starts, self.neighbours, mates, apart, groups, minimum)
        knot = contracted(self.starts, self.neighbours, self.pins)
        if knot is None or int(knot.max()) < groups - 1:
            return None
        graph = graph_of(knot, self.members, self.starts, self.neighbours, apart)
        return search.divided(*graph, groups, minimum, seed)[knot]


def groups(instance: Instance, *, seed: int = 0) -> Grouping:
    """Groups of adjacent buildings within each branch, each with the minimum, as even as found; proven the most even in pieces of at
    most 14 buildings. The same seed, the same groups. Refused where the minimum cannot be reached, with the best that can be, or the
    pins cannot be kept.
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
    refuse_torn(instance.pins, instance.buildings, found)
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
    pins = instance.pins.of(places)
    if total < least:
        most = ceiling = 1
    elif len(places) <= exact.MOST:
        most = ceiling = int(exact.most_groups(members, starts, neighbours, pins.mates, pins.apart, least))
    else:
        most = int(search.most_groups(members, starts, neighbours, least, seed))
        ceiling = total // least
    return Piece(branch, places, members, starts, neighbours, pins, most, min(ceiling, len(places)))


def _asked(instance: Instance, branch: int, pieces: list[Piece]) -> list[int]:
    """Groups of each piece: the next one where groups are largest, as long as the minimum can be kept."""
    wanted = int(instance.wanted[branch])
    total = [int(piece.members.sum()) for piece in pieces]
    limit = [piece.ceiling if wanted else piece.most for piece in pieces]
    goal = wanted or max(1, round(sum(total) / instance.size))
    name = instance.branches[branch]
    for piece in pieces:
        if piece.most == 0:
            raise Refused(_why_not(instance, piece, 0))
    if wanted and wanted < len(pieces):
        raise Refused(
            f"支部{name}的楼栋分成互不相邻的{len(pieces)}片，至少要{len(pieces)}个组，不能只设{wanted}个；请改组数或补登相邻。"
        )
    if wanted > sum(limit):
        pinned = "做到全部要求、" if instance.pins.some else ""
        raise Refused(
            f"支部{name}要{wanted}个组，{pinned}每组最少{instance.minimum}人，最多只能有{sum(limit)}个；请减少组数或降低最少人数。"
        )
    asked = [min(piece.pins.fewest, piece.ceiling) for piece in pieces]
    if wanted and sum(asked) > wanted:
        raise Refused(
            f"支部{name}做到全部要求，至少要{sum(asked)}个组，不能只设{wanted}个；请改组数或去掉一项要求。"
        )
    while sum(asked) < goal:
        free = [at for at in range(len(pieces)) if asked[at] < limit[at]]
        if not free:
            break
        # known divisions first, then those only not proven impossible
        at = max(free, key=lambda one: (asked[one] < pieces[one].most, total[one] / asked[one]))
        asked[at] += 1
    return asked


def _reaching(instance: Instance, piece: Piece, number: int, seed: int) -> Ints:
    """Labels of so many groups that keep the minimum and the pins; where no number is asked, of fewer or more if need be."""
    short = int(piece.members.sum()) < instance.minimum
    least = 0 if short else instance.minimum
    if instance.wanted[piece.branch] or short:
        counts = [1 if short else number]
    else:
        counts = [*range(number, 0, -1), *range(number + 1, piece.ceiling + 1)]
    for count in counts:
        label = piece.divided(count, least, seed)
        if label is not None:
            return label
    raise Refused(_why_not(instance, piece, number))


def _why_not(instance: Instance, piece: Piece, number: int) -> str:
    where = f"支部{instance.branches[piece.branch]}在楼栋{instance.buildings[piece.places[0]]}那一片"
    if not piece.pins.some:
        return (
            f"{where}要{number}个组，每组最少{instance.minimum}人，没有找到；"
            f"已找到能分{piece.most}个组的办法，请改组数。"
        )
    exactly = f"分{number}个组、" if number and instance.wanted[piece.branch] else ""
    return f"{where}不能{exactly}每组最少{instance.minimum}人又做到全部要求，请去掉一项要求，或改组数、最少人数。"


def warm() -> None:
    """Compile what is compiled, or load it from the cache."""
    from doorstep.planning.groups.reading import of

    for size in (4, 20):
        buildings = [{"id": at, "branch": 0, "members": 3} for at in range(size)]
        groups(of({"buildings": buildings, "adjacent": [[at, at + 1] for at in range(size - 1)]}))
