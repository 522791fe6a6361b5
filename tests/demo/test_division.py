from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.demo.division import clusters, cut_in_two, divide, leaves, ways


def chessboard(width: int, height: int, missing: frozenset[int] = frozenset()) -> list[dict[int, int]]:
    graph: list[dict[int, int]] = [{} for _ in range(width * height)]
    for lot in range(width * height):
        for other in ([lot + 1] if (lot + 1) % width else []) + [lot + width]:
            if other < width * height and not {lot, other} & missing:
                graph[lot][other] = graph[other][lot] = 10
    return graph


def connected(graph, lots) -> bool:
    return len(ways(graph, min(lots), set(lots))) == len(lots)


@given(st.frozensets(st.integers(0, 99), max_size=45), st.data())
def test_both_parts_of_a_cut_are_connected_and_nothing_is_lost(missing, data):
    graph = chessboard(10, 10, missing)
    whole = max(
        (set(ways(graph, lot, set(range(100)))) for lot in range(100) if lot not in missing),
        key=len,
        default=set(),
    )
    if len(whole) < 2:
        return
    size = data.draw(st.integers(1, len(whole) - 1))
    first, second = cut_in_two(graph, whole, size)
    assert sorted(first + second) == sorted(whole)
    assert first and second
    assert connected(graph, first) and connected(graph, second)
    assert len(first) >= size


def test_pieces_have_the_proportions_asked_for():
    graph = chessboard(30, 20)
    tree = divide(graph, range(600), [100, 200, 300])
    sizes = [len(piece.lots) for piece in leaves(tree)]
    assert sum(sizes) == 600
    assert all(abs(size - wanted) <= 3 for size, wanted in zip(sizes, [100, 200, 300], strict=True))


def test_clusters_are_connected_and_small():
    graph = chessboard(20, 20)
    tree = divide(graph, range(400), [40] * 10)
    for cluster in clusters(tree, 3):
        assert 1 <= len(cluster) <= 3
        assert connected(graph, [lot for piece in cluster for lot in piece.lots])


def test_a_torn_part_is_refused():
    graph = chessboard(5, 3, frozenset(range(5, 10)))
    with pytest.raises(ValueError, match="not connected"):
        cut_in_two(graph, [*range(5), *range(10, 15)], 5)


@pytest.mark.parametrize("size", [0, 25, 30])
def test_an_empty_part_is_refused(size):
    with pytest.raises(ValueError, match="cannot cut"):
        cut_in_two(chessboard(5, 5), range(25), size)
