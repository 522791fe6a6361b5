"""Breaks of the vanguard: a post that has been held by nobody for too long."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.findings import Finding, declare
from doorstep.modules.vanguard.models import Holding
from doorstep.modules.vanguard.numbers import vacant_days
from doorstep.modules.vanguard.selectors import vacant

HELD = _("先锋岗要有人在岗；空缺天数见规则数值")


def long_vacant(on: dt.date) -> QuerySet[Any]:
    """Posts vacant on the day that nobody held in the days before either; `since`: when the last one went."""
    first = on - dt.timedelta(days=vacant_days(on))
    past = Holding.objects.filter(post=OuterRef("pk"), valid_to__lte=on)
    last = past.order_by().values("post").annotate(last=Max("valid_to"))
    rows = vacant(on).filter(~Exists(past.filter(valid_to__gt=first)), valid_from__lte=first)
    return rows.annotate(since=Coalesce(Subquery(last.values("last")), "valid_from"))


declare(
    Finding(
        key="vanguard.vacant_post", name=_("党员先锋岗空缺过久"), clause=HELD, rows=long_vacant,
        subject=lambda row: str(row.name), mend=lambda row: reverse("vanguard:give", args=["post", row.pk]),
        since=lambda row: row.since,
    )
)  # fmt: skip
