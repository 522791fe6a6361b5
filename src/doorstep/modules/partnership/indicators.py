"""Figures of building together: partner units, commissioners, institutions that are alive, resolutions kept."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.indicators import Indicator, Scope, declare
from doorstep.kernel.obligations.models import Occurrence
from doorstep.kernel.organisations.models import Appointment
from doorstep.modules.partnership.committee import PART_TIME
from doorstep.modules.partnership.models import Agreement, Deed, Institution, Resolution

CLAUSE = _("选派兼职委员，共建单位建立三项制度、四个清单")
COMMUNITY = _("社区或街道登记共建协议后，这里就有数字。")


def _partners(scope: Scope) -> QuerySet[Any]:
    return Agreement.objects.in_force(scope.on)


def _seats(scope: Scope) -> QuerySet[Any]:
    return Appointment.objects.in_force(scope.on).filter(post=PART_TIME, substitute_for=None)


def _alive(scope: Scope) -> QuerySet[Any]:
    """What is owed on the day by a rule that carries an institution: its schedule is alive there."""
    carried = Institution.objects.in_force(scope.on).filter(rules__contains=[OuterRef("code")])
    rows = Occurrence.objects.filter(starts_on__lte=scope.on, ends_on__gte=scope.on, exemption=None)
    return rows.annotate(institution=Subquery(carried.values("code")[:1])).filter(institution__isnull=False)


def _kept(scope: Scope) -> QuerySet[Any]:
    return Resolution.objects.filter(
        matter__state="kept", matter__closed_at__date__gte=scope.since, matter__closed_at__date__lte=scope.on
    )


def _deeds(scope: Scope) -> QuerySet[Any]:
    return Deed.objects.filter(
        struck_at=None, confirmed_at__isnull=False, day__gte=scope.since, day__lte=scope.on
    )


declare(
    Indicator(
        key="partnership.part_time_commissioners", name=_("兼职委员"), unit=_("名"), kind="stock", chapter="1", clause=CLAUSE,
        rows=_seats, register="appointments", counted=_("在任的社区党组织兼职委员"), headline=True,
        who_records=_("兼职委员按五步聘任后，这里就有数字。"),
    ),
    Indicator(
        key="partnership.partner_units", name=_("共建单位"), unit=_("家"), kind="stock", chapter="1", clause=CLAUSE, rows=_partners,
        aggregate=Count("unit", distinct=True), register="partnership.agreements", counted=_("有在有效期内的共建协议的单位"),
        who_records=COMMUNITY, headline=True,
    ),
    Indicator(
        key="partnership.institutions", name=_("在运行的共建制度"), unit=_("项"), kind="stock", chapter="1", clause=CLAUSE, rows=_alive,
        aggregate=Count("institution", distinct=True), register="obligations.occurrences",
        counted=_("当前有应办事项在推进的共建制度"), who_records=_("区里设定共建制度和应办规则后，这里就有数字。"),
    ),
    Indicator(
        key="partnership.resolutions_kept", name=_("办结确认的会议决议"), unit=_("项"), kind="flow", chapter="1", clause=CLAUSE,
        rows=_kept, register="partnership.resolutions", counted=_("责任单位办理、经社区党组织确认的协商议事会决议"),
        who_records=_("协商议事会形成决议并办结后，这里就有数字。"),
    ),
    Indicator(
        key="partnership.pairing_deeds", name=_("结对走访和实事"), unit=_("次"), kind="flow", chapter="1", clause=CLAUSE, rows=_deeds,
        register="partnership.deeds", counted=_("经社区确认的结对部门走访和办的实事"),
        who_records=_("部门或社区登记、社区确认后，这里就有数字。"),
    ),
)  # fmt: skip
