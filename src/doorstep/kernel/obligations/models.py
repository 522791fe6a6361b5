"""Who owes what how often, each time that it is owed, the records that prove it, and what was excused with a document.

Nothing here says "done": an occurrence is kept because a record stands, and open again when that record is taken back.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.obligations.meetings import MEETINGS
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, InstantRange, period_order

ROLLS = [("stay", _("不调整")), ("after", _("顺延到下一个工作日")), ("before", _("提前到上一个工作日"))]


class RuleValue(Dated):
    """One number of the package's rules, with its source: `minutes.quorum`."""

    key = models.CharField(_("规则"), max_length=60)
    value = models.JSONField(_("值"))
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则值")
        constraints = [
            period_order("obligation_value_period"),
            ExclusionConstraint(name="obligation_value_one", expressions=[("key", "="), (DateRange(), "&&")]),
        ]


class Rule(Dated):
    """One version of a rule: which units owe what, how often. A change is a new row of the same `code` from a day on.

    Owed by units of `unit_kinds` standing in `place_code`; with a `post`, by those that have somebody in it. `proof`: the kind
    of record that keeps it, `needs`: conditions that the record must meet. `rhythm`: iCalendar recurrence of the days on which
    it falls due, moved by `roll`. `window` in days, `grace` in working days (`rules.Terms`).
    """

    code = models.CharField(_("代码"), max_length=40, db_collation="C")
    version = models.PositiveIntegerField(_("版本"), default=1, editable=False)
    name = models.CharField(_("名称"), max_length=60)
    unit_kinds = ArrayField(models.CharField(max_length=40), verbose_name=_("单位类型"))
    post = models.CharField(_("有人任职的岗位"), max_length=40, blank=True)
    place_code = code_field(15, _("地方"))
    proof = models.CharField(_("凭什么算完成"), max_length=40, db_collation="C")
    needs = ArrayField(models.CharField(max_length=20), verbose_name=_("还须符合"), default=list, blank=True)
    rhythm = models.CharField(_("周期"), max_length=120)
    roll = models.CharField(_("到期日遇休息日"), max_length=8, choices=ROLLS, default="stay")
    window = models.PositiveSmallIntegerField(_("到期前多少天内才算"), default=0)
    grace = models.PositiveSmallIntegerField(_("宽限工作日"), default=0)
    clause = models.CharField(_("依据"), max_length=200)
    document = models.CharField(_("文号"), max_length=80, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("应办规则")
        constraints = [
            period_order("obligation_rule_period"),
            models.UniqueConstraint(fields=["code", "version"], name="obligation_rule_version"),
            ExclusionConstraint(name="obligation_rule_one", expressions=[("code", "="), (DateRange(), "&&")]),
            models.CheckConstraint(condition=~Q(unit_kinds=[]), name="obligation_rule_owed_by_some"),
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="obligation_rule_place")]

    def __str__(self) -> str:
        return self.name


class Proof(models.Model):
    """That a record of some kind stands, of a unit, on a day. `merits`: conditions it meets. The record itself is its package's
    and names its proof; `withdrawn_at`: the record was cancelled, and proves nothing any more."""

    kind = models.CharField(_("种类"), max_length=40, db_collation="C")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="proofs", db_index=False)
    place_code = code_field(15, _("地方"))
    day = models.DateField(_("日期"))
    merits = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("符合"))
    withdrawn_at = models.DateTimeField(_("撤销时间"), null=True)

    class Meta:
        verbose_name = _("凭据")
        indexes = [
            models.Index(
                fields=["unit", "kind", "day"], name="proof_standing", condition=Q(withdrawn_at=None)
            ),
        ]


class Exemption(models.Model):
    """A unit need not do what a rule asks where it falls due in these days (both included): on a document, never without."""

    code = models.CharField(_("规则"), max_length=40, db_collation="C")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("单位"))
    place_code = code_field(15, _("地方"))
    since = models.DateField(_("起"))
    until = models.DateField(_("到"))
    document = models.CharField(_("批准文号"), max_length=80)
    reason = models.CharField(_("理由"), max_length=200)
    given_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    given_at = models.DateTimeField(_("登记时间"))
    withdrawn_at = models.DateTimeField(_("撤销时间"), null=True)

    class Meta:
        verbose_name = _("豁免")
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="exemption_days"),
            models.CheckConstraint(condition=~Q(document=""), name="exemption_has_document"),
        ]
        indexes = [models.Index(fields=["place_code", "-id"], name="exemption_place")]

    def __str__(self) -> str:
        return f"{self.code} {self.since}"


