"""What a unit's people have before them: what falls due soon and has no record yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.obligations.models import Occurrence
from doorstep.kernel.obligations.policies import own_units
from doorstep.kernel.obligations.selectors import DUE, in_state
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.people.selectors import name_of_place

SOON = dt.timedelta(days=14)


def _coming(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Of the actor's own units, what closes within two weeks. Three queries, and one for each place."""
    rows = Occurrence.objects.filter(
        in_state(DUE, today), unit_id__in=own_units(actor), closes_on__lte=today + SOON
    )
    count = rows.count()
    if not count:
        return [], 0
    found = list(rows.select_related("rule").order_by("closes_on", "pk")[:limit])
    names = last_names(row.unit_id for row in found)
    places = {code: name_of_place(code) for code in {row.place_code[:12] for row in found}}
    return [
        WorkItem(
            title=row.rule.name, place_code=row.place_code, place_name=places[row.place_code[:12]],
            action=_("登记记录"), url=reverse("desk:owed_unit", args=[row.unit_id]), due=row.closes_on,
            detail=names.get(row.unit_id, ""),
        )
        for row in found
    ], count  # fmt: skip


declare(WorkProvider("obligations.coming", gettext_lazy("应办事项"), "due", _coming))
