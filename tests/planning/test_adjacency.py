"""Neighbours from positions: every part is connected, none reaches into another, few and short links."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from doorstep.planning.grids import neighbours

SPOT = st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 2))


@settings(max_examples=60, deadline=None)
@given(st.lists(SPOT, min_size=1, max_size=40))
def test_every_part_is_connected_and_stays_by_itself(spots: list[tuple[int, int, int]]) -> None:
    x, y, part = (np.array(column) for column in zip(*spots, strict=True))
    pairs = neighbours(x.astype(float), y.astype(float), part)
    assert len(pairs) == len({tuple(pair) for pair in pairs.tolist()}) and (pairs[:, 0] < pairs[:, 1]).all()
    assert (part[pairs[:, 0]] == part[pairs[:, 1]]).all()
    links = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(x), len(x)))
    pieces, piece = connected_components(links, directed=False)
    assert (
        pieces == len(np.unique(part)) and len({*zip(piece.tolist(), part.tolist(), strict=True)}) == pieces
    )


def test_two_squares_far_apart_hang_together_by_their_shortest_link() -> None:
    square = [(0, 0), (0, 50), (50, 0), (50, 50)]
    spots = np.array([*square, *((x + 1000, y) for x, y in square)], dtype=float)
    pairs = neighbours(spots[:, 0], spots[:, 1], np.zeros(8, dtype=int)).tolist()
    across = [pair for pair in pairs if (pair[0] < 4) != (pair[1] < 4)]
    assert across in ([[2, 4]], [[3, 5]])


def test_buildings_in_one_line_and_at_one_spot_are_neighbours() -> None:
    x = np.array([0.0, 100.0, 200.0, 200.0])
    pairs = neighbours(x, np.zeros(4), np.zeros(4, dtype=int)).tolist()
    assert pairs == [[0, 1], [1, 2], [2, 3]]
