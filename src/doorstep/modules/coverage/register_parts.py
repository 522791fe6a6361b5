"""Columns, conditions and buttons that the registers share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import Column, Link
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared.names import matches
from doorstep.kernel.shared.place_codes import is_code

FROM = Column("valid_from", _("起"), kind="date", shown=False)
TO = Column("valid_to", _("止"), kind="date", shown=False)
NAME = Column("name", _("组织"), value=lambda row: getattr(row, "organisation_name", ""), width=32)


def naming(
    path: Callable[[Any], int | None], attribute: str = "organisation_name"
) -> Callable[[Sequence[Any], dt.date], None]:
    """Attaches the name of the unit at `path` to the rows of a page. One query."""

    def prepare(rows: Sequence[Any], on: dt.date) -> None:
        names = last_names(unit for row in rows if (unit := path(row)) is not None)
        for row in rows:
            setattr(row, attribute, names.get(path(row) or 0, ""))

    return prepare


def named_like(path: str) -> Callable[[str], Q]:
    """Condition on rows whose unit at `path` is called so, by characters, pinyin or initials."""

    def condition(text: str) -> Q:
        return Q(**{f"{path}__in": UnitVersion.objects.filter(matches(text)).values("unit_id")})

    return condition


def button(
    name: Any, page: str, capability: str, *arguments: object
) -> Callable[[Actor, str], Iterable[Link]]:
    """A button above the list for who keeps it."""

    def actions(actor: Actor, place: str) -> Iterable[Link]:
        if actor.holds_somewhere(capability):
            chosen = f"?place={place}" if place and is_code(place) else ""
            yield Link(name, f"{reverse(page, args=arguments)}{chosen}", main=True)

    return actions


def since(path: str) -> Callable[[Any, dt.date], Q]:
    return lambda day, on: Q(**{f"{path}__gte": day})
