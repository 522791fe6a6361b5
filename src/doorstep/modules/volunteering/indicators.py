"""Figures of volunteering: forces, teams, services, volunteers, hours, points, and how promptly attendance is confirmed."""

from __future__ import annotations

from typing import Any

from django.db.models import Avg, Count, IntegerField, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.models import CONFIRMED, Session
from doorstep.kernel.declarations.indicators import Indicator, Scope, declare
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.modules.volunteering import (
    findings,
    indicators_redemption,  # noqa: F401  declared by being imported
)
from doorstep.modules.volunteering.models import Approval, Credit, Force, Volunteer
from doorstep.modules.volunteering.selectors import KIND
from doorstep.modules.volunteering.services_teams import TEAM

CLAUSE = _("志愿服务联合会统筹专业力量和志愿服务队，开展志愿服务")
POINTS = _("志愿服务积分激励")
COMMUNITY = _("社区或联合会登记后，这里就有数字。")
SERVED = _("服务经组织者确认、第二个人审核后，这里就有数字。")


class Hours(Sum):
    """Whole hours of a sum of minutes."""

    template = "(%(function)s(%(distinct)s%(expressions)s) / 60)"


def _services(scope: Scope) -> QuerySet[Any]:
    return Session.objects.filter(kind=KIND, state=CONFIRMED, day__gte=scope.since, day__lte=scope.on)


def _credits(scope: Scope) -> QuerySet[Any]:
    return Credit.objects.filter(taken_back_at=None, day__gte=scope.since, day__lte=scope.on)


def _approvals(scope: Scope) -> QuerySet[Any]:
    return Approval.objects.filter(session__day__gte=scope.since, session__day__lte=scope.on)


def _volunteers(scope: Scope) -> QuerySet[Any]:
    return Volunteer.objects.filter(registered_at__date__lte=scope.on).filter(
        Q(left_on=None) | Q(left_on__gt=scope.on)
    )


declare(
    Indicator(
        key="volunteering.professional_forces", name=_("专业力量"), unit=_("支"), kind="stock", chapter="2", clause=CLAUSE,
        rows=lambda scope: Force.objects.in_force(scope.on), counted=_("志愿服务联合会在册的专业力量"),
        register="volunteering.forces", who_records=COMMUNITY, headline=True,
    ),
    Indicator(
        key="volunteering.teams", name=_("志愿服务队伍"), unit=_("支"), kind="stock", chapter="2", clause=CLAUSE,
        rows=lambda scope: UnitVersion.objects.in_force(scope.on).filter(kind=TEAM), counted=_("在册的志愿服务队"),
        register="volunteering.teams", who_records=COMMUNITY, headline=True,
    ),
    Indicator(
        key="volunteering.services", name=_("志愿服务活动"), unit=_("场"), kind="flow", chapter="2", clause=CLAUSE,
        rows=_services, counted=_("组织者已确认到场的志愿服务场次，按服务日期计"),
        who_records=_("组织者确认到场后，这里就有数字。"), headline=True,
    ),
    Indicator(
        key="volunteering.volunteers", name=_("注册志愿者"), unit=_("人"), kind="stock", chapter="2", clause=CLAUSE,
        rows=_volunteers, counted=_("已注册且没有退出的志愿者"), register="volunteering.volunteers", who_records=COMMUNITY,
    ),
    Indicator(
        key="volunteering.active", name=_("活跃志愿者"), unit=_("人"), kind="flow", chapter="2", clause=CLAUSE, rows=_credits,
        aggregate=Count("volunteer", distinct=True), counted=_("这段时间里有服务记录的志愿者，每人只算一次"),
        register="volunteering.credits", who_records=SERVED,
    ),
    Indicator(
        key="volunteering.hours", name=_("志愿服务时长"), unit=_("小时"), kind="flow", chapter="2", clause=CLAUSE,
        rows=_credits, aggregate=Hours("minutes"), counted=_("计入的服务时长之和，不足一小时的舍去"),
        register="volunteering.credits", who_records=SERVED,
    ),
    Indicator(
        key="points.issued", name=_("发放的积分"), unit=_("分"), kind="flow", chapter="2", clause=POINTS, rows=_credits,
        aggregate=Sum("points"), counted=_("由服务得来、没有收回的积分，按服务日期计"), register="volunteering.credits",
        who_records=SERVED,
    ),
    Indicator(
        key="volunteering.confirmed_48h", name=_("按时确认到场的服务"), unit="%", kind="flow", chapter="2", clause=findings.IN_TIME,
        rows=_approvals, aggregate=Avg(Cast("within_48h", IntegerField()) * Value(100.0)), additive=False,
        counted=_("已审核的服务中，组织者在时限内确认到场的百分比"), register="volunteering.approvals", who_records=SERVED,
    ),
    Indicator(
        key="findings.volunteering.team_without_leader", name=_("没有队长的志愿服务队"), unit=_("支"), kind="stock",
        chapter="findings", clause=findings.LEADERS, rows=lambda scope: findings.teams_without_leader(scope.on),
        counted=_("在册而没有队长在任的志愿服务队"), register="volunteering.teams", computed=True,
    ),
    Indicator(
        key="findings.volunteering.unconfirmed", name=_("超时没有确认的志愿服务"), unit=_("场"), kind="stock",
        chapter="findings", clause=findings.IN_TIME, rows=lambda scope: findings.unconfirmed(scope.on),
        counted=_("结束后超过时限还没有确认到场的志愿服务"), computed=True,
    ),
    Indicator(
        key="findings.volunteering.appeal_overdue", name=_("超期的服务记录申诉"), unit=_("件"), kind="stock",
        chapter="findings", clause=findings.ANSWERED, rows=lambda scope: findings.overdue_appeals(scope.on),
        counted=_("超过答复期限还没有答复的申诉"), register="volunteering.appeals", computed=True,
    ),
)  # fmt: skip
