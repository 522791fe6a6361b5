"""In-service members who report in where they live (双报到), the wishes and difficulties they take on, what they served, and
the yearly word to their employer.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.models import Session
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order

SKILLS = [
    ("medicine", _("医疗护理")), ("law", _("法律")), ("teaching", _("辅导教学")), ("repair", _("家电水电维修")),
    ("psychology", _("心理疏导")), ("digital", _("手机电脑")), ("driving", _("驾驶")), ("finance", _("财务和政策咨询")),
    ("culture", _("文体")), ("firstaid", _("急救")),
]  # fmt: skip
TIMES = [
    ("weekday_day", _("工作日白天")), ("weekday_evening", _("工作日晚上")), ("weekend_morning", _("周末上午")),
    ("weekend_afternoon", _("周末下午")), ("weekend_evening", _("周末晚上")),
]  # fmt: skip
SKILLS_AND_TIMES = dict([*SKILLS, *TIMES])


class RuleValue(Dated):
    """One number of the module's rules, with its source."""

    key = models.CharField(_("规则"), max_length=60)
    value = models.JSONField(_("值"))
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则值")
        constraints = [
            period_order("vanguard_rule_value_period"),
            ExclusionConstraint(
                name="vanguard_rule_value_one", expressions=[("key", "="), (DateRange(), "&&")]
            ),
        ]


class Member(Dated):
    """A member in service elsewhere who reported in to the community they live in, by own wish, ended by own wish.

    `employer`: the unit, where the platform has it, else `employer_name`. `slip`: number of the unit's letter, where it gave
    one. `received_at`: the community has seen it; nobody approves anything.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    place_code = code_field(15, _("报到社区"))
    employer = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("工作单位")
    )
    employer_name = models.CharField(_("工作单位"), max_length=80, blank=True)
    slip = models.CharField(_("单位介绍信"), max_length=60, blank=True)
    skills = ArrayField(
        models.CharField(max_length=20, choices=SKILLS), default=list, blank=True, verbose_name=_("技能")
    )
    times = ArrayField(
        models.CharField(max_length=20, choices=TIMES), default=list, blank=True, verbose_name=_("有空的时间")
    )
    reported_at = models.DateTimeField(_("报到时间"))
    received_at = models.DateTimeField(_("社区收到"), null=True)
    received_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("报到的在职党员")
        constraints = [
            period_order("vanguard_member_period"),
            ExclusionConstraint(
                name="vanguard_member_once", expressions=[("person", "="), (DateRange(), "&&")]
            ),
            models.CheckConstraint(
                condition=Q(employer__isnull=False, employer_name="")
                | (Q(employer=None) & ~Q(employer_name="")),
                name="vanguard_member_employer",
            ),
            models.CheckConstraint(
                condition=Q(received_by=None) | Q(received_at__isnull=False), name="vanguard_member_received"
            ),
        ]
        indexes = [
            models.Index(fields=["place_code", "id"], name="vanguard_member_place"),
            models.Index(
                fields=["place_code", "reported_at"],
                name="vanguard_member_waiting",
                condition=Q(received_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_code} {self.pk}"


class Wish(models.Model):
    """What a resident would like done: a small wish or a real difficulty (the matter's category). Times, states and who did
    what are the matter's; here is who took it on, and whether the person helped can say themselves that it is done.

    `person_has_phone`: the person has an account of their own; otherwise `helped` says whom it is for in the
    community's words.
    """

    matter = models.OneToOneField(
        Matter, on_delete=models.PROTECT, primary_key=True, related_name="vanguard_wish"
    )
    member = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="wishes",
        verbose_name=_("认领人"),
    )
    person_has_phone = models.BooleanField(_("本人能在手机上确认"))
    helped = models.CharField(_("帮谁"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("心愿和困难")

    def __str__(self) -> str:
        return str(self.matter)


class Served(models.Model):
    """One person-time served by a member who reported in: an attendance of a confirmed shift or service while they were
    reported in, or a wish of theirs that the person helped has confirmed. A view of the database: nothing is written."""

    member = models.ForeignKey(Member, on_delete=models.DO_NOTHING, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.DO_NOTHING, related_name="+")
    place_code = code_field(15, _("地方"))
    day = models.DateField(_("日期"))
    session = models.ForeignKey(Session, on_delete=models.DO_NOTHING, null=True, related_name="+")
    wish = models.ForeignKey(Wish, on_delete=models.DO_NOTHING, null=True, related_name="+")

    class Meta:
        managed = False
        db_table = "vanguard_served"
        verbose_name = _("服务人次")

    def __str__(self) -> str:
        return f"{self.day} {self.place_code}"


class Feedback(models.Model):
    """What was told to an employer about a member's year, as facts, with the member's consent at that moment. The employer
    sees it for as long as the member agrees."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    employer_name = models.CharField(_("单位"), max_length=120)
    place_code = code_field(15, _("报到社区"))
    year = models.PositiveSmallIntegerField(_("年度"))
    times = models.PositiveIntegerField(_("服务次数"))
    wishes = models.PositiveIntegerField(_("办成的心愿"))
    difficulties = models.PositiveIntegerField(_("解决的困难"))
    sent_at = models.DateTimeField(_("发出时间"))
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("年度反馈")
        constraints = [
            models.UniqueConstraint(fields=["member", "year"], name="vanguard_feedback_once"),
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="vanguard_feedback_place")]

    def __str__(self) -> str:
        return f"{self.year} {self.employer_name}"
