"""The buildings of somebody who answers for buildings and for nothing wider: a property manager."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.places.models import Area, Building

MANAGES = "property_manager"


def buildings(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Buildings within the places of a property manager."""
    if MANAGES not in actor.posts():
        return [], 0
    rows = policy_for(Building).visible_to(actor).order_by("place_code", "pk")
    shown = list(rows[:limit])
    codes = {row.place_code[:12] for row in shown}
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    items = [
        WorkItem(
            title=row.name, place_code=row.place_code, place_name=names.get(row.place_code[:12], ""),
            url=reverse("web:record", args=["places.buildings", row.pk]), action=_("看楼栋"),
        )
        for row in shown
    ]  # fmt: skip
    return items, rows.count()


declare(
    WorkProvider(
        "places.own_buildings", lazy("我管的楼栋"), "own", buildings,
        lambda actor: reverse("web:register", args=["places.buildings"]),
    )
)  # fmt: skip
