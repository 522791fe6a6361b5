"""Requests: the list of what may be reported, where it goes and why, and what the reporter says of the outcome.

The matter itself (state, holder, promises, history) is the kernel's; `Request` is its case table. Whistles:
models_whistle.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.models import URGENCIES, Matter
from doorstep.kernel.organisations.kinds import UNIT_KINDS
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order
from doorstep.kernel.shared.rows import QuickRow
from doorstep.modules.requests.models_whistle import Whistle, WhistleCall

__all__ = [
    "CallBack", "EventItem", "Rating", "Request", "RoutingFault", "RoutingRule", "RuleValue", "Sample", "SpotCheck", "Whistle",
    "WhistleCall",
]  # fmt: skip

# Classes of events (own list after the practice of grid management; a national code list was not at hand).
EVENT_CLASSES = [
    ("dispute", _("矛盾纠纷")), ("security", _("治安隐患")), ("safety", _("消防与安全隐患")),
    ("environment", _("环境与设施")), ("livelihood", _("民生诉求")), ("care", _("特殊人群关爱")), ("opinion", _("意见建议")),
    ("emergency", _("突发事件")), ("publicity", _("政策咨询")), ("other", _("其他")),
]  # fmt: skip
# The platform and units open matters of other kinds; what a unit reports comes by one of these.
REQUEST_SOURCES = [pair for pair in Matter.SOURCES if pair[0] not in ("unit", "platform")]
GRADES = [
    (5, _("非常满意")), (4, _("满意")), (3, _("基本满意")), (2, _("不满意")), (1, _("非常不满意")),
]  # fmt: skip


class EventItem(Dated):
    """One item of a district's list of what may be reported, for the days it is on the list.

    `words` point to it in a report. `is_grid_work` false: grids do not do it, and `elsewhere` says who does; where
    `elsewhere` is given the report is not taken but sent there.
    """

    place_code = code_field(15, _("适用地方"))
    event_class = models.CharField(_("类别"), max_length=20, choices=EVENT_CLASSES)
    code = models.CharField(_("代码"), max_length=40, db_collation="C")
    name = models.CharField(_("事项"), max_length=40)
    words = ArrayField(models.CharField(max_length=12), verbose_name=_("相关词"), default=list, blank=True)
    urgency = models.CharField(_("默认紧急程度"), max_length=12, choices=URGENCIES, default="normal")
    is_grid_work = models.BooleanField(_("属网格工作"), default=True)
    elsewhere = models.CharField(_("去处"), max_length=120, blank=True)
    confidentiality = models.CharField(
        _("公开范围"), max_length=10, choices=Matter.CONFIDENTIALITY, default=Matter.INTERNAL
    )
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("事项目录")
        constraints = [
            period_order("event_item_period"),
            ExclusionConstraint(
                name="event_item_once", expressions=[("place_code", "="), ("code", "="), (DateRange(), "&&")]
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RoutingRule(Dated):
    """Who first receives what is reported: a unit, or the nearest unit of a kind at the place or above it.

    Empty `event_class`, `item` or `urgency` mean any. Of the rules that fit the most specific holds: by item, then
    class, then the narrower place, then urgency.
    """

    place_code = code_field(15, _("地方"))
    event_class = models.CharField(_("类别"), max_length=20, choices=EVENT_CLASSES, blank=True)
    item = models.CharField(_("事项代码"), max_length=40, blank=True, db_collation="C")
    urgency = models.CharField(_("紧急程度"), max_length=12, choices=URGENCIES, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    unit_kind = models.CharField(_("单位类型"), max_length=40, choices=list(UNIT_KINDS.items()), blank=True)
    reason = models.CharField(_("理由"), max_length=120)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("派办规则")
        constraints = [
            period_order("routing_rule_period"),
            models.CheckConstraint(
                condition=Q(unit__isnull=True) & ~Q(unit_kind="") | Q(unit__isnull=False, unit_kind=""),
                name="routing_rule_one_target",
            ),
            models.CheckConstraint(
                condition=Q(item="") | Q(event_class=""), name="routing_rule_item_or_class"
            ),
            ExclusionConstraint(
                name="routing_rule_once",
                expressions=[
                    ("place_code", "="), ("event_class", "="), ("item", "="), ("urgency", "="), (DateRange(), "&&"),
                ],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.reason


class Request(QuickRow):
    """What a request has beyond its matter. `routing`: why it went where it went, as it was said at the time."""

    CHOSEN, SUGGESTED, UNKNOWN = "chosen", "suggested", "unknown"
    ITEM_FROM = [(CHOSEN, _("报告人选定")), (SUGGESTED, _("按文字判断")), (UNKNOWN, _("未定"))]

    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, primary_key=True, related_name="request")
    item = models.ForeignKey(EventItem, on_delete=models.PROTECT, null=True, related_name="+")
    item_from = models.CharField(_("事项由来"), max_length=10, choices=ITEM_FROM, default=UNKNOWN)
    on_the_spot = models.BooleanField(_("当场办结"), default=False)
    anonymous = models.BooleanField(_("匿名"), default=False)
    for_whom = models.CharField(_("代谁上报"), max_length=60, blank=True)
    hotline_number = models.CharField(_("热线工单号"), max_length=40, null=True, unique=True)  # noqa: DJ001  unique where there is one
    own_number = models.CharField(
        _("原编号"), max_length=40, blank=True
    )  # of the office that brought it as past
    rule = models.ForeignKey(
        RoutingRule, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    routed_to = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    routing = models.CharField(_("为什么派到这里"), max_length=300, blank=True)
    not_the_same = ArrayField(models.BigIntegerField(), verbose_name=_("报告人说不是同一件"), default=list)

    class Meta:
        verbose_name = _("诉求")
        indexes = [
            models.Index(fields=["-matter"], name="request_past", condition=~Q(own_number="")),
        ]

    def __str__(self) -> str:
        return str(self.matter)


class RoutingFault(models.Model):
    """A report for which no rule held, or whose rule leads to no unit in force. Open until a rule is mended."""

    NO_RULE, NO_UNIT = "no_rule", "no_unit"
    KINDS = [(NO_RULE, _("没有适用的规则")), (NO_UNIT, _("规则指向的单位不在册"))]

    at = models.DateTimeField(_("时间"))
    place_code = code_field(15, _("地方"))
    kind = models.CharField(_("问题"), max_length=10, choices=KINDS)
    event_class = models.CharField(_("类别"), max_length=20, choices=EVENT_CLASSES)
    item = models.CharField(_("事项代码"), max_length=40, blank=True)
    urgency = models.CharField(_("紧急程度"), max_length=12, choices=URGENCIES)
    rule = models.ForeignKey(RoutingRule, on_delete=models.PROTECT, null=True, related_name="faults")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(_("已处理"), null=True)
    settled_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("派办故障")
        indexes = [models.Index(fields=["place_code", "-id"], name="routing_fault_place")]


class CallBack(models.Model):
    """One call-back of one outcome. Only valid ones count; an invalid one says why (nobody answered is no opinion).

    `closing`: number of the history row that closed the matter. `place_code`, `handled_by`: as they were then.
    """

    INVALID = [
        ("no_answer", _("无人接听")), ("wrong_number", _("号码有误")), ("refused", _("不愿接受回访")),
        ("not_reporter", _("接听人不是报告人")), ("other", _("其他")),
    ]  # fmt: skip

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="call_backs", db_index=False)
    closing = models.PositiveIntegerField()
    place_code = code_field(15, _("地方"))
    at = models.DateTimeField(_("回访时间"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    account_id = models.BigIntegerField(null=True)
    valid = models.BooleanField(_("有效"))
    invalid_reason = models.CharField(_("无效原因"), max_length=14, choices=INVALID, blank=True)
    contacted = models.BooleanField(_("承办人联系过"), null=True)
    solved = models.BooleanField(_("已解决"), null=True)
    satisfaction = models.PositiveSmallIntegerField(_("满意程度"), choices=GRADES, null=True)
    words = models.CharField(_("报告人的话"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("回访")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    valid=True, invalid_reason="", contacted__isnull=False, solved__isnull=False,
                    satisfaction__range=(1, 5),
                )
                | Q(valid=False, contacted__isnull=True, solved__isnull=True, satisfaction__isnull=True)
                & ~Q(invalid_reason=""),
                name="call_back_valid_or_why_not",
            ),
            models.UniqueConstraint(
                fields=["request", "closing"], condition=Q(valid=True), name="call_back_valid_once"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["place_code", "at"], include=["valid", "contacted", "solved", "satisfaction"], name="call_back_place"),
            models.Index(fields=["request", "closing"], name="call_back_request"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.request_id} {self.at:%Y-%m-%d}"


class Rating(models.Model):
    """What the reporter says of one outcome: once for each closing."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="ratings", db_index=False)
    closing = models.PositiveIntegerField()
    at = models.DateTimeField(_("评价时间"))
    solved = models.BooleanField(_("已解决"))
    satisfaction = models.PositiveSmallIntegerField(_("满意程度"), choices=GRADES)
    words = models.CharField(_("评价"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("评价")
        constraints = [
            models.UniqueConstraint(fields=["request", "closing"], name="rating_once"),
            models.CheckConstraint(condition=Q(satisfaction__range=(1, 5)), name="rating_grade"),
        ]


class Sample(models.Model):
    """A closed request drawn by lot, month by month, of the self-handled ones nobody verified: for a call-back, or where
    nobody is known who could be asked for a look at the place (`SpotCheck`)."""

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="sample")
    month = models.DateField(_("月份"))
    place_code = code_field(15, _("地方"))
    drawn_at = models.DateTimeField(_("抽取时间"))
    done_at = models.DateTimeField(_("已回访"), null=True)

    class Meta:
        verbose_name = _("回访抽样")
        indexes = [
            models.Index(
                fields=["place_code", "id"], name="sample_waiting", condition=Q(done_at__isnull=True)
            )
        ]


class SpotCheck(models.Model):
    """A look at what was settled on the spot and told by nobody, by somebody else than who recorded it: whether the
    record holds, and why not. Never a call-back: no rate counts it."""

    NOT_DONE = "not_done"
    INVALID = [
        (NOT_DONE, _("现场没有办好")), ("not_there", _("没有这回事")), ("unclear", _("记得不清，看不出办了什么")),
        ("other", _("其他")),
    ]  # fmt: skip

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="spot_check")
    place_code = code_field(15, _("地方"))
    at = models.DateTimeField(_("抽查时间"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    account_id = models.BigIntegerField(null=True)
    valid = models.BooleanField(_("属实"))
    invalid_reason = models.CharField(_("不属实的原因"), max_length=14, choices=INVALID, blank=True)
    words = models.CharField(_("看到的情况"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("当场办结抽查")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid=True, invalid_reason="") | Q(valid=False) & ~Q(invalid_reason=""),
                name="spot_check_valid_or_why_not",
            )
        ]
        indexes = [models.Index(fields=["place_code", "-id"], name="spot_check_place")]


class RuleValue(Dated):
    """One number of the rules (metres, days, shares, weights), dated, with its source: local practice is configuration."""

    key = models.CharField(_("规则"), max_length=60)
    value = models.JSONField(_("值"))
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则值")
        constraints = [
            period_order("request_rule_period"),
            ExclusionConstraint(name="request_rule_one", expressions=[("key", "="), (DateRange(), "&&")]),
        ]
