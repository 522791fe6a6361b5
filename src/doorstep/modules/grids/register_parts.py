"""Columns and buttons that grids' registers share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import Column, ImportColumn, Link
from doorstep.kernel.shared.place_codes import is_code

FROM = Column("valid_from", _("起"), kind="date", shown=False)
TO = Column("valid_to", _("止"), kind="date", shown=False)
FROM_IN = ImportColumn("valid_from", _("起用日期"), kind="date", required=True, aliases=("起", "开始日期"))


def choice_of(choices: Sequence[tuple[Any, Any]], field: str) -> Callable[[Any], str]:
    """The words of a stored code."""
    words = dict(choices)
    return lambda row: str(words.get(getattr(row, field), ""))


def adding(what: str, name: Any, capability: str) -> Callable[[Actor, str], Iterable[Link]]:
    """A button above the list for who keeps it."""

    def actions(actor: Actor, place: str) -> Iterable[Link]:
        if actor.holds_somewhere(capability):
            chosen = f"?place={place}" if place and is_code(place) else ""
            yield Link(name, f"{reverse('grids:add', args=[what])}{chosen}", main=True)

    return actions


def ending(what: str, capability: str) -> Callable[[Actor, Any], Iterable[Link]]:
    """A button in the panel of a row that still holds, for who keeps it."""

    def links(actor: Actor, row: Any) -> Iterable[Link]:
        if row.valid_to is None and actor.holds(capability, row.place_code):
            yield Link(_("终止"), reverse("grids:end", args=[what, row.pk]))

    return links
