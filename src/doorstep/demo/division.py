"""Cutting a graph of neighbouring lots into connected pieces of wanted sizes.

Every cut orders the lots by `way from A - way from B` along the graph, where A and B are two far ends. Any beginning
of that order is connected, since each shortest way back to A stays inside it. The rest is connected too, but for dead
ends (headlands) that both ways reach through the same lot; those go over to the beginning, on which they hang.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Graph = Sequence[dict[int, int]]
"""For every lot its neighbours, each with the way between the two in whole decimetres."""


@dataclass(frozen=True)
class Piece:
    """A leaf of the division: which of the sizes asked for it fills, and its lots."""

    index: int
    lots: tuple[int, ...]


@dataclass(frozen=True)
class Cut:
    """Two neighbouring parts that together make one connected part."""

    first: Tree
    second: Tree


Tree = Piece | Cut


def ways(graph: Graph, start: int, inside: set[int]) -> dict[int, int]:
    """Shortest way in decimetres from `start` to every lot of `inside` reachable within it."""
    found: dict[int, int] = {}
    waiting = [(0, start)]
    while waiting:
        way, lot = heapq.heappop(waiting)
        if lot in found:
            continue
        found[lot] = way
        for neighbour, step in graph[lot].items():
            if neighbour in inside and neighbour not in found:
                heapq.heappush(waiting, (way + step, neighbour))
    return found


def far_ends(graph: Graph, inside: set[int]) -> tuple[int, int]:
    """Two lots about as far from each other as the part allows."""
    first = _farthest(ways(graph, min(inside), inside))
    second = _farthest(ways(graph, first, inside))
    return first, second


def _farthest(found: dict[int, int]) -> int:
    return max(found, key=lambda lot: (found[lot], -lot))


def cut_in_two(
    graph: Graph, lots: Iterable[int], size: int, ends: tuple[int, int] | None = None
) -> tuple[list[int], list[int]]:
    """Cut connected `lots` into two connected parts, the first of about `size` lots and nearer to the first end.

    Raises ValueError where the lots are not connected or the size leaves one part empty.
    """
    inside = set(lots)
    if not 0 < size < len(inside):
        raise ValueError(f"cannot cut {size} out of {len(inside)} lots")
    one, other = ends or far_ends(graph, inside)
    from_one, from_other = ways(graph, one, inside), ways(graph, other, inside)
    if len(from_one) != len(inside):
        raise ValueError("the lots are not connected")
    order = sorted(inside, key=lambda lot: (from_one[lot] - from_other[lot], from_one[lot], lot))
    rest = set(ways(graph, order[-1], set(order[size:])))
    return [lot for lot in order if lot not in rest], sorted(rest)


def divide(graph: Graph, lots: Iterable[int], sizes: Sequence[int], offset: int = 0) -> Tree:
    """Cut connected `lots` by halving into a connected piece for each of `sizes`, in about their proportions."""
    inside = list(lots)
    if len(sizes) == 1:
        return Piece(offset, tuple(sorted(inside)))
    middle = len(sizes) // 2
    wanted = len(inside) * sum(sizes[:middle]) // sum(sizes)
    first, second = cut_in_two(graph, inside, wanted)
    return Cut(
        divide(graph, first, sizes[:middle], offset),
        divide(graph, second, sizes[middle:], offset + middle),
    )


def leaves(tree: Tree) -> list[Piece]:
    """The pieces of a division in the order of the sizes."""
    if isinstance(tree, Piece):
        return [tree]
    return leaves(tree.first) + leaves(tree.second)


def clusters(tree: Tree, most: int) -> list[list[Piece]]:
    """The pieces in connected clusters of at most `most` pieces, as the halving made them."""
    pieces = leaves(tree)
    if len(pieces) <= most or isinstance(tree, Piece):
        return [pieces]
    return clusters(tree.first, most) + clusters(tree.second, most)
