"""Neighbours and connected pieces."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from doorstep.planning.grids.instance import Ints


def neighbour_lists(size: int, edges: Ints) -> tuple[Ints, Ints]:
    """(starts, neighbours): the neighbours of i are neighbours[starts[i]:starts[i+1]], in ascending order."""
    both = np.concatenate([edges, edges[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    starts = np.concatenate([[0], np.cumsum(np.bincount(both[:, 0], minlength=size))])
    return starts.astype(np.int64), np.ascontiguousarray(both[:, 1])


def components(starts: Ints, neighbours: Ints) -> Ints:
    """Which connected piece each building is in."""
    size = len(starts) - 1
    matrix = csr_matrix((np.ones(len(neighbours), dtype=np.int8), neighbours, starts), shape=(size, size))
    return connected_components(matrix, directed=False)[1].astype(np.int64)


def pieces_inside(groups: Ints, edges: Ints) -> Ints:
    """Which connected piece each building is in when only edges within one group count."""
    kept = edges[groups[edges[:, 0]] == groups[edges[:, 1]]]
    return components(*neighbour_lists(len(groups), kept))


def broken_groups(groups: Ints, edges: Ints) -> Ints:
    """The groups whose buildings are not connected within the group."""
    pieces = pieces_inside(groups, edges)
    _, leads = np.unique(pieces, return_index=True)
    found, counts = np.unique(groups[leads], return_counts=True)
    return found[counts > 1]
