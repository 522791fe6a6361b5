"""The steps of requests as rows: how long a request lay before each, and with whom. Figures of dwell time open them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import F, IntegerField, QuerySet
from django.db.models.functions import Cast, Coalesce, Extract
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.registers import HAPPENED, Column, Filter, Register, declare
from doorstep.kernel.matters.laws import step_words
from doorstep.kernel.matters.models import History
from doorstep.kernel.organisations.selectors import last_names

HOUR = 3600


def _steps(actor: Actor, on: dt.date) -> QuerySet[History]:
    return policy_for(History).visible_to(actor).filter(matter__kind="request", since__isnull=False)


def _lain(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    """With the seconds since the step before: what has waited longest stands first."""
    seconds = Cast(Extract(F("at") - F("since"), "epoch"), IntegerField())
    return rows.select_related("matter").annotate(lain=Coalesce(seconds, 0))


def _units(rows: Sequence[Any], on: dt.date) -> None:
    """With whom each lay, in words. One query."""
    names = last_names({row.had_id for row in rows if row.had_id})
    for row in rows:
        row.had_name = names.get(row.had_id, "")


declare(
    Register(
        key="requests.steps", undated=HAPPENED, name=_("办理步骤"), noun=_("步骤"), model=History, order=("-lain", "-id"),
        rows=_steps, annotate=_lain, prepare=_units, detail=lambda row: reverse("desk:matter", args=[row.matter.number]),
        columns=(
            Column("number", _("编号"), value=lambda row: row.matter.number, width=12),
            Column("title", value="matter__title", width=32),
            Column("place_code", value="matter__place_code", kind="place"),
            Column("had", _("停留在"), value=lambda row: row.had_name, width=24),
            Column("lain", _("停留小时"), value=lambda row: round(row.lain / HOUR, 1), kind="number", width=10),
            Column("name", _("走的一步"), value=lambda row: str(step_words("request", row.name)), width=14),
            Column("at", _("时间"), kind="datetime", width=18),
        ),
        filters=(
            Filter("had", _("停留在"), kind="text", field="had__versions__name", phrase=_("停留在“{value}”的")),
        ),
        empty=_("诉求每办一步，这里就有记录。"),
    )
)  # fmt: skip
