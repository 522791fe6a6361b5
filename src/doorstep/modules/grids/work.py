"""What waits of grids: a worker's own grids with the way to note a visit there, plans to approve, plans that came back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.organisations.policies import APPOINT_COMMUNITY
from doorstep.kernel.places.models import Grid
from doorstep.kernel.places.policies import ADJUST_GRIDS
from doorstep.kernel.proposals.selectors import come_back, waiting, work_items
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.modules.grids.models import GridPlan, StaffPlan
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


def plans_waiting(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Plans somebody else sent, for who may approve them; the day of effect is their due day."""
    return _items(actor, waiting(actor, GridPlan, ADJUST_GRIDS), "approve", _("审批方案"), limit)


def staffing_waiting(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """The same of plans of who works which grid."""
    return _items(actor, waiting(actor, StaffPlan, APPOINT_COMMUNITY), "approve", _("审批方案"), limit)


def plans_come_back(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Plans that their day refused or a second person sent back, for who sent them."""
    return _items(actor, come_back(actor, GridPlan), "make", _("修改方案"), limit)


def staffing_come_back(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """The same of plans of who works which grid."""
    return _items(actor, come_back(actor, StaffPlan), "make", _("修改方案"), limit)


def _items(
    actor: Actor, rows: QuerySet[Any], act: str, action: Any, limit: int
) -> tuple[Iterable[WorkItem], int]:
    return work_items(actor, rows, act, action, plan_url, limit)


def plan_url(plan: GridPlan | StaffPlan) -> str:
    return reverse("grids:staffing" if isinstance(plan, StaffPlan) else "grids:plan", args=[plan.pk])


declare(
    WorkProvider("grids.own", _("我的网格"), "own", own_grids),
    WorkProvider("grids.plans_waiting", _("待审批的网格方案"), "decide", plans_waiting),
    WorkProvider("grids.staffing_waiting", _("待审批的网格员方案"), "decide", staffing_waiting),
    WorkProvider("grids.staffing_back", _("退回或未能生效的网格员方案"), "settle", staffing_come_back),
    WorkProvider("grids.plans_back", _("退回或未能生效的网格方案"), "settle", plans_come_back),
)