class Occurrence(models.Model):
    """One time that a unit owes something. Derived from the rule, the calendar and the units; written by derivation alone.

    Its state is read from the row: exempt, kept (`proved_on` by `closes_on`), late (made up later), overdue, due, ahead
    (`selectors.STATE`). `opens_on`, `closes_on`, `mends_until`: see `rules.Period`. `matter`: its supervision, once overdue.
    """

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="occurrences", db_index=False)
    code = models.CharField(_("规则"), max_length=40, db_collation="C")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", db_index=False)
    place_code = code_field(15, _("地方"))
    starts_on = models.DateField(_("周期起"))
    ends_on = models.DateField(_("周期止"))
    opens_on = models.DateField(_("从哪天起算"))
    due_on = models.DateField(_("到期日"))
    closes_on = models.DateField(_("宽限到"))
    mends_until = models.DateField(_("补办到"))
    provisional = models.BooleanField(_("暂定"), default=False)
    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    proved_on = models.DateField(_("办理日期"), null=True)
    exemption = models.ForeignKey(
        Exemption, on_delete=models.PROTECT, null=True, related_name="occurrences", db_index=False
    )
    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, null=True, related_name="owed")

    class Meta:
        verbose_name = _("应办事项")
        constraints = [
            models.UniqueConstraint(fields=["unit", "code", "starts_on"], name="occurrence_once"),
            models.UniqueConstraint(
                fields=["proof", "code"], name="occurrence_proof_once", condition=Q(proof__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(proof__isnull=True, proved_on__isnull=True)
                | Q(proof__isnull=False, proved_on__isnull=False),
                name="occurrence_proved",
            ),
        ]
        indexes = [
            models.Index(fields=["place_code", "due_on", "id"], name="occurrence_place"),
            models.Index(
                fields=["closes_on", "id"], name="occurrence_unproved",
                condition=Q(proof=None, exemption=None, matter=None),
            ),
            models.Index(
                fields=["exemption"], name="occurrence_exempt", condition=Q(exemption__isnull=False)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.code} {self.due_on}"


class Minutes(models.Model):
    """What is kept of a meeting: when, how many were entitled and how many of them came. Numbers, never a list of names.

    `share`: more than this share of those entitled was needed on the day. Cancelled with a reason, it stays and proves nothing.
    """

    key = models.UUIDField(unique=True, editable=False)  # sent twice by one click, kept once
    proof = models.OneToOneField(Proof, on_delete=models.PROTECT, related_name="minutes")
    kind = models.CharField(_("会议"), max_length=20, choices=list(MEETINGS.items()))
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("单位")
    )
    place_code = code_field(15, _("地方"))
    day = models.DateField(_("日期"))
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    where = models.CharField(_("地点"), max_length=120)
    entitled = models.PositiveIntegerField(_("应到人数"))
    present = models.PositiveIntegerField(_("实到人数"))
    share = models.FloatField(null=True, editable=False)
    quorate = models.BooleanField(_("达到规定人数"))
    agenda = models.CharField(_("议题"), max_length=500)
    decisions = models.CharField(_("决定"), max_length=2000, blank=True)
    recorded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(_("登记时间"))
    cancelled_at = models.DateTimeField(_("作废时间"), null=True)
    cancelled_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(_("作废原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("会议记录")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="minutes_hours"),
            models.CheckConstraint(condition=Q(present__lte=F("entitled")), name="minutes_present"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | ~Q(reason=""), name="minutes_cancelled_with_reason"
            ),
            ExclusionConstraint(
                name="minutes_one_at_a_time",
                expressions=[("unit", "="), (InstantRange("starts_at", "ends_at"), "&&")],
                condition=Q(cancelled_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["place_code", "-day", "-id"], name="minutes_place"),
            models.Index(fields=["-day", "-id"], name="minutes_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"


class UnitCalendar(models.Model):
    """What a unit owes may be read, without signing in, by whoever has the secret address: its people's calendars.

    `token_digest`: SHA-256 of the secret, which is kept nowhere. Made anew, the address before it is dead.
    """

    unit = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="+")
    place_code = code_field(15, _("地方"))
    token_digest = models.CharField(max_length=64, unique=True, editable=False, db_collation="C")
    made_at = models.DateTimeField(_("启用时间"))

    class Meta:
        verbose_name = _("单位日历")
