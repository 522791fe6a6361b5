"""A Merkle tree over leaves that are only ever added (RFC 6962, section 2.1): its root, and the path that proves one leaf.

Nothing of the database: rows of whole subtrees are asked for through `rows`, 256 at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

STEP = 8  # levels between kept nodes
WIDTH = 1 << STEP
EMPTY = hashlib.sha256(b"").digest()
# (level, first position, how many) → digests; level 0 are the leaves
Rows = Callable[[int, int, int], Sequence[bytes]]
KeptNode = tuple[int, int, bytes]


def parent_of(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """The right edge of a tree of `size` leaves, to which more are added."""

    def __init__(self, size: int = 0, rows: Rows = lambda level, first, number: ()) -> None:
        self.size = size
        self._peaks: list[
            tuple[int, bytes]
        ] = []  # whole subtrees from left to right, each lower than the one before
        for level in reversed(range(0, max(size.bit_length(), 1), STEP)):
            number = size >> level
            first = number - number % WIDTH
            for digest in rows(level, first, number - first) if number > first else ():
                self._raise(level, digest)

    def add(self, leaf: bytes) -> Iterator[KeptNode]:
        """Add a leaf; gives the kept nodes that it completes as (level, position, digest)."""
        self.size += 1
        for level, digest in self._raise(0, leaf):
            if level % STEP == 0:
                yield level, (self.size >> level) - 1, digest

    def _raise(self, level: int, digest: bytes) -> list[tuple[int, bytes]]:
        made = []
        while self._peaks and self._peaks[-1][0] == level:
            digest = parent_of(self._peaks.pop()[1], digest)
            level += 1
            made.append((level, digest))
        self._peaks.append((level, digest))
        return made

    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY
        digest = self._peaks[-1][1]
        for _level, left in reversed(self._peaks[:-1]):
            digest = parent_of(left, digest)
        return digest


class Paths:
    """Proofs from a tree that is kept in rows."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._kept: dict[tuple[int, int], Sequence[bytes]] = {}

    def path(self, position: int, size: int) -> list[bytes]:
        """Digests beside the way from the leaf at `position` (from 0) up to the root of the first `size` leaves."""
        return self._path(position, 0, size)

    def _path(self, position: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + split_of(end - start)
        if position < middle:
            return [*self._path(position, start, middle), self._digest(middle, end)]
        return [*self._path(position, middle, end), self._digest(start, middle)]

    def _digest(self, start: int, end: int) -> bytes:
        """Of the leaves from `start` to before `end`: of a whole subtree kept or put together, else of the right edge."""
        number = end - start
        level = number.bit_length() - 1
        if number == 1 << level and level % STEP == 0:
            return self._kept_digest(level, start >> level)
        middle = start + split_of(number)
        return parent_of(self._digest(start, middle), self._digest(middle, end))

    def _kept_digest(self, level: int, position: int) -> bytes:
        block = position - position % WIDTH
        if (level, block) not in self._kept:
            self._kept[level, block] = self._rows(level, block, WIDTH)
        return self._kept[level, block][position - block]


def split_of(number: int) -> int:
    """How many leaves go left: the largest power of two below their number."""
    return 1 << ((number - 1).bit_length() - 1)


def root_from(leaf: bytes, position: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a path leads to. Raises ValueError for a path of the wrong length or a leaf outside the tree."""
    if not 0 <= position < size:
        raise ValueError("the leaf is not in the tree")
    sides: list[bool] = []  # from the root down: does the leaf lie left?
    start, end = 0, size
    while end - start > 1:
        middle = start + split_of(end - start)
        sides.append(position < middle)
        start, end = (start, middle) if position < middle else (middle, end)
    if len(sides) != len(path):
        raise ValueError("the path has the wrong length")
    digest = leaf
    for lies_left, beside in zip(reversed(sides), path, strict=True):
        digest = parent_of(digest, beside) if lies_left else parent_of(beside, digest)
    return digest
