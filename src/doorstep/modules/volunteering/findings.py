"""Breaks of volunteering: a team nobody leads, a service not confirmed in time, an appeal not answered in time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.models import CONFIRMED, Session
from doorstep.kernel.declarations.findings import Finding, declare
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.modules.volunteering.models import Appeal
from doorstep.modules.volunteering.models_review import OPEN
from doorstep.modules.volunteering.selectors import KIND, rule_values
from doorstep.modules.volunteering.services_teams import TEAM

LEADERS = _("志愿服务队有负责人（《志愿服务条例》关于志愿服务组织的规定）")
IN_TIME = _("服务情况如实、及时记录（《志愿服务条例》第十九条）；时限见规则数值")
ANSWERED = _("对服务记录有异议的，限期答复；期限见规则数值")


def teams_without_leader(on: dt.date) -> QuerySet[Any]:
    """Teams in force in which nobody is leader on the day."""
    posts = Appointment.objects.filter(unit=OuterRef("unit"), post="team_leader")
    last = posts.filter(valid_to__lte=on).order_by().values("unit").annotate(last=Max("valid_to"))
    rows = UnitVersion.objects.in_force(on).filter(~Exists(posts.filter(in_force(on))), kind=TEAM)
    return rows.select_related("unit").annotate(
        since=Coalesce(Subquery(last.values("last")), "unit__founded_on")
    )


def unconfirmed(on: dt.date) -> QuerySet[Any]:
    """Sessions of service that were over for longer than the rule gives at the day's end, and were not confirmed then."""
    hours = dt.timedelta(hours=rule_values(on).get("confirm.hours", 48))
    end = min(clock.now(), dt.datetime.combine(on + dt.timedelta(days=1), dt.time(), clock.DISTRICT_ZONE))
    rows = Session.objects.filter(kind=KIND, ends_at__lt=end - hours, cancelled_at=None)
    return rows.exclude(state=CONFIRMED, confirmed_at__lt=end).select_related("activity")


def overdue_appeals(on: dt.date) -> QuerySet[Any]:
    return Appeal.objects.filter(outcome=OPEN, due_on__lt=on).select_related("session__activity")


declare(
    Finding(
        key="volunteering.team_without_leader", name=_("志愿服务队没有队长"), clause=LEADERS, rows=teams_without_leader,
        subject=lambda row: str(row.name), mend=lambda row: reverse("desk:appoint", args=[row.unit_id]),
        since=lambda row: row.since,
    ),
    Finding(
        key="volunteering.unconfirmed", name=_("志愿服务超过时限没有确认到场"), clause=IN_TIME, rows=unconfirmed,
        subject=lambda row: str(row), mend=lambda row: f"/organise/{row.pk}/", since=lambda row: row.day,
    ),
    Finding(
        key="volunteering.appeal_overdue", name=_("服务记录申诉超过期限没有答复"), clause=ANSWERED, rows=overdue_appeals,
        subject=lambda row: str(row.session), mend=lambda row: reverse("volunteering:answer", args=[row.pk]),
        since=lambda row: row.due_on, severity="serious",
    ),
)  # fmt: skip
