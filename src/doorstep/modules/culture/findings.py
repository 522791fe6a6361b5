"""Breaks of cultural events: one that is over and whose attendance nobody confirmed. Found live."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.models import ANNOUNCED, Session
from doorstep.kernel.declarations.findings import Finding, declare
from doorstep.modules.culture.activity_kind import EVENT
from doorstep.modules.culture.numbers import CONFIRM_DAYS, number_in_force

CLAUSE = _("开展“百家宴”“多彩云集”等楼院、社区文化活动")


def not_confirmed(on: dt.date) -> QuerySet[Any]:
    """Events that were over for longer than the term on the day and are not confirmed."""
    last = on - dt.timedelta(days=number_in_force(CONFIRM_DAYS) or 3)
    rows = Session.objects.filter(kind=EVENT, state=ANNOUNCED, day__lt=last)
    return rows.select_related("activity")


declare(
    Finding(
        key="culture.not_confirmed", name=_("文化活动办过以后没有确认到场人数"), clause=CLAUSE, rows=not_confirmed,
        subject=str, mend=lambda row: reverse("culture:desk_event", args=[row.pk]), since=lambda row: row.day,
    )
)  # fmt: skip
