"""Legal professionals in communities (三官一律): who, when they are there, what they did, what they answered."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order

PROFESSIONS = [
    ("police_officer", _("警官")), ("judge", _("法官")), ("procurator", _("检察官")), ("lawyer", _("律师")),
]  # fmt: skip
WEEKDAYS = [
    (0, _("周一")), (1, _("周二")), (2, _("周三")), (3, _("周四")), (4, _("周五")), (5, _("周六")), (6, _("周日")),
]  # fmt: skip


class Professional(Dated):
    """A police officer, judge, procurator or lawyer who serves one community or grid; several places, several rows.

    Name, unit and office telephone are published by the office that sends the person.
    """

    place_code = code_field(15, _("社区或网格"))
    kind = models.CharField(_("类别"), max_length=20, choices=PROFESSIONS)
    name = models.CharField(_("姓名"), max_length=40)
    unit = models.CharField(_("单位"), max_length=80)
    phone = models.CharField(_("办公电话"), max_length=40, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("三官一律")
        constraints = [
            period_order("professional_period"),
            ExclusionConstraint(
                name="professional_once",
                expressions=[
                    ("place_code", "="), ("kind", "="), ("name", "="), ("unit", "="), (DateRange(), "&&"),
                ],
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["place_code", "id"], name="professional_place")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"


class RosterSlot(Dated):
    """When a professional is in a community: every week on a weekday, or on one day. Times are the district's."""

    place_code = code_field(12, _("社区"))
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="slots")
    weekday = models.PositiveSmallIntegerField(_("星期"), choices=WEEKDAYS, null=True, blank=True)
    day = models.DateField(_("日期"), null=True, blank=True)
    starts = models.TimeField(_("起时"))
    ends = models.TimeField(_("止时"))
    venue = models.CharField(_("地点"), max_length=120)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("驻点时间")
        constraints = [
            period_order("roster_slot_period"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="roster_slot_hours"),
            models.CheckConstraint(
                condition=Q(weekday__isnull=True, day__isnull=False)
                | Q(weekday__isnull=False, weekday__lte=6, day__isnull=True),
                name="roster_slot_weekday_or_day",
            ),
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="roster_slot_place")]


class LegalVisit(models.Model):
    """A professional came to a community: on which day, about what, and how many people were reached; no names."""

    place_code = code_field(15, _("社区或网格"))
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="visits")
    visited_on = models.DateField(_("日期"))
    topic = models.CharField(_("主题"), max_length=120)
    people = models.PositiveSmallIntegerField(_("服务人数"))
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("法律服务活动")
        constraints = [
            models.UniqueConstraint(fields=["professional", "visited_on", "topic"], name="legal_visit_once"),
            models.CheckConstraint(condition=Q(people__lte=5000), name="legal_visit_people"),
        ]
        indexes = [models.Index(fields=["place_code", "-visited_on", "-id"], name="legal_visit_place_day")]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.topic}"


class Question(models.Model):
    """A question somebody asked a professional, without saying who asked, and the answer; public where both agree."""

    place_code = code_field(15, _("社区或网格"))
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="questions")
    answered_on = models.DateField(_("答复日期"))
    question = models.CharField(_("问题"), max_length=300)
    answer = models.CharField(_("答复"), max_length=1000)
    is_public = models.BooleanField(_("公开"), default=False)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("法律咨询")
        constraints = [
            models.UniqueConstraint(fields=["professional", "answered_on", "question"], name="question_once")
        ]
        indexes = [models.Index(fields=["place_code", "-answered_on", "-id"], name="question_place_day")]

    def __str__(self) -> str:
        return f"{self.answered_on} {self.question}"
