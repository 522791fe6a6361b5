"""Names found by characters, by pinyin and by initials.

PostgreSQL has no Chinese collation here: the pinyin key also orders lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django.db import models
from django.db.models import Q
from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=65536)
def _syllables(name: str) -> tuple[str, ...]:
    return tuple(lazy_pinyin(name, style=Style.NORMAL))


def keys_from(syllables: Sequence[str]) -> tuple[str, str]:
    """Pinyin (at most 200 characters) and initials (at most 80) of a name read as these syllables."""
    pinyin = "".join(syllables).lower().replace(" ", "")
    initials = "".join(part[0] if not part.isdigit() else part for part in syllables if part.strip()).lower()
    return pinyin[:200], initials[:80]


def pinyin_of(name: str) -> str:
    """Lower-case pinyin without tones or spaces: 人民路 → renminlu. At most 200 characters."""
    return keys_from(_syllables(name))[0]


def initials_of(name: str) -> str:
    """First letters: 人民路 → rml. At most 80 characters."""
    return keys_from(_syllables(name))[1]


class Named(models.Model):
    """A name with the keys by which it is found. Services fill the keys through `name_keys`."""

    name = models.CharField(max_length=120)
    pinyin = models.CharField(max_length=200, editable=False, db_collation="C")
    initials = models.CharField(max_length=80, editable=False, db_collation="C")

    class Meta:
        abstract = True


def name_keys(name: str) -> dict[str, str]:
    """The three columns of Named for `name`."""
    return {"name": name, "pinyin": pinyin_of(name), "initials": initials_of(name)}


def matches(text: str, prefix: str = "") -> Q:
    """Condition "found by `text`": characters anywhere, pinyin or initials from the start. What cannot stand in a name finds none."""
    text = text.strip()
    if not text:
        return Q()
    if "\x00" in text:
        return Q(**{f"{prefix}name__in": []})
    # characters have no case, and the trigram index serves only a comparison that leaves it alone
    lookup = "contains" if text.lower() == text.upper() else "icontains"
    condition = Q(**{f"{prefix}name__{lookup}": text})
    if text.isascii():
        key = text.lower().replace(" ", "")
        condition |= Q(**{f"{prefix}pinyin__startswith": key}) | Q(**{f"{prefix}initials__startswith": key})
    return condition
