"""Figures of cultural events: how many, how many people came, what they cost, how people liked them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import (
    Avg,
    Case,
    DecimalField,
    ExpressionWrapper,
    FloatField,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.models import CONFIRMED, Session
from doorstep.kernel.declarations.indicators import Indicator, Scope, declare
from doorstep.modules.culture import findings, rules
from doorstep.modules.culture.activity_kind import EVENT
from doorstep.modules.culture.findings import CLAUSE
from doorstep.modules.culture.models import Cost, Feedback

COMMUNITY = _("组织者确认活动到场人数后，这里就有数字。")
# cast first: a whole number divided by one is cut down to a whole one
YUAN = ExpressionWrapper(
    Cast("fen", DecimalField(max_digits=20, decimal_places=2)) / Value(Decimal(100)),
    DecimalField(max_digits=20, decimal_places=2),
)
CONTENT = Case(When(grade__gte=rules.GOOD, then=Value(100.0)), default=Value(0.0), output_field=FloatField())


def _held(scope: Scope) -> QuerySet[Any]:
    return Session.objects.filter(kind=EVENT, state=CONFIRMED, day__gte=scope.since, day__lte=scope.on)


def _costs(scope: Scope) -> QuerySet[Any]:
    return Cost.objects.filter(taken_back_at=None, day__gte=scope.since, day__lte=scope.on)


def _feedback(scope: Scope) -> QuerySet[Any]:
    """Of events held in the period, whenever it was said."""
    return Feedback.objects.filter(session__day__gte=scope.since, session__day__lte=scope.on)


declare(
    Indicator(
        key="findings.culture.not_confirmed", name=_("文化活动没有确认到场"), unit=_("场"), kind="stock", chapter="findings",
        clause=CLAUSE, rows=lambda scope: findings.not_confirmed(scope.on), register="culture.events", computed=True,
        counted=_("办过以后没有按期确认到场人数的文化活动"),
    ),
    Indicator(
        key="culture.events", name=_("文化活动"), unit=_("场"), kind="flow", chapter="3", clause=CLAUSE, rows=_held,
        counted=_("已确认办过的文化活动"), register="culture.events", who_records=COMMUNITY,
    ),
    Indicator(
        key="culture.people", name=_("文化活动参加人次"), unit=_("人次"), kind="flow", chapter="3", clause=CLAUSE, rows=_held,
        counted=_("各场文化活动到场人数之和"), register="culture.events", who_records=COMMUNITY, aggregate=Sum("head_count"),
    ),
    Indicator(
        key="culture.cost", name=_("文化活动支出"), unit=_("元"), kind="flow", chapter="3", clause=CLAUSE, rows=_costs,
        counted=_("没有冲销的文化活动支出之和"), register="culture.costs", aggregate=Sum(YUAN),
        who_records=_("社区登记活动支出后，这里就有数字。"),
    ),
    Indicator(
        key="culture.satisfaction", name=_("文化活动满意率"), unit="%", kind="flow", chapter="3", clause=CLAUSE,
        rows=_feedback, counted=_("所办活动的评价中给 4 分、5 分的占比"), register="culture.feedback", additive=False,
        aggregate=Avg(CONTENT), who_records=_("参加过的人评价后，这里就有数字。"),
    ),
)  # fmt: skip
