"""`{% load organisations %}`: a unit's life on one page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations import selectors
from doorstep.kernel.organisations.models import Appointment, UnitLineage
from doorstep.kernel.shared.errors import NotVisible

register = template.Library()


@dataclass(frozen=True)
class Step:
    """One adjustment in words: what happened from a day on, by which document, and with which other unit."""

    day: dt.date
    what: str
    name: str
    other: str
    document: str


@register.inclusion_tag("organisations/unit_life.html")
def unit_life(actor: Actor, unit_id: int, on: dt.date) -> dict[str, Any]:
    """Adjustments of a unit, newest first, and who holds its posts on the day. Nothing where it does not exist."""
    try:
        history = selectors.history_of(actor, unit_id)
    except NotVisible:
        return {"steps": [], "holders": []}
    names = {version.valid_from: version.name for version in history.versions}
    others = selectors.last_names(
        {row.unit_id for row in history.lineage} | {row.other_id or 0 for row in history.lineage}
    )
    steps = [
        Step(
            row.effective_on,
            _told(row, unit_id),
            names.get(row.effective_on, ""),
            _other(row, unit_id, others),
            row.document,
        )
        for row in history.lineage
    ]
    holders = [row for row in history.appointments if row.holds_on(on)]
    return {"steps": steps, "holders": sorted(holders, key=_by_post), "on": on}


def _told(row: UnitLineage, unit_id: int) -> str:
    if row.unit_id == unit_id:
        return str(row.get_kind_display())
    told = {
        "merged": _("有单位并入"), "split": _("从别的单位分出"), "established": _("分出新单位"),
        "moved": _("有单位调到其下"),
    }  # fmt: skip
    return told.get(row.kind, str(row.get_kind_display()))


def _other(row: UnitLineage, unit_id: int, names: dict[int, str]) -> str:
    other = row.other_id if row.unit_id == unit_id else row.unit_id
    return names.get(other or 0, "")


def _by_post(row: Appointment) -> tuple[str, dt.date]:
    return row.post, row.valid_from
