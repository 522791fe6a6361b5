"""Figures of the four lists: lists that are alive, projects delivered and confirmed, what waits, how people rated."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    Avg,
    Case,
    Count,
    DateField,
    FloatField,
    Func,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.indicators import Indicator, Scope, declare
from doorstep.modules.partnership.models_lists import Listed, Need, Project, Rating, Resource

CLAUSE = _("融合党建：需求、资源、项目、责任四个清单，对接落实服务项目")
LISTED = _("社区登记需求、单位登记资源以后，这里就有数字。")
CONFIRMED = _("项目做完并由社区确认以后，这里就有数字。")
GOOD = 4  # grades from here on are content
CONTENT = Case(When(grade__gte=GOOD, then=Value(100.0)), default=Value(0.0), output_field=FloatField())


def _alive(scope: Scope) -> QuerySet[Any]:
    return Listed.objects.filter(Q(until=None) | Q(until__gt=scope.on), since__lte=scope.on)


def _confirmed(scope: Scope) -> QuerySet[Any]:
    return Project.objects.filter(confirmed_on__gte=scope.since, confirmed_on__lte=scope.on)


class _YearBefore(Func):
    """The same day a year before, by 365 days."""

    template = "(%(expressions)s::date - 365)"
    output_field = DateField()


def _of_a_year(scope: Scope) -> QuerySet[Any]:
    return Project.objects.filter(confirmed_on__gt=_YearBefore(scope.on), confirmed_on__lte=scope.on)


def _waiting(scope: Scope) -> QuerySet[Any]:
    """Done on the day, and not confirmed by then."""
    rows = Project.objects.filter(delivered_on__lte=scope.on)
    return rows.filter(
        Q(confirmed_on=None) | Q(confirmed_on__gt=scope.on), Q(stopped_on=None) | Q(stopped_on__gt=scope.on)
    )


def _unclaimed(scope: Scope) -> QuerySet[Any]:
    return Need.objects.filter(matter__state="published", published_on__lte=scope.on)


declare(
    Indicator(
        key="partnership.lists", name=_("四个清单"), unit=_("个"), kind="stock", chapter="1", clause=CLAUSE, rows=_alive,
        aggregate=Count("on_list", distinct=True), additive=False, counted=_("有条目在列的清单：需求、资源、项目、责任"),
        register="partnership.listed", who_records=LISTED,
    ),
    Indicator(
        key="partnership.projects_per_year", name=_("一年里对接落实的服务项目"), unit=_("个"), kind="stock", chapter="1", clause=CLAUSE, rows=_of_a_year,
        counted=_("到这一天为止的365天里，做完并经社区确认的共建项目，按确认日期计"), register="partnership.projects", who_records=CONFIRMED, headline=True,
    ),
    Indicator(
        key="partnership.people_served", name=_("共建项目惠及人次"), unit=_("人次"), kind="flow", chapter="1", clause=CLAUSE, rows=_confirmed,
        aggregate=Sum("served"), counted=_("经社区确认的共建项目惠及人数之和"), register="partnership.projects", who_records=CONFIRMED,
    ),
    Indicator(
        key="partnership.resources", name=_("共享资源"), unit=_("项"), kind="stock", chapter="1", clause=CLAUSE,
        rows=lambda scope: Resource.objects.in_force(scope.on), counted=_("资源清单上在列的资源"), register="partnership.resources",
        who_records=LISTED,
    ),
    Indicator(
        key="partnership.resource_classes", name=_("共享资源类别"), unit=_("类"), kind="stock", chapter="1", clause=CLAUSE,
        rows=lambda scope: Resource.objects.in_force(scope.on), aggregate=Count("resource_class", distinct=True), additive=False,
        counted=_("资源清单上有资源的类别"), register="partnership.resources", who_records=LISTED,
    ),
    Indicator(
        key="partnership.satisfaction", name=_("共建项目满意率"), unit="%", kind="flow", chapter="1", clause=CLAUSE,
        rows=lambda scope: Rating.objects.filter(project__confirmed_on__gte=scope.since, project__confirmed_on__lte=scope.on),
        aggregate=Avg(CONTENT), additive=False, counted=_("所确认项目的受益人评价中给 4 分、5 分的占比"), register="partnership.ratings",
        who_records=_("受益的人评价以后，这里就有数字。"),
    ),
    Indicator(
        key="findings.partnership.unconfirmed", name=_("做完没有确认的共建项目"), unit=_("个"), kind="stock", chapter="findings", clause=CLAUSE,
        rows=_waiting, counted=_("单位报告做完、社区还没有确认的项目；没有确认的不算数"), register="partnership.projects", computed=True,
    ),
    Indicator(
        key="findings.partnership.unclaimed", name=_("发布了没有单位认领的需求"), unit=_("件"), kind="stock", chapter="findings", clause=CLAUSE,
        rows=_unclaimed, counted=_("已经发布、还没有单位认领的需求"), register="partnership.needs", computed=True,
        place_field="matter__place_code",
    ),
)  # fmt: skip
