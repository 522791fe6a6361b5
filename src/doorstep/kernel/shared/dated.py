"""Rows that hold for a period. `valid_to` is exclusive: the first day on which the row no longer holds."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared import clock

M = TypeVar("M", bound=models.Model, covariant=True)


def in_force(on: dt.date | None = None, prefix: str = "") -> Q:
    """Condition "holds on this day" (default today); `prefix` reaches through a relation, as in "unit__"."""
    day = on or clock.today()
    return Q(**{f"{prefix}valid_from__lte": day}) & (
        Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gt": day})
    )


class DatedQuerySet(models.QuerySet[M]):
    def in_force(self, on: dt.date | None = None) -> Any:
        """Rows that hold on `on` (default today in the district)."""
        return self.filter(in_force(on))


class Dated(models.Model):
    """From `valid_from` to the day before `valid_to`; never deleted, only ended."""

    valid_from = models.DateField(_("起"))
    valid_to = models.DateField(_("止"), null=True, blank=True, help_text=_("不再有效的第一天；空为长期"))

    class Meta:
        abstract = True

    def holds_on(self, on: dt.date | None = None) -> bool:
        day = on or clock.today()
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def period_order(name: str) -> models.CheckConstraint:
    """CHECK that a period is not empty. `name` must be unique in the database."""
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name=name
    )


class DateRange(Func):
    """daterange(valid_from, valid_to): half-open, for exclusion constraints (needs btree_gist)."""

    function = "daterange"

    def __init__(self, start: str = "valid_from", end: str = "valid_to", **extra: Any) -> None:
        from django.contrib.postgres.fields import DateRangeField

        super().__init__(F(start), F(end), output_field=DateRangeField(), **extra)


class InstantRange(Func):
    """tstzrange(starts_at, ends_at): half-open, so that one thing may begin when another ends; for exclusion constraints."""

    function = "tstzrange"

    def __init__(self, start: str = "starts_at", end: str = "ends_at", **extra: Any) -> None:
        from django.contrib.postgres.fields import DateTimeRangeField

        super().__init__(F(start), F(end), output_field=DateTimeRangeField(), **extra)
