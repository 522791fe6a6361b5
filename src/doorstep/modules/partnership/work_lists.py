"""What waits for whom in the four lists: needs to be screened, to be agreed on, deliveries to be confirmed; for who acts for a
unit, what it has in hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.matters.working_days import last_day
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership.models_lists import Need, Project, Responsibility
from doorstep.modules.partnership.policies import acting_units
from doorstep.modules.partnership.selectors_duties import duties_of
from doorstep.modules.partnership.selectors_lists import place_names, unconfirmed
from doorstep.modules.partnership.states_needs import SCREEN

Items = tuple[Iterable[WorkItem], int]


def _items(rows: QuerySet[Any], limit: int, made: Callable[[Any, str], WorkItem]) -> Items:
    """Three queries at most, one where nothing waits."""
    found = list(rows[:limit])
    count = len(found) if len(found) < limit else rows.count()
    names = place_names(row.matter.place_code for row in found)
    return [made(row, names.get(row.matter.place_code[:12], "")) for row in found], count


def _needs(actor: Actor, *states: str) -> QuerySet[Need]:
    rows = Need.objects.filter(
        within("matter__place_code", actor.places_for(SCREEN)), matter__state__in=states
    )
    return rows.select_related("matter").order_by("matter__due_at", "pk")


def _need_item(row: Need, place: str, action: str) -> WorkItem:
    due = row.matter.due_at
    return WorkItem(
        title=row.headline or row.matter.title, place_code=row.matter.place_code, place_name=place, action=action,
        url=reverse("partnership:need", args=[row.pk]), due=last_day(due) if due else None,
        detail=f"{row.matter.number} · {row.matter.state_name}",
    )  # fmt: skip


def _to_screen(actor: Actor, today: dt.date, limit: int) -> Items:
    return _items(
        _needs(actor, "collected", "screened"), limit, lambda row, place: _need_item(row, place, _("审核"))
    )


def _to_agree(actor: Actor, today: dt.date, limit: int) -> Items:
    return _items(_needs(actor, "claimed"), limit, lambda row, place: _need_item(row, place, _("商定项目")))


def _to_confirm(actor: Actor, today: dt.date, limit: int) -> Items:
    def made(row: Project, place: str) -> WorkItem:
        due = row.matter.due_at
        return WorkItem(
            title=row.matter.title, place_code=row.place_code, place_name=place, action=_("确认"),
            url=reverse("partnership:project", args=[row.pk]), due=last_day(due) if due else None,
            detail=_("%(day)s 报告做完，没有确认的不算数") % {"day": row.delivered_on},
        )  # fmt: skip

    return _items(unconfirmed(actor), limit, made)


def _of_unit(actor: Actor, today: dt.date, limit: int) -> Items:
    rows = Project.objects.filter(unit_id__in=acting_units(actor), matter__state__in=("agreed", "running"))

    def made(row: Project, place: str) -> WorkItem:
        running = row.matter.state == "running"
        return WorkItem(
            title=row.matter.title, place_code=row.place_code, place_name=place, due=row.ends_on,
            action=_("报告做完") if running else _("开始实施"), url=reverse("partnership:unit_project", args=[row.pk]),
            detail=f"{row.matter.number} · {row.matter.state_name}",
        )  # fmt: skip

    return _items(rows.select_related("matter").order_by("ends_on", "pk"), limit, made)


def _duties(actor: Actor, today: dt.date, limit: int) -> Items:
    mine = acting_units(actor)

    def made(row: Responsibility, place: str) -> WorkItem:
        return WorkItem(
            title=row.matter.title, place_code=row.matter.place_code, place_name=place, due=row.due_on,
            action=_("报告做完"),
            url=reverse("partnership:unit_duty", args=[row.pk]) if row.unit_id in mine
            else reverse("partnership:project", args=[row.project_id]),
            detail=f"{row.matter.number} · {row.matter.state_name}",
        )  # fmt: skip

    return _items(duties_of(actor), limit, made)


def _all_duties(actor: Actor) -> str:
    return reverse("partnership:unit_mine") if acting_units(actor) else ""


def _board(stage: str) -> Callable[[Actor], str]:
    return lambda actor: f"{reverse('partnership:lists')}?stage={stage}"


declare(
    WorkProvider("partnership.screen", gettext_lazy("需求等审核"), "decide", _to_screen, _board("screen")),
    WorkProvider(
        "partnership.agree", gettext_lazy("单位已认领，等商定项目"), "decide", _to_agree, _board("agree")
    ),
    WorkProvider(
        "partnership.confirm", gettext_lazy("项目做完，等社区确认"), "confirm", _to_confirm, _board("confirm")
    ),
    WorkProvider(
        "partnership.projects",
        gettext_lazy("本单位的共建项目"),
        "due",
        _of_unit,
        lambda actor: reverse("partnership:unit_mine"),
    ),
    WorkProvider(
        "partnership.duties",
        gettext_lazy("本单位的责任"),
        "due",
        _duties,
        _all_duties,
    ),
)
