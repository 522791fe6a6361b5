"""Columns and searches that the registers share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.registers import Column
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared.names import matches

UNIT = Column("unit", _("单位"), value=lambda row: getattr(row, "unit_name", ""), width=28)


def with_units(rows: Sequence[Any], on: dt.date) -> None:
    """One query for a page; a row may have no unit."""
    names = last_names({row.unit_id for row in rows if row.unit_id is not None})
    for row in rows:
        row.unit_name = names.get(row.unit_id, "")


def named_unit(path: str) -> Callable[[str], Q]:
    """Rows whose unit is, or was, called so."""
    return lambda text: Q(**{f"{path}__in": UnitVersion.objects.filter(matches(text)).values("unit_id")})
