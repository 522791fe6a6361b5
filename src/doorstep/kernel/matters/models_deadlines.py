"""Terms, the official calendar, and the promises made by them."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.laws import PROMISES, promise_words
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order
from doorstep.kernel.shared.rows import QuickRow

MEASURES = [("hours", _("小时")), ("working_days", _("个工作日")), ("natural_days", _("天"))]
CLOCKS = list(PROMISES.items())
RHYTHMS = [
    ("remind", _("到期前提醒")),
    ("escalate", _("超期后逐级上报")),
]  # not owed to anybody, but by the same table


class TimeLimit(Dated):
    """How long something may take, how long before its end somebody is reminded (`remind`), how long after a breach the
    next level is told (`escalate`). Empty `category` or `urgency` means any; the most specific row in force holds.

    A changed term is a new row from a day on, with the next `version`: what is running keeps the row it started with.
    """

    kind = models.CharField(_("种类"), max_length=20)
    category = models.CharField(_("类别"), max_length=40, blank=True)
    urgency = models.CharField(_("紧急程度"), max_length=12, blank=True)
    clock = models.CharField(_("承诺"), max_length=16, choices=[*CLOCKS, *RHYTHMS])
    amount = models.PositiveSmallIntegerField(_("时长"))
    measure = models.CharField(_("单位"), max_length=14, choices=MEASURES)
    version = models.PositiveIntegerField(_("版本"), default=1, editable=False)
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("时限")
        constraints = [
            period_order("time_limit_period"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="time_limit_positive"),
            ExclusionConstraint(
                name="time_limit_once",
                expressions=[("kind", "="), ("category", "="), ("urgency", "="), ("clock", "="), (DateRange(), "&&")],
            ),
        ]  # fmt: skip

    @property
    def promise(self) -> str:
        """What it is a term of, in the words of its kind."""
        if self.clock in PROMISES:
            return str(promise_words(self.kind, self.clock))
        return str(self.get_clock_display())


class CalendarYear(models.Model):
    """A year whose official arrangement of holidays has been imported."""

    year = models.PositiveSmallIntegerField(_("年份"), primary_key=True)
    document = models.CharField(_("文号"), max_length=80)
    imported_at = models.DateTimeField()

    class Meta:
        verbose_name = _("工作日历")


class CalendarDay(models.Model):
    """A day that differs from its weekday: a holiday, or a working day made up for one."""

    day = models.DateField(_("日期"), primary_key=True)
    year = models.ForeignKey(CalendarYear, on_delete=models.CASCADE, related_name="days")
    is_working = models.BooleanField(_("上班"))
    name = models.CharField(_("说明"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("调整日")


class Deadline(QuickRow):
    """One promise: by which term, from when, until when. Stored when it starts; no change of a term moves it.

    `provisional`: it runs beyond the published calendar and was counted by weekends alone. `met_at`, `stopped_at`:
    kept, or no longer owed. `breached_at`: the moment it passed unkept. `remind_at`: when its handler is to be reminded;
    `escalate_at`: when the level above `level` is to be told of a breach (1 community, 2 street, 3 district).
    """

    matter = models.ForeignKey(
        "matters.Matter", on_delete=models.PROTECT, related_name="deadlines", db_index=False
    )
    clock = models.CharField(_("承诺"), max_length=16, choices=CLOCKS)
    round = models.PositiveSmallIntegerField(default=1)
    limit = models.ForeignKey(TimeLimit, on_delete=models.PROTECT, related_name="+", db_index=False)
    limit_version = models.PositiveIntegerField()
    base_number = models.PositiveIntegerField()
    started_at = models.DateTimeField(_("开始"))
    amount = models.PositiveSmallIntegerField()
    measure = models.CharField(max_length=14, choices=MEASURES)
    due_at = models.DateTimeField(_("期限"))
    provisional = models.BooleanField(_("暂定"), default=False)
    paused_at = models.DateTimeField(null=True)
    first_due_at = models.DateTimeField(_("原期限"))
    extended_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    extended_at = models.DateTimeField(null=True)
    extended_to = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    remind_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    escalate_at = models.DateTimeField(null=True)
    level = models.PositiveSmallIntegerField(default=0)

    RUNNING = Q(met_at__isnull=True, stopped_at__isnull=True)

    class Meta:
        verbose_name = _("期限")
        constraints = [
            models.UniqueConstraint(fields=["matter", "clock", "round"], name="deadline_round"),
            models.UniqueConstraint(
                fields=["matter", "clock"],
                condition=Q(met_at__isnull=True, stopped_at__isnull=True),
                name="deadline_one_running",
            ),
        ]
        indexes = [
            models.Index(
                fields=["remind_at", "id"],
                name="deadline_to_remind",
                condition=Q(
                    met_at__isnull=True,
                    stopped_at__isnull=True,
                    paused_at__isnull=True,
                    reminded_at__isnull=True,
                    remind_at__isnull=False,
                ),
            ),
            models.Index(
                fields=["escalate_at", "id"],
                name="deadline_to_escalate",
                condition=Q(
                    met_at__isnull=True,
                    stopped_at__isnull=True,
                    paused_at__isnull=True,
                    escalate_at__isnull=False,
                ),
            ),
            models.Index(
                fields=["due_at", "id"],
                name="deadline_unmarked",
                condition=Q(
                    met_at__isnull=True,
                    stopped_at__isnull=True,
                    paused_at__isnull=True,
                    breached_at__isnull=True,
                ),
            ),
            models.Index(
                fields=["matter"],
                name="deadline_provisional",
                condition=Q(provisional=True, met_at__isnull=True, stopped_at__isnull=True),
            ),
        ]

    @property
    def promise(self) -> str:
        """What is promised, in the words of its matter's kind."""
        return str(promise_words(self.matter.kind, self.clock))

    @property
    def waits(self) -> bool:
        """Runs, and is not paused."""
        return not (self.met_at or self.stopped_at or self.paused_at)


class ExtensionRequest(models.Model):
    """Who has a matter in hand asks that the promise to settle it last longer; somebody else answers. One open at a time.

    `granted` empty beside an answer time: what it was about was over before anybody answered.
    """

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="asked_for", db_index=False)
    matter = models.ForeignKey(
        "matters.Matter", on_delete=models.PROTECT, related_name="extensions_asked", db_index=False
    )
    due_day = models.DateField(_("申请延到"))
    reason = models.TextField(_("理由"), blank=True)
    asked_at = models.DateTimeField(_("申请时间"))
    asked_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    granted = models.BooleanField(_("批准"), null=True)

    class Meta:
        verbose_name = _("延期申请")
        constraints = [
            models.UniqueConstraint(
                fields=["matter"], condition=Q(answered_at__isnull=True), name="extension_one_open"
            ),
            models.CheckConstraint(
                condition=Q(granted__isnull=True) | Q(answered_at__isnull=False), name="extension_answered"
            ),
        ]
        indexes = [models.Index(fields=["matter"], name="extension_matter")]


class Pause(models.Model):
    """A stretch in which a promise did not run, and why."""

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="pauses")
    started_at = models.DateTimeField(_("暂停"))
    ended_at = models.DateTimeField(_("恢复"), null=True)
    reason = models.CharField(_("原因"), max_length=200)

    class Meta:
        verbose_name = _("暂停")
