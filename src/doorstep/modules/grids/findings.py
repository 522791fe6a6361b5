"""Breaks of grids: one without a worker. Found live, with the page that mends it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.findings import Finding, declare
from doorstep.kernel.organisations.models import AppointmentPlace
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared.dated import in_force
from doorstep.modules.grids.models import GridForce

FORCES = _("公安、消防、城管等力量下沉网格，网格调整后随之调整")
CLAUSE = _("每个网格配备网格员，姓名和电话公示（《滨州市社会治理网格化服务管理条例》第六条，作参照）")


def without_worker(on: dt.date) -> QuerySet[Any]:
    """Grids in force on the day in which nobody is grid worker, each with the day since when."""
    posts = AppointmentPlace.objects.filter(code=OuterRef("code"), appointment__post="grid_worker")
    last = (
        posts.filter(appointment__valid_to__lte=on)
        .order_by()
        .values("code")
        .annotate(last=Max("appointment__valid_to"))
    )
    return (
        Grid.objects.in_force(on)
        .filter(~Exists(posts.filter(in_force(on, "appointment__"))))
        .annotate(since=Greatest("valid_from", Coalesce(Subquery(last.values("last")), F("valid_from"))))
    )


def ended_with_forces(on: dt.date) -> QuerySet[Any]:
    """Forces in force in a grid that is not: since the day the grid ended."""
    grids = Grid.objects.filter(code=OuterRef("place_code"))
    return (
        GridForce.objects.in_force(on)
        .filter(~Exists(grids.filter(in_force(on))))
        .annotate(since=Subquery(grids.values("valid_to")[:1]))
    )


declare(
    Finding(
        key="grids.force_in_ended_grid", name=_("下沉力量所在的网格已撤销"), clause=FORCES, rows=ended_with_forces,
        subject=str, mend=lambda row: reverse("grids:end", args=["force", row.pk]), since=lambda row: row.since,
    ),
    Finding(
        key="grids.without_worker", name=_("网格没有网格员"), clause=CLAUSE, rows=without_worker,
        subject=lambda row: str(row.name), mend=lambda row: reverse("grids:workers", args=[row.code[:12]]),
        since=lambda row: row.since, place_field="code", severity="serious",
    )
)  # fmt: skip
