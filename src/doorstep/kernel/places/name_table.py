"""Pinyin keys for hundreds of thousands of place names, at a microsecond each.

Reading a name by phrases, as `names.pinyin_of` does, costs 35 µs; by a table of single characters 0.7 µs. Characters
that place names read in several ways send their name to the phrases: docs/adr/0004-places.md has the measurement.
"""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin

from doorstep.kernel.shared.names import keys_from

# 长春 and 长子, 朝阳 and 朝天, 十里堡 and 城堡: nine tenths of all differences between table and phrases.
SEVERAL_READINGS = frozenset("长佛朝堡都圈似藏什乐柏畜杉重行卡埔碌碡茄劲柞槟")


class _Table(dict[int, str]):
    """For str.translate: each character is read once."""

    def __init__(self, longest: int) -> None:
        super().__init__()
        self.longest = longest

    def __missing__(self, letter: int) -> str:
        reading = lazy_pinyin(chr(letter), style=Style.NORMAL)[0].lower().strip()[: self.longest]
        self[letter] = reading
        return reading


_PINYIN, _INITIALS = _Table(20), _Table(1)


def keys_of(name: str) -> tuple[str, str]:
    """Pinyin and initials of a name of at most 40 characters."""
    if SEVERAL_READINGS.isdisjoint(name):
        return name.translate(_PINYIN)[:200], name.translate(_INITIALS)[:80]
    return keys_from(lazy_pinyin(name, style=Style.NORMAL))  # not kept: an import brings each name once
