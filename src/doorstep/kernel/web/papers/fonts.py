"""The fonts of papers, which the front-end build puts in place, and what they can show."""

from __future__ import annotations

import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from doorstep.kernel.web.assets import DIST

FOLDER = DIST / ".paper-fonts"  # hidden: not among the files that browsers are served
REGULAR, BOLD = "NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf"
NO_SIGN = "□"

Spans = tuple[list[int], list[int]]


def are_there() -> bool:
    return all((FOLDER / name).is_file() for name in (REGULAR, BOLD))


def legible(value: Any) -> Any:
    """The same, in every text of it only what the fonts can show. A letter they lack is written by its code point, so
    that nobody's name loses a character unseen; a sign becomes a box; what steers the direction of text goes."""
    if isinstance(value, str):
        return _text(value, _spans(FOLDER / REGULAR))
    if isinstance(value, Mapping):
        return {key: legible(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [legible(one) for one in value]
    return value


def _text(text: str, spans: Spans) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(letter if letter in "\n\t" else _letter(letter, spans) for letter in text)


def _letter(letter: str, spans: Spans) -> str:
    category = unicodedata.category(letter)
    if category in ("Cc", "Cf", "Cs") or 0xFE00 <= ord(letter) <= 0xFE0F:
        return ""
    starts, ends = spans
    at = bisect_right(starts, ord(letter)) - 1
    if at >= 0 and ord(letter) <= ends[at]:
        return letter
    return f"[U+{ord(letter):04X}]" if category[0] == "L" else NO_SIGN


@lru_cache(maxsize=1)
def _spans(path: Path) -> Spans:
    """First and last code points of the spans a TrueType font has glyphs for (table `cmap`, format 12)."""
    font = path.read_bytes()
    (tables,) = struct.unpack_from(">H", font, 4)
    records = (struct.unpack_from(">4sLLL", font, 12 + 16 * number) for number in range(tables))
    cmap = next(offset for tag, _checksum, offset, _length in records if tag == b"cmap")
    (maps,) = struct.unpack_from(">H", font, cmap + 2)
    offsets = [cmap + struct.unpack_from(">HHL", font, cmap + 4 + 8 * number)[2] for number in range(maps)]
    full = next(offset for offset in offsets if struct.unpack_from(">H", font, offset) == (12,))
    (groups,) = struct.unpack_from(">L", font, full + 12)
    spans = [struct.unpack_from(">LLL", font, full + 16 + 12 * number) for number in range(groups)]
    return [start for start, _end, _glyph in spans], [end for _start, end, _glyph in spans]
