"""Four-ones assistance (四个一帮扶) of a weaker community: its parts, days on the spot, figures of the first and the last day."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order

MOVED_UP, GOES_ON, ENDED = "moved_up", "goes_on", "ended"
OUTCOMES = [(MOVED_UP, _("稳步提升")), (GOES_ON, _("继续帮扶")), (ENDED, _("终止帮扶"))]
SITE_VISIT, OFFICE_DAY = "site_visit", "office_day"
EVENTS = [(SITE_VISIT, _("蹲点调研")), (OFFICE_DAY, _("现场办公"))]
BEFORE, AFTER = "before", "after"


class AssistancePart(Dated):
    """One of the parts that a plan must have, while it is asked for; the district names them."""

    code = models.CharField(_("代码"), max_length=30, db_collation="C")
    name = models.CharField(_("内容"), max_length=60)
    place_code = code_field(6, _("地方"))
    rank = models.PositiveSmallIntegerField(_("次序"), default=0)
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("帮扶内容")
        constraints = [
            period_order("assistance_part_period"),
            ExclusionConstraint(
                name="assistance_part_one", expressions=[("place_code", "="), ("code", "="), (DateRange(), "&&")]
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class Assistance(models.Model):
    """A community under a plan, from a day to a day. `indicators`: what is compared; `outcome`: decided with a reason, once."""

    place_code = code_field(12, _("社区"))
    starts_on = models.DateField(_("起"))
    ends_on = models.DateField(_("计划到"))
    goal = models.CharField(_("目标"), max_length=400)
    indicators = ArrayField(models.CharField(max_length=60), verbose_name=_("比较哪些数字"))
    document = models.CharField(_("文号"), max_length=80)
    outcome = models.CharField(_("结果"), max_length=10, choices=OUTCOMES, blank=True)
    decided_on = models.DateField(_("认定日期"), null=True)
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(_("认定理由"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("四个一帮扶")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="assistance_days"),
            models.CheckConstraint(
                condition=Q(outcome="", decided_on=None)
                | (~Q(outcome="") & Q(decided_on__isnull=False) & ~Q(reason="")),
                name="assistance_decided_whole",
            ),
            models.UniqueConstraint(
                fields=["place_code"], condition=Q(outcome=""), name="assistance_one_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["place_code", "-id"], name="assistance_place")]

    def __str__(self) -> str:
        return f"{self.place_code} {self.starts_on}"


class AssistanceLine(models.Model):
    """One part of a plan: which unit or community, and what in words."""

    assistance = models.ForeignKey(Assistance, on_delete=models.PROTECT, related_name="lines", db_index=False)
    part = models.ForeignKey(AssistancePart, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("单位")
    )
    words = models.CharField(_("说明"), max_length=300)

    class Meta:
        verbose_name = _("帮扶安排")
        constraints = [models.UniqueConstraint(fields=["assistance", "part"], name="assistance_line_once")]


class AssistanceEvent(models.Model):
    """A day on the spot: looking closely (蹲点调研), or offices working there (现场办公)."""

    key = models.UUIDField(unique=True, editable=False)
    assistance = models.ForeignKey(
        Assistance, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    place_code = code_field(12, _("社区"))
    kind = models.CharField(_("形式"), max_length=10, choices=EVENTS)
    day = models.DateField(_("日期"))
    who = models.CharField(_("参加单位"), max_length=200)
    seen = models.CharField(_("了解到的情况"), max_length=1000)
    recorded_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("蹲点调研和现场办公")
        indexes = [
            models.Index(fields=["assistance", "-day"], name="assistance_event_of"),
            models.Index(fields=["place_code", "-day", "-id"], name="assistance_event_place"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"


class Measure(models.Model):
    """What an indicator was on the first or the last day, counted from the rows by the platform; None where nothing was known."""

    assistance = models.ForeignKey(
        Assistance, on_delete=models.PROTECT, related_name="measures", db_index=False
    )
    moment = models.CharField(max_length=6, choices=[(BEFORE, _("帮扶前")), (AFTER, _("帮扶后"))])
    key = models.CharField(_("指标"), max_length=60)
    day = models.DateField(_("日期"))
    value = models.DecimalField(_("值"), max_digits=16, decimal_places=4, null=True)

    class Meta:
        verbose_name = _("帮扶前后的数字")
        constraints = [
            models.UniqueConstraint(fields=["assistance", "moment", "key"], name="assistance_measure_once")
        ]
