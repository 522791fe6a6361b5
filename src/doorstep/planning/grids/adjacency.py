"""Which buildings are neighbours, where only their positions are known."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Delaunay, QhullError, cKDTree

from doorstep.planning.grids.instance import Floats, Ints

LONG = 3.0  # times the median edge of the part
LEAST_LONG = 60.0  # metres: nothing shorter counts as long


def neighbours(x: Floats, y: Floats, part: Ints) -> Ints:
    """(m, 2) pairs of places, i < j: neighbours by Delaunay's triangulation inside each part (metres), without its long
    edges; where that leaves a part in pieces, the shortest links between pieces join it again. So every part is connected.

    Buildings at one position are neighbours of each other. Long: over three times the part's median edge and over 60 m.
    """
    found = []
    for one in np.unique(part):
        places = np.flatnonzero(part == one)
        pairs = _of_part(np.stack([x[places], y[places]], axis=1))
        found.append(places[pairs])
    pairs = np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)
    return np.unique(np.sort(pairs, axis=1), axis=0).astype(np.int64)


def neighbours_among(x: Floats, y: Floats, part: Ints, near: Ints) -> Ints:
    """(m, 2) pairs of places, i < j: of the pairs `near` those inside one part that Delaunay's triangulation joins too, and of
    the others as many, the shortest first, as hold together what `near` holds together. So a part is in the same pieces as by
    all of `near`, with about three pairs for a building.
    """
    size = len(part)
    near = np.unique(np.sort(near[part[near[:, 0]] == part[near[:, 1]]], axis=1), axis=0).astype(np.int64)
    near = near[near[:, 0] < near[:, 1]]
    if not len(near):
        return near
    found = [near[:0]]
    for one in np.unique(part):
        places = np.flatnonzero(part == one)
        positions, lead, same = _spots(np.stack([x[places], y[places]], axis=1))
        found.append(places[np.concatenate([same, lead[_triangulated(positions)]])])
    joined = np.sort(np.concatenate(found), axis=1)
    kept = np.isin(near[:, 0] * size + near[:, 1], joined[:, 0] * size + joined[:, 1])
    length = np.hypot(x[near[:, 0]] - x[near[:, 1]], y[near[:, 0]] - y[near[:, 1]])
    tree = minimum_spanning_tree(
        coo_matrix((np.where(kept, 1e-6, 1.0 + length), (near[:, 0], near[:, 1])), shape=(size, size)).tocsr()
    ).tocoo()
    held = np.isin(near[:, 0] * size + near[:, 1], tree.row.astype(np.int64) * size + tree.col)
    return near[kept | held]


def _of_part(spots: Floats) -> Ints:
    """Pairs inside one part."""
    positions, lead, same = _spots(spots)
    edges = _joined(positions, _short(positions, _triangulated(positions)))
    return np.concatenate([same, lead[edges]])


def _spots(spots: Floats) -> tuple[Floats, Ints, Ints]:
    """Different positions, the first building at each, and pairs of the first with each other one there."""
    positions, where = np.unique(spots, axis=0, return_inverse=True)
    where = where.ravel()
    lead = np.full(len(positions), -1, dtype=np.int64)
    same = []
    for at, spot in enumerate(where.tolist()):
        if lead[spot] < 0:
            lead[spot] = at
        else:
            same.append((int(lead[spot]), at))
    return positions, lead, np.array(same, dtype=np.int64).reshape(-1, 2)


def _triangulated(positions: Floats) -> Ints:
    if len(positions) < 2:
        return np.zeros((0, 2), dtype=np.int64)
    try:
        triangles = Delaunay(positions).simplices
    except (QhullError, ValueError):  # fewer than three, or all in one line: neighbours along it
        order = np.lexsort((positions[:, 1], positions[:, 0]))
        return np.stack([order[:-1], order[1:]], axis=1)
    pairs = [triangles[:, list(two)] for two in itertools.combinations(range(3), 2)]
    return np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0)


def _short(positions: Floats, edges: Ints) -> Ints:
    if not len(edges):
        return edges
    length = np.linalg.norm(positions[edges[:, 0]] - positions[edges[:, 1]], axis=1)
    return edges[length <= max(LEAST_LONG, LONG * float(np.median(length)))]


def _joined(positions: Floats, edges: Ints) -> Ints:
    """The edges, and the shortest link of a piece to another one, until there is one piece."""
    while True:
        size = len(positions)
        links = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(size, size))
        pieces, piece = connected_components(links, directed=False)
        if pieces < 2:
            return edges
        smallest = int(np.argmin(np.bincount(piece)))
        inside, outside = np.flatnonzero(piece == smallest), np.flatnonzero(piece != smallest)
        distance, nearest = cKDTree(positions[outside]).query(positions[inside])
        best = int(np.argmin(distance))
        edges = np.concatenate([edges, [[inside[best], outside[nearest[best]]]]])
