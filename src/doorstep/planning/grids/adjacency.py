"""Which buildings are neighbours, where only their positions are known."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
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


def _of_part(spots: Floats) -> Ints:
    """Pairs inside one part."""
    positions, where = np.unique(spots, axis=0, return_inverse=True)
    where = where.ravel()
    lead = np.full(len(positions), -1, dtype=np.int64)
    same = []
    for at, spot in enumerate(where.tolist()):
        if lead[spot] < 0:
            lead[spot] = at
        else:
            same.append((int(lead[spot]), at))
    edges = _joined(positions, _short(positions, _triangulated(positions)))
    return np.concatenate([np.array(same, dtype=np.int64).reshape(-1, 2), lead[edges]])


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
