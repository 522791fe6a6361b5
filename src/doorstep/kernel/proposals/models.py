"""What every plan has that somebody proposes, a second person approves and its day puts into effect. Tables are the modules'."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.places.models import code_field

STATES = [
    ("ready", _("可以调整")), ("sent", _("已送审")), ("approved", _("已批准，待生效")), ("applied", _("已生效")),
    ("refused", _("生效时未能办理")), ("dropped", _("已放弃")),
]  # fmt: skip
OPEN = ("ready", "refused")  # may be changed by hand, computed, sent


class Proposal(models.Model):
    """A plan. deciding_by: the account that approved a plan so large that the act is tried by a job; while it is set, the job is at
    it. outcome: what changed for whom on the day it took effect. A plan has `state` and `current`, its present version."""

    place_code = code_field(12, _("范围"))
    title = models.CharField(_("名称"), max_length=80)
    on = models.DateField(_("数据日期"))
    error = models.CharField(_("出错"), max_length=400, blank=True)
    effective_on = models.DateField(_("生效日期"), null=True)
    document = models.CharField(_("文号"), max_length=80, blank=True)
    reason = models.CharField(_("退回原因"), max_length=200, blank=True)
    made_by = models.BigIntegerField(null=True)  # accounts, as plain values
    made_at = models.DateTimeField(_("新建时间"))
    sent_by = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField(_("送审时间"), null=True)
    deciding_by = models.BigIntegerField(null=True)
    approved_by = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField(_("批准时间"), null=True)
    applied_at = models.DateTimeField(_("生效办理时间"), null=True)
    outcome = models.JSONField(_("变化"), null=True)
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    state: Any
    current: Any

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def mark(self) -> str:
        """The state's shape and colour."""
        return {"applied": "done", "approved": "done", "refused": "late", "sent": "soon"}.get(self.state, "")


class ProposalVersion(models.Model):
    """A plan at one moment. back_to: the number of the version that a step back went to."""

    number = models.PositiveIntegerField(_("第几版"))
    figures = models.JSONField(_("指标"))
    back_to = models.PositiveIntegerField(null=True)
    at = models.DateTimeField(_("时间"))
    account_ref = models.BigIntegerField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()}"  # type: ignore[attr-defined]  # each table has kinds of its own


class ProposalPin(models.Model):
    """What somebody decided beforehand."""

    words = models.CharField(_("为什么"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"))
    account_ref = models.BigIntegerField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.get_kind_display())  # type: ignore[attr-defined]  # each table has kinds of its own


def sent_with_its_day(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=~Q(state__in=["sent", "approved", "applied"])
        | Q(sent_by__isnull=False, effective_on__isnull=False),
        name=name,
    )


def second_person(name: str, field: str = "approved_by") -> models.CheckConstraint:
    """Nobody approves what the same account sent."""
    return models.CheckConstraint(
        condition=Q(**{field: None}) | Q(sent_by=None) | ~Q(**{field: models.F("sent_by")}), name=name
    )
