"""Who volunteers, with whom, by which rules hours and points are earned, and what was credited.

A credit is the one way to earn: a person, a session whose attendance the organiser confirmed and somebody else
approved. There is no column for anything else that could bring or take points.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.models import Session
from doorstep.kernel.ledger.models import Account
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order
from doorstep.modules.volunteering.models_redemption import (
    Delivery,
    Fund,
    Item,
    Partner,
    Programme,
    Settlement,
    Slip,
)
from doorstep.modules.volunteering.models_review import Appeal, Oddity, Statement

__all__ = [
    "SKILLS", "TIMES", "Appeal", "Approval", "Brand", "Credit", "Delivery", "Force", "Fund", "Item", "Membership", "Oddity",
    "Partner", "Programme", "RuleValue", "ServiceKind", "Settlement", "Slip", "Statement", "Team", "Volunteer",
]  # fmt: skip

SKILLS = [
    ("medicine", _("医疗护理")), ("law", _("法律")), ("teaching", _("辅导教学")), ("repair", _("家电水电维修")),
    ("arts", _("文艺")), ("sports", _("体育")), ("psychology", _("心理疏导")), ("digital", _("手机电脑")),
    ("languages", _("外语手语")), ("driving", _("驾驶")), ("cooking", _("烹饪")), ("hairdressing", _("理发")),
    ("firstaid", _("急救")), ("gardening", _("园艺绿化")),
]  # fmt: skip
TIMES = [
    ("weekday_morning", _("工作日上午")), ("weekday_afternoon", _("工作日下午")), ("weekday_evening", _("工作日晚上")),
    ("weekend_morning", _("周末上午")), ("weekend_afternoon", _("周末下午")), ("weekend_evening", _("周末晚上")),
]  # fmt: skip
WHOLE, OF_ACTIVITY, OF_DAY, OF_MONTH = "", "activity", "day", "month"
CUTS = [
    (WHOLE, _("未封顶")),
    (OF_ACTIVITY, _("单次封顶")),
    (OF_DAY, _("当日封顶")),
    (OF_MONTH, _("当月封顶")),
]


class ServiceKind(Dated):
    """A kind of volunteer service in a district, and the points an hour of it earns; another rate is another row, from
    its day on. `risky` work needs insurance before it begins."""

    place_code = code_field(15, _("适用地方"))
    code = models.CharField(_("代码"), max_length=40, db_collation="C")
    name = models.CharField(_("服务类别"), max_length=40)
    points_per_hour = models.PositiveSmallIntegerField(_("每小时积分"))
    risky = models.BooleanField(_("须先办保险"), default=False)
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("服务类别")
        constraints = [
            period_order("service_kind_period"),
            ExclusionConstraint(
                name="service_kind_once",
                expressions=[("place_code", "="), ("code", "="), (DateRange(), "&&")],
            ),
            models.CheckConstraint(condition=Q(points_per_hour__lte=100), name="service_kind_rate"),
        ]

    def __str__(self) -> str:
        return self.name


class RuleValue(Dated):
    """One number of the module's rules, with its source."""

    key = models.CharField(_("规则"), max_length=60)
    value = models.JSONField(_("值"))
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则值")
        constraints = [
            period_order("volunteering_rule_value_period"),
            ExclusionConstraint(
                name="volunteering_rule_value_one", expressions=[("key", "="), (DateRange(), "&&")]
            ),
        ]


class Brand(Dated):
    """A name several teams serve under (“海之”系列 …)."""

    place_code = code_field(15, _("地方"))
    name = models.CharField(_("品牌"), max_length=40)
    story = models.CharField(_("简介"), max_length=400, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("志愿服务品牌")
        constraints = [
            period_order("brand_period"),
            ExclusionConstraint(
                name="brand_once", expressions=[("place_code", "="), ("name", "="), (DateRange(), "&&")]
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """What a volunteer team is besides its unit: what it can do, under which brand, whether anybody may join."""

    unit = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="volunteer_team")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="teams")
    skills = ArrayField(
        models.CharField(max_length=20, choices=SKILLS), default=list, blank=True, verbose_name=_("专长")
    )
    about = models.CharField(_("简介"), max_length=400, blank=True)
    is_open = models.BooleanField(_("随时可加入"), default=True)

    class Meta:
        verbose_name = _("志愿服务队资料")


class Force(Dated):
    """A professional force within the federation: a hospital's, a law firm's, a fire station's people who serve."""

    place_code = code_field(15, _("地方"))
    federation = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("志愿服务联合会")
    )
    name = models.CharField(_("名称"), max_length=80)
    field = models.CharField(_("专业"), max_length=20, choices=SKILLS)
    unit_name = models.CharField(_("所在单位"), max_length=80, blank=True)
    phone = models.CharField(_("办公电话"), max_length=40, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("专业力量")
        constraints = [
            period_order("force_period"),
            ExclusionConstraint(
                name="force_once", expressions=[("place_code", "="), ("name", "="), (DateRange(), "&&")]
            ),
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="force_place")]

    def __str__(self) -> str:
        return self.name


