"""Kinds of unit that a module founds and adjusts itself, by rules of its own. The page and the sheet for units leave
these to it; an office's telephone and hours are changed the same way for every kind."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import NoReverseMatch, reverse

from doorstep.kernel.organisations.kinds import UNIT_KINDS

PLATFORM = "platform_administration"  # founded once, by the installation itself
_pages: dict[str, str] = {}


def declare_kept(kinds: Iterable[str], page: str) -> None:
    """Units of these kinds are adjusted on `page`: the name of an address that takes the unit's id."""
    for kind in kinds:
        if kind in _pages:
            raise RuntimeError(f"{kind} is kept twice")
        _pages[kind] = page


def is_general(kind: str) -> bool:
    """Is a unit of this kind founded and adjusted on the page for units?"""
    return kind != PLATFORM and kind not in _pages


def general_kinds() -> list[str]:
    return [kind for kind in UNIT_KINDS if is_general(kind)]


def adjusting_page(kind: str, unit_id: int) -> str:
    """Where a unit of this kind is adjusted; "" where no surface serves it, or nobody does."""
    page = _pages.get(kind, "desk:unit_choose" if is_general(kind) else "")
    try:
        return reverse(page, args=[unit_id]) if page else ""
    except NoReverseMatch:
        return ""
