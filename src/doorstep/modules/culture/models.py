"""Cultural events of compounds and communities: the series, what is on the programme, what it cost, what people said."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.models import Activity, Session
from doorstep.kernel.ledger.models import Account
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Compound, code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order

KINDS = [
    ("feast", _("百家宴")), ("show", _("文艺演出")), ("film", _("电影放映")), ("festival", _("节庆民俗")), ("reading", _("读书讲座")),
    ("sports", _("文体健身")), ("exhibition", _("书画展览")), ("children", _("亲子活动")), ("market", _("邻里集市")),
]  # fmt: skip


class Series(Dated):
    """A name under which events come again and again (百家宴, 多彩云集 …)."""

    place_code = code_field(15, _("地方"))
    name = models.CharField(_("系列"), max_length=40)
    about = models.CharField(_("简介"), max_length=400, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("文化活动系列")
        verbose_name_plural = verbose_name
        constraints = [
            period_order("series_period"),
            ExclusionConstraint(
                name="series_once", expressions=[("place_code", "="), ("name", "="), (DateRange(), "&&")]
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """What a cultural event is besides its activity: its series, who hosts it with the organiser, what is on."""

    activity = models.OneToOneField(Activity, on_delete=models.PROTECT, related_name="cultural_event")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, blank=True, related_name="events")
    compound = models.ForeignKey(
        Compound,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("小区楼院"),
    )
    place_code = code_field(15, _("地方"))
    hosts = models.CharField(_("承办"), max_length=200, blank=True)
    programme = models.CharField(_("节目单"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("文化活动")
        indexes = [models.Index(fields=["place_code", "-id"], name="event_place")]


class Purse(Dated):
    """Money for a place's cultural events. `account`: the fen that are left."""

    place_code = code_field(15, _("地方"))
    name = models.CharField(_("经费"), max_length=60)
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="+")

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("活动经费")
        constraints = [
            period_order("purse_period"),
            ExclusionConstraint(
                name="purse_once", expressions=[("place_code", "="), ("name", "="), (DateRange(), "&&")]
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """Money that came into a purse."""

    purse = models.ForeignKey(Purse, on_delete=models.PROTECT, related_name="grants")
    place_code = code_field(15, _("地方"))
    fen = models.BigIntegerField(_("金额（分）"))
    source = models.CharField(_("资金来源"), max_length=80)
    document = models.CharField(_("文号"), max_length=80)
    day = models.DateField(_("日期"))
    booking = models.BigIntegerField(unique=True, editable=False)

    class Meta:
        verbose_name = _("经费拨入")
        constraints = [
            models.CheckConstraint(condition=Q(fen__gt=0), name="grant_positive"),
            models.UniqueConstraint(fields=["purse", "document", "source"], name="grant_once"),
        ]


class Cost(models.Model):
    """What an event cost: for what, how much, from which purse, with which voucher. Taken back by a reversal."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="costs")
    purse = models.ForeignKey(Purse, on_delete=models.PROTECT, related_name="costs")
    place_code = code_field(15, _("地方"))
    what = models.CharField(_("用途"), max_length=80)
    fen = models.BigIntegerField(_("金额（分）"))
    voucher = models.CharField(_("凭证号"), max_length=80)
    day = models.DateField(_("日期"))
    booking = models.BigIntegerField(unique=True, editable=False)
    taken_back_at = models.DateTimeField(_("冲销时间"), null=True)

    class Meta:
        verbose_name = _("活动支出")
        constraints = [
            models.CheckConstraint(condition=Q(fen__gt=0), name="cost_positive"),
            models.UniqueConstraint(
                fields=["purse", "voucher"], condition=Q(taken_back_at=None), name="cost_voucher_once"
            ),
        ]
        indexes = [models.Index(fields=["place_code", "-day", "-id"], name="cost_place_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.what}"


class Picture(models.Model):
    """A picture of an event. Shown in public only where whoever can be recognised agreed (`consent`), until taken down.

    asked down: somebody does not want to be seen; hidden until who keeps events there has looked. Taken down: its bytes
    are gone.
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="pictures")
    place_code = code_field(15, _("地方"))
    content = models.BinaryField()  # re-encoded, without position
    small = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    caption = models.CharField(_("说明"), max_length=80)
    consent = models.CharField(_("同意方式"), max_length=120, blank=True)
    added_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    added_at = models.DateTimeField(_("时间"))
    digest = models.CharField(
        max_length=64, default="", editable=False
    )  # SHA-256 of `content`: sent twice, kept once
    asked_down_at = models.DateTimeField(_("请求撤下时间"), null=True)
    taken_down_at = models.DateTimeField(_("撤下时间"), null=True)

    class Meta:
        verbose_name = _("活动照片")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "digest"], condition=Q(taken_down_at=None), name="picture_once"
            ),
        ]
        indexes = [models.Index(fields=["place_code", "-added_at", "-id"], name="picture_place")]

    @property
    def is_public(self) -> bool:
        return bool(self.consent) and self.asked_down_at is None and self.taken_down_at is None


class Feedback(models.Model):
    """What somebody who was there said of it, once for a session; words without a name.

    Words are `shown` in public once an officer has looked; after their term of keeping they go, the grade stays.
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="feedback", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    place_code = code_field(15, _("地方"))
    grade = models.PositiveSmallIntegerField(_("评价"))
    words = models.CharField(_("留言"), max_length=300, blank=True)
    at = models.DateTimeField(_("时间"))
    looked_at = models.DateTimeField(_("查看时间"), null=True)
    shown = models.BooleanField(_("公开"), default=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("活动反馈")
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="feedback_once"),
            models.CheckConstraint(condition=Q(grade__range=(1, 5)), name="feedback_grade"),
        ]
        indexes = [
            models.Index(fields=["place_code", "-at", "-id"], name="feedback_place"),
            models.Index(fields=["at"], name="feedback_unerased", condition=Q(erased_at=None) & ~Q(words="")),
        ]

    def __str__(self) -> str:
        return f"{self.grade} {self.at:%Y-%m-%d}"


class RuleValue(Dated):
    """One number of the module's rules, with its source: `feedback.keep_months`."""

    key = models.CharField(_("规则"), max_length=60)
    value = models.JSONField(_("值"))
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则值")
        constraints = [
            period_order("culture_rule_value_period"),
            ExclusionConstraint(
                name="culture_rule_value_one", expressions=[("key", "="), (DateRange(), "&&")]
            ),
        ]