class Volunteer(models.Model):
    """A person who volunteers: by own wish, ended by own wish. `number` stands for the person wherever it may.

    `born_in`: the year alone, to know minors. `card_index`: keyed hash of the printed card's code, for who has no phone.
    """

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="volunteer")
    place_code = code_field(15, _("地方"))
    number = models.CharField(_("志愿者编号"), max_length=16, unique=True, db_collation="C")
    born_in = models.PositiveSmallIntegerField(_("出生年份"), null=True, blank=True)
    skills = ArrayField(
        models.CharField(max_length=20, choices=SKILLS), default=list, blank=True, verbose_name=_("技能")
    )
    times = ArrayField(
        models.CharField(max_length=20, choices=TIMES), default=list, blank=True, verbose_name=_("可服务时间")
    )
    registered_at = models.DateTimeField(_("注册时间"))
    left_on = models.DateField(_("退出日期"), null=True, blank=True)
    card_index = models.BinaryField(null=True, editable=False)
    points = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="+")
    minutes = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="+")
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("志愿者")
        constraints = [
            models.UniqueConstraint(fields=["card_index"], name="volunteer_card"),
            models.CheckConstraint(
                condition=Q(born_in=None) | Q(born_in__range=(1900, 2100)), name="volunteer_born"
            ),
        ]
        indexes = [
            models.Index(fields=["place_code", "id"], name="volunteer_place"),
            GinIndex(fields=["skills"], name="volunteer_skills"),
        ]

    def __str__(self) -> str:
        return self.number


class Membership(Dated):
    """A volunteer in a team."""

    volunteer = models.ForeignKey(
        Volunteer, on_delete=models.PROTECT, related_name="memberships", db_index=False
    )
    team = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", db_index=False)
    place_code = code_field(15, _("地方"))

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("队员")
        constraints = [
            period_order("membership_period"),
            ExclusionConstraint(
                name="membership_once", expressions=[("volunteer", "="), ("team", "="), (DateRange(), "&&")]
            ),
        ]
        indexes = [
            models.Index(fields=["team", "id"], name="membership_team"),
            models.Index(fields=["place_code", "id"], name="membership_place"),
        ]


class Approval(models.Model):
    """The second person's word for a whole session: neither who confirmed it nor anybody who was there. What it credited
    is in its credits and in the books."""

    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="approval")
    place_code = code_field(15, _("地方"))
    at = models.DateTimeField(_("审核时间"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    within_48h = models.BooleanField(_("48小时内确认"), default=False)

    class Meta:
        verbose_name = _("审核")
        indexes = [models.Index(fields=["place_code", "-at", "-id"], name="approval_place")]

    def __str__(self) -> str:
        return str(self.session)


class Credit(models.Model):
    """What one session brought one volunteer: minutes there, minutes that count after the caps, points, and the bookings.

    `rate`: points an hour by the rule of the session's day, kept with what it made. `taken_back_at`: reversed after an
    appeal, a review or a correction. `recovered`: how many of its points came back then; the others were spent, and what
    replaces it brings that many fewer. `points` is what was booked, so of one session and volunteer `points` less
    `recovered`, over all its credits, is what that service has brought.
    """

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="credits", db_index=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="credits", db_index=False)
    volunteer = models.ForeignKey(Volunteer, on_delete=models.PROTECT, related_name="credits", db_index=False)
    place_code = code_field(15, _("地方"))
    day = models.DateField(_("日期"))
    service = models.CharField(_("服务类别"), max_length=40, db_collation="C")
    attended = models.PositiveIntegerField(_("到场分钟"))
    minutes = models.PositiveIntegerField(_("计入分钟"))
    rate = models.PositiveSmallIntegerField(_("每小时积分"))
    points = models.PositiveIntegerField(_("积分"))
    cut = models.CharField(_("封顶"), max_length=10, choices=CUTS, blank=True)
    expires_on = models.DateField(_("积分到期"), null=True)
    minutes_booking = models.BigIntegerField(null=True, editable=False)
    points_booking = models.BigIntegerField(null=True, editable=False)
    taken_back_at = models.DateTimeField(_("收回时间"), null=True)
    recovered = models.PositiveIntegerField(_("收回积分"), null=True, editable=False)

    class Meta:
        verbose_name = _("服务记录")
        constraints = [
            models.CheckConstraint(condition=Q(minutes__lte=F("attended")), name="credit_minutes"),
            models.CheckConstraint(
                condition=Q(taken_back_at=None, recovered=None)
                | Q(taken_back_at__isnull=False, recovered__lte=F("points")),
                name="credit_recovered",
            ),
            models.UniqueConstraint(
                fields=["session", "volunteer"], condition=Q(taken_back_at=None), name="credit_once"
            ),
        ]
        indexes = [
            models.Index(fields=["volunteer", "day", "id"], name="credit_volunteer_day"),
            models.Index(fields=["place_code", "-day", "-id"], name="credit_place_day"),
            models.Index(fields=["approval"], name="credit_approval"),
            models.Index(fields=["-day", "-id"], name="credit_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.service}"
