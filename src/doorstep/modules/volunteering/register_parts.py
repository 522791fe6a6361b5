"""Columns and buttons that the registers of volunteering share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import Column, ImportColumn, Link
from doorstep.kernel.shared.place_codes import is_code

FROM = Column("valid_from", _("起"), kind="date", shown=False)
TO = Column("valid_to", _("止"), kind="date", shown=False)
FROM_IN = ImportColumn("valid_from", _("起用日期"), kind="date", required=True, aliases=("起", "开始日期"))
PLACE_IN = ImportColumn(
    "place", _("地方"), kind="place", required=True, default_place=True, aliases=("社区", "所在社区", "街道", "适用地方")
)  # fmt: skip


def words_of(choices: Sequence[tuple[Any, Any]], field: str) -> Callable[[Any], str]:
    """The words of a stored code, or of several."""
    words = dict(choices)

    def told(row: Any) -> str:
        value = getattr(row, field)
        codes = value if isinstance(value, list) else [value]
        return "、".join(str(words.get(code, code)) for code in codes if code)

    return told


def has_code(field: str) -> Callable[[Any, Any], Q]:
    """Condition: this code is among those of the row."""
    return lambda code, on: Q(**{f"{field}__contains": [code]})


def since(path: str) -> Callable[[Any, Any], Q]:
    return lambda day, on: Q(**{f"{path}__gte": day})


def adding(what: str, name: Any, capability: str) -> Callable[[Actor, str], Iterable[Link]]:
    """A button above the list for who keeps it."""

    def actions(actor: Actor, place: str) -> Iterable[Link]:
        if actor.holds_somewhere(capability):
            chosen = f"?place={place}" if place and is_code(place) else ""
            yield Link(name, f"{reverse('volunteering:add', args=[what])}{chosen}", main=True)

    return actions


def ending(what: str, capability: str) -> Callable[[Actor, Any], Iterable[Link]]:
    """A button in the panel of a row that still holds, for who keeps it."""

    def links(actor: Actor, row: Any) -> Iterable[Link]:
        if row.valid_to is None and actor.holds(capability, row.place_code):
            yield Link(_("终止"), reverse("volunteering:end", args=[what, row.pk]))

    return links
