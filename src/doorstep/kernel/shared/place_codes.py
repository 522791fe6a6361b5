"""Official place codes: they nest, so a subtree is a prefix.

"" nation · 21 province · 2102 city · 210202 county · 210202005 street · 210202005011 community ·
210202005011003 grid (community code and a three-digit serial).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared.numerals import is_digits

LENGTHS: dict[str, int] = {
    "nation": 0, "province": 2, "city": 4, "county": 6, "street": 9, "community": 12, "grid": 15,
}  # fmt: skip
LEVELS = tuple(LENGTHS)
LEVEL_NAMES = {
    "nation": _("全国"), "province": _("省"), "city": _("市"), "county": _("区"), "street": _("街道"),
    "community": _("社区"), "grid": _("网格"),
}  # fmt: skip
_BY_LENGTH = {length: level for level, length in LENGTHS.items()}


def is_code(text: str) -> bool:
    """True for digits of one of the official lengths."""
    return len(text) in _BY_LENGTH and (text == "" or is_digits(text))


def level_of(code: str) -> str:
    """The level a code names. Raises ValueError for a length that no level has."""
    try:
        return _BY_LENGTH[len(code)]
    except KeyError:
        raise ValueError(f"no level has a code of {len(code)} digits: {code!r}") from None


def parent_of(code: str) -> str | None:
    """The code one level up; None for the nation."""
    index = LEVELS.index(level_of(code))
    return None if index == 0 else code[: LENGTHS[LEVELS[index - 1]]]


def ancestors_of(code: str) -> list[str]:
    """Codes from the province down to, and without, `code`."""
    return [code[:length] for length in LENGTHS.values() if 0 < length < len(code)]


def level_below(code: str) -> str | None:
    """The next level down; None below a grid."""
    index = LEVELS.index(level_of(code))
    return LEVELS[index + 1] if index + 1 < len(LEVELS) else None


def contains(place: str, code: str) -> bool:
    """Does `code` lie in the subtree of `place` (itself included)?"""
    return code.startswith(place)


def after_subtree(code: str) -> str:
    """The first string beyond the subtree: subtree = [code, after). Digits only, byte order."""
    return code + ":"  # ':' follows '9' in ASCII


def within(field: str, codes: Iterable[str]) -> Q:
    """Rows whose `field` lies in the subtree of any of `codes`; no code, no rows.

    A range, not LIKE: with the "C" collation it uses the same index that orders the pages.
    """
    condition = Q(pk__in=[])
    for code in minimal(codes):
        if code == "":
            return ~Q(pk__in=[])  # every row; an empty Q() would vanish from "condition | own"
        condition |= Q(**{f"{field}__gte": code, f"{field}__lt": after_subtree(code)})
    return condition


def minimal(codes: Iterable[str]) -> list[str]:
    """The same subtrees named by the fewest codes."""
    kept: list[str] = []
    for code in sorted(set(codes)):
        if not (kept and code.startswith(kept[-1])):
            kept.append(code)
    return kept
