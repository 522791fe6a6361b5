"""What somebody who works grids answers for: each grid, with the way to note a visit there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.modules.grids.policies import VISIT


def own_grids(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """The grids of a grid worker or of who stands in; wider posts answer for communities."""
    places = [place for place in actor.places_for(VISIT) if len(place) == LENGTHS["grid"]]
    if not places:
        return [], 0
    rows = Grid.objects.filter(in_force(today), within("code", places)).select_related("community")
    found = list(rows.order_by("code"))
    items = [
        WorkItem(
            title=row.name, place_code=row.code, place_name=row.community.name, action=_("记一次走访"),
            url=f"{reverse('grids:visit')}?grid={row.code}",
        )
        for row in found[:limit]
    ]  # fmt: skip
    return items, len(found)


declare(WorkProvider("grids.own", _("我的网格"), "own", own_grids))
