"""The tree of RFC 6962: its published examples, and any tree against the plain definition."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.kernel.ledger.tree import EMPTY, STEP, WIDTH, Paths, Tree, parent_of, root_from, split_of

# Leaves and roots of the Certificate Transparency test vectors (values of the algorithm, RFC 6962 section 2.1).
LEAVES = [
    hashlib.sha256(b"\0" + bytes.fromhex(text)).digest()
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def plain(leaves):
    if len(leaves) == 1:
        return leaves[0]
    middle = split_of(len(leaves))
    return parent_of(plain(leaves[:middle]), plain(leaves[middle:]))


def leaf(number):
    return hashlib.sha256(str(number).encode()).digest()


def grown(size, start=0, kept=None):
    """A tree of `size` leaves and what is kept of it, grown on from a tree of `start` leaves."""
    kept = kept if kept is not None else {(0, position): leaf(position) for position in range(start)}

    def rows(level, first, number):
        return [
            kept[level, position] for position in range(first, first + number) if (level, position) in kept
        ]

    tree = Tree(start, rows)
    for position in range(start, size):
        kept[0, position] = leaf(position)
        for level, place, digest in tree.add(leaf(position)):
            kept[level, place] = digest
    return tree, rows, kept


@pytest.mark.parametrize("size", ROOTS)
def test_published_roots(size):
    tree = Tree()
    for one in LEAVES[:size]:
        list(tree.add(one))
    assert tree.root().hex() == ROOTS[size]


def test_an_empty_tree():
    assert Tree().root() == EMPTY == hashlib.sha256(b"").digest()


@given(st.integers(1, 700), st.data())
@settings(max_examples=40, deadline=None)
def test_every_path_leads_to_the_root_and_no_other_leaf_does(size, data):
    tree, rows, _kept = grown(size)
    assert tree.root() == plain([leaf(number) for number in range(size)])
    position = data.draw(st.integers(0, size - 1))
    path = Paths(rows).path(position, size)
    assert root_from(leaf(position), position, size, path) == tree.root()
    assert root_from(leaf(position + 1), position, size, path) != tree.root()
    with pytest.raises(ValueError, match="length"):
        root_from(leaf(position), position, size, [*path, leaf(0)])


@pytest.mark.parametrize(("start", "size"), [(1, 2), (255, 258), (256, 300), (511, 1025), (65_530, 65_800)])
def test_a_tree_taken_up_again_is_the_same(start, size):
    whole, _rows, kept = grown(size)
    known = {key: value for key, value in kept.items() if (key[1] + 1) << key[0] <= start}
    again, _rows, _kept = grown(size, start, known)
    assert again.root() == whole.root()
    assert {key for key in kept if key[0]} == {(STEP, place) for place in range(size // WIDTH)} | (
        {(2 * STEP, 0)} if size >= WIDTH**2 else set()
    )


def test_a_leaf_outside_the_tree():
    with pytest.raises(ValueError, match="not in the tree"):
        root_from(leaf(0), 3, 3, [])
