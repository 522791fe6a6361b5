"""What waits of grids: a worker's own grids with the way to note a visit there, plans to approve, plans that came back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.organisations.policies import APPOINT_COMMUNITY
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.places.policies import ADJUST_GRIDS
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
    return _waiting(actor, GridPlan, ADJUST_GRIDS, limit)


def staffing_waiting(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """The same of plans of who works which grid."""
    return _waiting(actor, StaffPlan, APPOINT_COMMUNITY, limit)


def _waiting(
    actor: Actor, model: type[GridPlan | StaffPlan], capability: str, limit: int
) -> tuple[Iterable[WorkItem], int]:
    rows = (
        policy_for(model)
        .visible_to(actor)
        .filter(within("place_code", actor.places_for(capability)), state="sent")
        .exclude(sent_by=actor.account_id)
    )
    return _plans(rows.order_by("effective_on", "pk"), _("审批方案"), limit)


def plans_come_back(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """Plans that their day refused or a second person sent back, for who sent them."""
    return _come_back(actor, GridPlan, limit)


def staffing_come_back(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    """The same of plans of who works which grid."""
    return _come_back(actor, StaffPlan, limit)


def _come_back(actor: Actor, model: type[GridPlan | StaffPlan], limit: int) -> tuple[Iterable[WorkItem], int]:
    back = Q(state="refused") | Q(state="ready") & ~Q(reason="")
    rows = policy_for(model).visible_to(actor).filter(back, sent_by=actor.account_id)
    return _plans(rows.order_by("pk"), _("修改方案"), limit)


def _plans(rows: QuerySet[Any], action: Any, limit: int) -> tuple[Iterable[WorkItem], int]:
    found = list(rows.only("pk", "title", "place_code", "effective_on", "error", "reason"))
    shown = found[:limit]
    names = dict(
        Area.objects.filter(code__in={row.place_code for row in shown}).values_list("code", "name")
    ) if shown else {}  # fmt: skip
    items = [
        WorkItem(
            title=row.title, place_code=row.place_code, place_name=names.get(row.place_code, ""), action=action,
            url=plan_url(row), due=row.effective_on, detail=row.error or row.reason,
        )
        for row in shown
    ]  # fmt: skip
    return items, len(found)


def plan_url(plan: GridPlan | StaffPlan) -> str:
    return reverse("grids:staffing" if isinstance(plan, StaffPlan) else "grids:plan", args=[plan.pk])


declare(
    WorkProvider("grids.own", _("我的网格"), "own", own_grids),
    WorkProvider("grids.plans_waiting", _("待审批的网格方案"), "decide", plans_waiting),
    WorkProvider("grids.staffing_waiting", _("待审批的网格员方案"), "decide", staffing_waiting),
    WorkProvider("grids.staffing_back", _("退回或未能生效的网格员方案"), "settle", staffing_come_back),
    WorkProvider("grids.plans_back", _("退回或未能生效的网格方案"), "settle", plans_come_back),
)
