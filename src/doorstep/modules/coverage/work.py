"""What waits for somebody: gaps without a plan or past their day, pages to approve, quarterly visits still to make."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.matters.working_days import last_day
from doorstep.kernel.people.selectors import name_of_place
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.coverage import states
from doorstep.modules.coverage.models import CommunityPage, Gap
from doorstep.modules.coverage.models_pages import SUBMITTED
from doorstep.modules.coverage.policies import APPROVE
from doorstep.modules.coverage.selectors import named
from doorstep.modules.coverage.selectors_visits import charges_of


def _unplanned(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    rows = Gap.objects.filter(within("place_code", actor.places_for(states.PLAN)), matter__state="found")
    count = rows.count()
    found = (
        list(rows.select_related("matter", "organisation").order_by("matter__due_at", "pk")[:limit])
        if count
        else []
    )
    names = named([row.organisation for row in found])
    return [
        WorkItem(
            title=names.get(row.organisation.unit_id, ""), place_code=row.place_code, place_name=name_of_place(row.place_code),
            action=_("定办法"), url=reverse("coverage:plan", args=[row.pk]),
            due=last_day(row.matter.due_at) if row.matter.due_at else None, detail=row.matter.number,
        )
        for row in found
    ], count  # fmt: skip


def _pages(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    rows = CommunityPage.objects.filter(within("place_code", actor.places_for(APPROVE)), state=SUBMITTED)
    rows = rows.exclude(writers=actor.person_id or 0).defer("picture")
    count = rows.count()
    found = list(rows.order_by("submitted_at", "pk")[:limit]) if count else []
    return [
        WorkItem(
            title=row.name, place_code=row.place_code, place_name=name_of_place(row.place_code), action=_("审核"),
            url=reverse("coverage:page", args=[row.pk]), detail=str(row.get_kind_display()),
        )
        for row in found
    ], count  # fmt: skip


def _visits(actor: Actor, today: dt.date, limit: int) -> tuple[Iterable[WorkItem], int]:
    waiting = [one for one in charges_of(actor) if one.due is not None and not one.kept]
    return [
        WorkItem(
            title=one.name, place_code=one.profile.place_code, place_name=one.where, action=_("登记走访"),
            url=f"{reverse('coverage:visit')}?unit={one.profile.unit_id}", due=one.due,
        )
        for one in waiting[:limit]
    ], len(waiting)  # fmt: skip


declare(
    WorkProvider("coverage.unplanned", _("覆盖空白，还没有办法"), "decide", _unplanned),
    WorkProvider("coverage.pages", _("社区品牌和经验，等审核"), "confirm", _pages),
    WorkProvider(
        "coverage.visits",
        _("本季度还要走访的组织"),
        "due",
        _visits,
        lambda actor: reverse("coverage:my_visits"),
    ),
)
