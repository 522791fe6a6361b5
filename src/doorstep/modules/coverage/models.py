"""Organisations of the new economy and new social groups: what is known of each, who covers it, and what is still a gap.

Each is a unit of the kernel; what this module needs beyond that is in its profile. Whether it is covered stands nowhere: it is read
from the rows in force on a day (`selectors.with_state`). Pages of communities: models_pages. Assistance: models_assistance.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.obligations.models import Minutes, Proof
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order
from doorstep.modules.coverage.models_assistance import (
    Assistance,
    AssistanceEvent,
    AssistanceLine,
    AssistancePart,
    Measure,
)
from doorstep.modules.coverage.models_pages import CommunityPage

__all__ = [
    "Assistance", "AssistanceEvent", "AssistanceLine", "AssistancePart", "CommunityPage", "CoordinationMember", "Covering", "Finding",
    "Gap", "HeadCount", "Measure", "Profile", "RuleValue", "Visit",
]  # fmt: skip

TRADES = [
    ("software", _("软件和信息服务")), ("trade", _("批发零售")), ("catering", _("住宿餐饮")), ("logistics", _("物流快递")),
    ("finance", _("金融服务")), ("property", _("物业服务")), ("culture", _("文化体育")), ("education", _("教育培训")),
    ("health", _("健康养老")), ("law", _("法律会计")), ("building", _("建筑装饰")), ("making", _("加工制造")), ("other", _("其他行业")),
]  # fmt: skip
FORMS = [("own", _("单独组建")), ("joint", _("联合组建"))]
PLANS = [
    ("own", _("单独组建党组织")), ("joint", _("加入联合党支部")), ("instructor", _("选派入企干部")), ("members", _("发展党员后组建")),
]  # fmt: skip
TOPICS = [
    ("organisation", _("党组织建设")), ("members", _("党员教育和发展")), ("business", _("生产经营")), ("workers", _("职工关心的事")),
    ("community", _("参与社区共建")),
]  # fmt: skip
ROLES = [("convenor", _("召集人单位")), ("deputy", _("副召集人单位")), ("member", _("成员单位"))]


class Profile(models.Model):
    """What the business register says of an organisation, and where it is. Position: WGS-84 degrees."""

    unit = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="coverage_profile")
    place_code = code_field(15, _("地方"))
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True, db_collation="C")
    trade = models.CharField(_("行业"), max_length=20, choices=TRADES)
    address = models.CharField(_("地址"), max_length=200)
    longitude = models.FloatField(_("经度"))
    latitude = models.FloatField(_("纬度"))
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("新兴领域组织")
        indexes = [models.Index(fields=["place_code", "id"], name="coverage_profile_place")]

    def __str__(self) -> str:
        return self.credit_code


class HeadCount(Dated):
    """How many work there, and how many members are among them, from the day they were counted to the next count."""

    organisation = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="counts", db_index=False)
    place_code = code_field(15, _("地方"))
    staff = models.PositiveIntegerField(_("职工人数"))
    full = models.PositiveIntegerField(_("正式党员"))
    probationary = models.PositiveIntegerField(_("预备党员"), default=0)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("职工和党员人数")
        constraints = [
            period_order("head_count_period"),
            ExclusionConstraint(
                name="head_count_one", expressions=[("organisation", "="), (DateRange(), "&&")]
            ),
            models.CheckConstraint(
                condition=Q(staff__gte=F("full") + F("probationary")), name="head_count_members"
            ),
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="head_count_place")]


class Covering(Dated):
    """A party organisation covers an organisation from a day on: its own alone, or one of several of a joint branch."""

    party = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="covering", verbose_name=_("党组织")
    )
    organisation = models.ForeignKey(
        Profile, on_delete=models.PROTECT, related_name="coverings", db_index=False, verbose_name=_("组织")
    )
    place_code = code_field(15, _("地方"))
    form = models.CharField(_("组建形式"), max_length=5, choices=FORMS)
    document = models.CharField(_("文号"), max_length=80)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("党组织覆盖")
        constraints = [
            period_order("covering_period"),
            ExclusionConstraint(name="covering_one", expressions=[("organisation", "="), (DateRange(), "&&")]),
            ExclusionConstraint(
                name="covering_own_alone", expressions=[("party", "="), (DateRange(), "&&")], condition=Q(form="own")
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["place_code", "id"], name="covering_place")]


class Gap(models.Model):
    """An organisation that nobody covers, as a matter: its plan and the day by which. Over only when a record covers it.

    One for each organisation: a gap that opens again is the same matter, with its history.
    """

    matter = models.OneToOneField(
        Matter, on_delete=models.PROTECT, primary_key=True, related_name="coverage_gap"
    )
    organisation = models.OneToOneField(Profile, on_delete=models.PROTECT, related_name="gap")
    place_code = code_field(15, _("地方"))
    plan = models.CharField(_("办法"), max_length=12, choices=PLANS, blank=True)
    planned_for = models.DateField(_("计划日期"), null=True)

    class Meta:
        verbose_name = _("覆盖空白")
        constraints = [
            models.CheckConstraint(
                condition=Q(plan="", planned_for=None) | (~Q(plan="") & Q(planned_for__isnull=False)),
                name="gap_planned_whole",
            )
        ]
        indexes = [models.Index(fields=["place_code", "-matter"], name="coverage_gap_place")]


class Visit(models.Model):
    """An instructor was at an organisation of theirs. Cancelled with a reason it stays, and proves nothing.

    `found`: what they saw or heard, without names and telephone numbers of people there; what asks for something is a finding.
    """

    key = models.UUIDField(unique=True, editable=False)  # sent twice by one thumb, kept once
    proof = models.OneToOneField(Proof, on_delete=models.PROTECT, related_name="coverage_visit")
    organisation = models.ForeignKey(
        Profile, on_delete=models.PROTECT, related_name="visits", db_index=False, verbose_name=_("组织")
    )
    place_code = code_field(15, _("地方"))
    visited_on = models.DateField(_("走访日期"))
    instructor = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("入企干部（党建指导员）")
    )
    topics = ArrayField(models.CharField(max_length=20, choices=TOPICS), verbose_name=_("谈了什么"))
    found = models.CharField(_("了解到的情况"), max_length=1000, blank=True)
    recorded_at = models.DateTimeField(_("登记时间"))
    cancelled_at = models.DateTimeField(_("作废时间"), null=True)
    reason = models.CharField(_("作废原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("走访记录")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "instructor", "visited_on"], condition=Q(cancelled_at=None), name="visit_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | ~Q(reason=""), name="visit_cancelled_with_reason"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["place_code", "-visited_on", "-id"], name="coverage_visit_place"),
            models.Index(fields=["-visited_on", "-id"], name="coverage_visit_day"),
            models.Index(fields=["organisation", "-visited_on"], name="coverage_visit_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.organisation_id}"


class CoordinationMember(Dated):
    """A unit in the coordination mechanism of party-led governance that `mechanism` (a street's working committee) convenes."""

    mechanism = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("机制")
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("成员单位"))
    place_code = code_field(15, _("地方"))
    role = models.CharField(_("角色"), max_length=10, choices=ROLES)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("协调机制成员")
        constraints = [
            period_order("coordination_member_period"),
            ExclusionConstraint(
                name="coordination_member_once", expressions=[("mechanism", "="), ("unit", "="), (DateRange(), "&&")]
            ),
            ExclusionConstraint(
                name="coordination_one_convenor", expressions=[("mechanism", "="), (DateRange(), "&&")],
                condition=Q(role="convenor"),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["place_code", "id"], name="coordination_member_place")]


class Finding(models.Model):
    """What was found where somebody went or met, as a matter: from exactly one visit, one day of assistance or one session."""

    matter = models.OneToOneField(
        Matter, on_delete=models.PROTECT, primary_key=True, related_name="coverage_finding"
    )
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, related_name="findings")
    event = models.ForeignKey(AssistanceEvent, on_delete=models.PROTECT, null=True, related_name="findings")
    session = models.ForeignKey(Minutes, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("走访和会议交办的事")
        constraints = [
            models.CheckConstraint(
                condition=Q(visit__isnull=False, event=None, session=None)
                | Q(visit=None, event__isnull=False, session=None)
                | Q(visit=None, event=None, session__isnull=False),
                name="finding_from_one",
            )
        ]


class RuleValue(Dated):
    """One number of the module's rules, with its source: `organisation.members`."""

    key = models.CharField(_("规则"), max_length=60)
    value = models.JSONField(_("值"))
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则值")
        constraints = [
            period_order("coverage_rule_value_period"),
            ExclusionConstraint(
                name="coverage_rule_value_one", expressions=[("key", "="), (DateRange(), "&&")]
            ),
        ]
