"""How the moves are compiled: kept on disk after the first time, and without numba's counting of references.

`bare` functions make no array. Their arguments are tuples of a dozen arrays; counting each of them in and out at each call took five
times as long as all the rest (3.5 µs a step against 0.64). `inlined` ones are a line or two inside those.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from numba import njit


def forget_what_is_older() -> None:
    """Numba asks whether the file of a function changed, but not the files of the functions it calls."""
    here = Path(__file__).parent
    newest = max(source.stat().st_mtime for source in here.glob("*.py"))
    for kept in (here / "__pycache__").glob("*.nbi"):
        with contextlib.suppress(OSError):  # gone already, or not ours: then it lies where numba looks anew
            if kept.stat().st_mtime < newest:
                kept.unlink()


forget_what_is_older()
_bare: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
compiled = njit(cache=True, nogil=True)
bare = njit(**_bare)
inlined = njit(**_bare, inline="always")
