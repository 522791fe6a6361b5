"""The four lists: needs, what units offer, projects, responsibilities; and what people served said of it.

A need, a project and a responsibility are matters: where each stands, who holds it and until when is theirs. A resource is
a dated row, its use a row with a seat, and no seat is taken twice at one time, by the database.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, InstantRange, period_order

PRICES = [("welfare", _("公益")), ("low_fee", _("低偿")), ("market", _("市场价"))]
ORIGINS = [
    ("request", _("诉求")), ("forum", _("议事会和会议")), ("visit", _("走访")), ("resident", _("居民自己提出")), ("unit", _("单位提出")),
]  # fmt: skip
LISTS = [
    ("need", _("需求清单")), ("resource", _("资源清单")), ("project", _("项目清单")), ("responsibility", _("责任清单")),
]  # fmt: skip


class ResourceClass(Dated):
    """One class of the district's list of shared resources."""

    place_code = code_field(6, _("区"))
    code = models.CharField(_("代码"), max_length=20)
    name = models.CharField(_("资源类别"), max_length=20)
    about = models.CharField(_("包括什么"), max_length=100)
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("共享资源类别")
        constraints = [
            period_order("resource_class_period"),
            ExclusionConstraint(
                name="resource_class_once",
                expressions=[("place_code", "="), ("code", "="), (DateRange(), "&&")],
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Resource(Dated):
    """Something a unit offers: what, how many at a time (`capacity`), on which days of the week (bits, Monday first) between
    which minutes of the day, at what price, from where, and (`areas`) for which places. `located`: the position was told; else it
    is the middle of its place, which ranks and tells no distance."""

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="offered", db_index=False, verbose_name=_("提供单位")
    )
    place_code = code_field(15, _("所在地"))
    resource_class = models.CharField(_("资源类别"), max_length=20)
    name = models.CharField(_("资源"), max_length=60)
    about = models.CharField(_("说明"), max_length=400, blank=True)
    capacity = models.PositiveIntegerField(_("同时可供几处使用"), default=1)
    weekdays = models.PositiveSmallIntegerField(_("星期"))
    opens = models.PositiveSmallIntegerField(_("几点起（分钟）"))
    closes = models.PositiveSmallIntegerField(_("几点止（分钟）"))
    price = models.CharField(_("收费方式"), max_length=10, choices=PRICES)
    fen = models.BigIntegerField(_("价格（分）"), null=True)
    price_words = models.CharField(_("价格说明"), max_length=60, blank=True)
    longitude = models.FloatField(_("经度"))
    latitude = models.FloatField(_("纬度"))
    located = models.BooleanField(default=False, editable=False)
    lock_version = models.PositiveIntegerField(default=1, editable=False)
    unit_name = ""  # of who offers it, where lists show it

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("共建资源")
        constraints = [
            period_order("resource_period"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="resource_capacity"),
            models.CheckConstraint(
                condition=Q(weekdays__range=(1, 127), closes__gt=F("opens"), closes__lte=1440),
                name="resource_times",
            ),
            models.CheckConstraint(
                condition=Q(price="welfare", fen=None) | Q(price__in=("low_fee", "market"), fen__gt=0),
                name="resource_price",
            ),
            ExclusionConstraint(
                name="resource_once", expressions=[("unit", "="), ("name", "="), (DateRange(), "&&")]
            ),
        ]
        indexes = [
            models.Index(fields=["place_code", "id"], name="resource_place"),
            models.Index(fields=["unit", "id"], name="resource_unit"),
        ]

    def __str__(self) -> str:
        return self.name


class ResourceArea(models.Model):
    """A place that a resource serves, with all below it."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="areas", db_index=False)
    code = code_field(12, _("服务范围"))

    class Meta:
        verbose_name = _("服务范围")
        constraints = [models.UniqueConstraint(fields=["resource", "code"], name="resource_area_once")]
        indexes = [models.Index(fields=["code"], name="resource_area_code")]


class Need(models.Model):
    """What a need has beyond its matter: which class of resource, how many people, how many units, when; and where it came
    from: a matter (a request), a meeting with its minutes, a unit; else a visit or a resident.

    `headline`, `about`: what is published of it, in the words of who screened it; units read these and not what was told.
    """

    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, primary_key=True, related_name="need")
    resource_class = models.CharField(_("需要哪类资源"), max_length=20)
    people = models.PositiveIntegerField(_("大约惠及多少人"))
    units = models.PositiveSmallIntegerField(_("要几家单位"), default=1)
    since = models.DateField(_("从哪天起"), null=True)
    until = models.DateField(_("到哪天为止"), null=True)
    weekdays = models.PositiveSmallIntegerField(_("星期"), default=127)
    opens = models.PositiveSmallIntegerField(_("几点起（分钟）"), default=0)
    closes = models.PositiveSmallIntegerField(_("几点止（分钟）"), default=1440)
    minutes_needed = models.PositiveSmallIntegerField(_("需要多少分钟"), default=0)
    told = models.CharField(_("来源"), max_length=10, choices=ORIGINS)
    origin = models.ForeignKey(Matter, on_delete=models.PROTECT, null=True, related_name="needs")
    meeting = models.ForeignKey(Minutes, on_delete=models.PROTECT, null=True, related_name="needs")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    headline = models.CharField(_("发布的标题"), max_length=80, blank=True)
    about = models.CharField(_("发布的内容"), max_length=400, blank=True)
    published_on = models.DateField(_("发布日期"), null=True)
    located = models.BooleanField(
        default=False, editable=False
    )  # the matter's position was told, and is no middle

    class Meta:
        verbose_name = _("共建需求")
        constraints = [
            models.CheckConstraint(
                condition=Q(told="request", origin__isnull=False, meeting=None, unit=None)
                | Q(told="forum", origin=None, unit=None)
                | Q(told="unit", origin=None, meeting=None, unit__isnull=False)
                | Q(told__in=("visit", "resident"), origin=None, meeting=None, unit=None),
                name="need_told_by_one",
            ),
            models.CheckConstraint(condition=Q(units__range=(1, 20)), name="need_units"),
            models.CheckConstraint(
                condition=Q(published_on=None) | ~Q(headline=""), name="need_published_says_what"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(since=None) | Q(until__gte=F("since")), name="need_days"
            ),
            models.CheckConstraint(
                condition=Q(weekdays__range=(1, 127), closes__gt=F("opens"), closes__lte=1440),
                name="need_times",
            ),
        ]

    def __str__(self) -> str:
        return str(self.matter)


class Claim(models.Model):
    """A unit that will do it: one of the need's places (`slot`), until it gives it back. No place is taken twice."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="claims", db_index=False)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="claims", verbose_name=_("认领单位")
    )
    slot = models.PositiveSmallIntegerField()
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, null=True, related_name="claims")
    words = models.CharField(_("能做什么"), max_length=300, blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(_("认领时间"))
    ended_at = models.DateTimeField(_("撤回时间"), null=True)
    reason = models.CharField(_("撤回原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("认领")
        constraints = [
            models.UniqueConstraint(
                fields=["need", "slot"], condition=Q(ended_at=None), name="claim_slot_once"
            ),
            models.UniqueConstraint(
                fields=["need", "unit"], condition=Q(ended_at=None), name="claim_unit_once"
            ),
            models.CheckConstraint(condition=Q(slot__gte=1), name="claim_slot"),
        ]


class Project(models.Model):
    """A need with the unit that answers for it: who takes part, what is used, money and time as agreed, and what came of it.

    Money is what was agreed and what it cost, as told; no book is kept of it here.
    """

    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, primary_key=True, related_name="project")
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="projects", db_index=False)
    place_code = code_field(15, _("地方"))
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="projects", db_index=False, verbose_name=_("责任单位")
    )
    hands = models.PositiveIntegerField(_("参与人数"), default=0)
    budget_fen = models.BigIntegerField(_("预算（分）"), default=0)
    budget_from = models.CharField(_("资金来源"), max_length=80, blank=True)
    starts_on = models.DateField(_("开始日期"))
    ends_on = models.DateField(_("完成期限"))
    agreed_on = models.DateField(_("商定日期"))
    served = models.PositiveIntegerField(_("惠及人数"), null=True)
    cost_fen = models.BigIntegerField(_("实际花费（分）"), null=True)
    delivered_on = models.DateField(_("做完日期"), null=True)
    confirmed_on = models.DateField(_("确认日期"), null=True)
    stopped_on = models.DateField(_("中止日期"), null=True)
    slips = models.PositiveIntegerField(_("评价条"), default=0)

    class Meta:
        verbose_name = _("共建项目")
        constraints = [
            models.UniqueConstraint(fields=["need"], condition=Q(stopped_on=None), name="project_need_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="project_days"),
            models.CheckConstraint(
                condition=Q(confirmed_on=None) | Q(delivered_on__isnull=False), name="project_delivered_first"
            ),
            models.CheckConstraint(condition=Q(budget_fen__gte=0), name="project_budget"),
            models.CheckConstraint(
                condition=Q(slips=0) | Q(served__isnull=False, slips__lte=F("served")), name="project_slips"
            ),
        ]
        indexes = [
            models.Index(fields=["place_code", "-agreed_on", "-matter"], name="project_place"),
            models.Index(fields=["unit", "-agreed_on"], name="project_unit"),
            models.Index(
                fields=["confirmed_on", "place_code"], name="project_confirmed", condition=Q(confirmed_on__isnull=False)
            ),
            models.Index(
                fields=["delivered_on"], name="project_waiting",
                condition=Q(delivered_on__isnull=False, confirmed_on=None, stopped_on=None),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.matter)


class ProjectUnit(models.Model):
    """A unit that takes part beside the responsible one, and what it brings."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="others", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    brings = models.CharField(_("出什么"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("参与单位")
        constraints = [models.UniqueConstraint(fields=["project", "unit"], name="project_unit_once")]


class Booking(models.Model):
    """A resource used by a project at a time: one of its seats, which nobody else has then."""

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="bookings", db_index=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="bookings")
    seat = models.PositiveIntegerField(_("席位"))
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    released_at = models.DateTimeField(_("释放时间"), null=True)

    class Meta:
        verbose_name = _("资源使用")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_hours"),
            models.CheckConstraint(condition=Q(seat__gte=1), name="booking_seat"),
            ExclusionConstraint(
                name="booking_seat_once",
                expressions=[("resource", "="), ("seat", "="), (InstantRange(), "&&")],
                condition=Q(released_at=None),
            ),
        ]


class Responsibility(models.Model):
    """What one unit is to do of a project, by a day; its matter holds the rest."""

    matter = models.OneToOneField(
        Matter, on_delete=models.PROTECT, primary_key=True, related_name="responsibility"
    )
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="responsibilities")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="responsibilities", verbose_name=_("谁来做")
    )
    due_on = models.DateField(_("做完期限"))
    done_on = models.DateField(_("做完日期"), null=True)
    kept_on = models.DateField(_("确认日期"), null=True)

    class Meta:
        verbose_name = _("共建责任")
        indexes = [models.Index(fields=["-due_on", "-matter"], name="responsibility_due")]

    def __str__(self) -> str:
        return str(self.matter)


class Rating(models.Model):
    """What somebody served said of a project, once: by their account (who told the need), or by a slip's number. After
    their term the words go and the grade stays."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="ratings", db_index=False)
    place_code = code_field(15, _("地方"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    slip = models.PositiveIntegerField(_("评价条"), null=True)
    grade = models.PositiveSmallIntegerField(_("评分"))
    words = models.CharField(_("留言"), max_length=300, blank=True)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("受益人评价")
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True, slip__isnull=False)
                | Q(person__isnull=False, slip__isnull=True),
                name="rating_of_one",
            ),
            models.CheckConstraint(condition=Q(grade__range=(1, 5)), name="partnership_rating_grade"),
            models.UniqueConstraint(
                fields=["project", "person"], condition=Q(person__isnull=False), name="rating_person_once"
            ),
            models.UniqueConstraint(
                fields=["project", "slip"], condition=Q(slip__isnull=False), name="rating_slip_once"
            ),
        ]
        indexes = [
            models.Index(fields=["place_code", "-at", "-id"], name="partnership_rating_place"),
            models.Index(fields=["-at", "-id"], name="partnership_rating_at"),
        ]

    def __str__(self) -> str:
        return f"{self.grade} {self.at:%Y-%m-%d}"


class Listed(models.Model):
    """A line of any of the four lists, as the database reads them together: which list, what, where, from when until when."""

    id = models.CharField(max_length=40, primary_key=True)
    on_list = models.CharField(_("清单"), max_length=16, choices=LISTS)
    place_code = code_field(15, _("地方"))
    title = models.CharField(_("内容"), max_length=80)
    unit = models.ForeignKey(
        Unit,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        verbose_name=_("单位"),
    )
    since = models.DateField(_("列入日期"))
    until = models.DateField(_("移出日期"), null=True)

    class Meta:
        managed = False
        db_table = "partnership_listed"
        verbose_name = _("四个清单")

    def __str__(self) -> str:
        return self.title
