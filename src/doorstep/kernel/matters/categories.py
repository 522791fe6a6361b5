"""What the categories of each kind of matter are called: their modules name them, terms and lists show them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise

Text = str | Promise
_named: dict[str, dict[str, Text]] = {}


def name_categories(kind: str, categories: Sequence[tuple[str, Text]]) -> None:
    _named[kind] = dict(categories)


def categories_of(kind: str) -> dict[str, Text]:
    """Names by code; empty for a kind without categories."""
    return dict(_named.get(kind, {}))


def category_name(kind: str, code: str) -> str:
    """The code itself where nobody named it."""
    return str(_named.get(kind, {}).get(code, code))
