"""Figures of what is owed: kept in time, overdue, meetings held."""

from __future__ import annotations

from typing import Any

from django.db.models import Avg, Case, F, FloatField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.indicators import Indicator, Scope, declare
from doorstep.kernel.obligations.models import Minutes, Occurrence

CLAUSE = _("建立定期议事、活动开展、反馈监督三项制度；落实“三会一课”")
_IN_TIME = Case(
    When(proved_on__lte=F("closes_on"), then=Value(100.0)), default=Value(0.0), output_field=FloatField()
)


def _closed(scope: Scope) -> QuerySet[Any]:
    """What fell due in the period and was decided by its last day: kept or not."""
    rows = Occurrence.objects.filter(exemption=None, due_on__gte=scope.since, due_on__lte=scope.on)
    return rows.filter(Q(closes_on__lt=scope.on) | Q(proved_on__lte=scope.on))


def _overdue(scope: Scope) -> QuerySet[Any]:
    """Closed without a record by the day, of the two years before it."""
    first = scope.on.replace(year=scope.on.year - 2, day=1)
    unproved = Q(proved_on__isnull=True) | Q(proved_on__gt=scope.on)
    return Occurrence.objects.filter(unproved, exemption=None, closes_on__lt=scope.on, due_on__gte=first)


def _held(scope: Scope) -> QuerySet[Any]:
    return Minutes.objects.filter(cancelled_at=None, day__gte=scope.since, day__lte=scope.on)


declare(
    Indicator(
        key="obligations.in_time", name=_("应办事项按期办理率"), unit="%", kind="flow", chapter="1", clause=CLAUSE, rows=_closed,
        aggregate=Avg(_IN_TIME), additive=False, register="obligations.occurrences",
        counted=_("到期的应办事项中，有真实记录证明按期办理的占比"),
        who_records=_("有应办规则和在册单位后自动推算。"),
    ),
    Indicator(
        key="obligations.overdue", name=_("逾期未办的应办事项"), unit=_("项"), kind="stock", chapter="1", clause=CLAUSE,
        rows=_overdue, register="obligations.occurrences", computed=True,
        counted=_("过了宽限期还没有真实记录、也没有豁免的应办事项（近两年）"),
    ),
    Indicator(
        key="obligations.meetings", name=_("三会一课和联席会议"), unit=_("次"), kind="flow", chapter="1", clause=CLAUSE, rows=_held,
        register="obligations.minutes", counted=_("有会议记录、没有作废的会议"),
        who_records=_("支部、小组和社区登记会议记录后，这里就有数字。"),
    ),
)  # fmt: skip
