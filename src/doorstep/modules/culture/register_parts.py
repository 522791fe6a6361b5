"""Columns and buttons that the registers share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import Column, ImportColumn, Link
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import is_code

FROM = Column("valid_from", _("起"), kind="date", shown=False)
TO = Column("valid_to", _("止"), kind="date", shown=False)
FROM_IN = ImportColumn("valid_from", _("起用日期"), kind="date", required=True, aliases=("起", "开始日期"))


def adding(what: str, name: Any, capability: str) -> Callable[[Actor, str], Iterable[Link]]:
    """A button above the list for who keeps it."""

    def actions(actor: Actor, place: str) -> Iterable[Link]:
        if actor.holds_somewhere(capability):
            chosen = f"?place={place}" if place and is_code(place) else ""
            yield Link(name, f"{reverse('culture:add', args=[what])}{chosen}", main=True)

    return actions


def ending(what: str, capability: str) -> Callable[[Actor, Any], Iterable[Link]]:
    """A button in the panel of a row that still holds, for who keeps it."""

    def links(actor: Actor, row: Any) -> Iterable[Link]:
        if row.valid_to is None and actor.holds(capability, row.place_code):
            yield Link(_("终止"), reverse("culture:end", args=[what, row.pk]))

    return links


def since(path: str) -> Callable[[Any, dt.date], Q]:
    return lambda day, on: Q(**{f"{path}__gte": clock.midnight(day)})
