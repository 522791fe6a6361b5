"""How the moves are compiled: kept on disk after the first time, and without numba's counting of references.

`bare` functions make no array. Their arguments are tuples of a dozen arrays; counting each of them in and out at each call took five
times as long as all the rest (3.5 µs a step against 0.64). `inlined` ones are a line or two inside those.
"""

from __future__ import annotations

from numba import njit

compiled = njit(cache=True, nogil=True)
bare = njit(cache=True, nogil=True, _nrt=False)
inlined = njit(cache=True, nogil=True, _nrt=False, inline="always")
