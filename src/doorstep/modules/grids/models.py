"""What is kept of grids besides their outline and their worker's appointment, which are the kernel's.

Forces attached to a grid, what grid work is and is not, the supervision line, and visits. Legal professionals:
models_roster.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Building, code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order
from doorstep.modules.grids.models_plans import (
    PIN_KINDS,
    CompoundDifficulty,
    GridPlan,
    PlannedGrid,
    PlanPin,
    PlanRemark,
    PlanVersion,
)
from doorstep.modules.grids.models_roster import LegalVisit, Professional, Question, RosterSlot
from doorstep.modules.grids.models_staffing import STAFF_PINS, StaffPin, StaffPlan, StaffVersion, StandIn

__all__ = [
    "DUTIES",
    "FORCE_KINDS",
    "PIN_KINDS",
    "STAFF_PINS",
    "CompoundDifficulty",
    "GridForce",
    "GridPlan",
    "GridWork",
    "LegalVisit",
    "PlanPin",
    "PlanRemark",
    "PlanVersion",
    "PlannedGrid",
    "Professional",
    "Question",
    "RosterSlot",
    "RuleValue",
    "StaffPin",
    "StaffPlan",
    "StaffVersion",
    "StandIn",
    "SupervisionLine",
    "Visit",
]

# Duties of a grid worker (《滨州市社会治理网格化服务管理条例》第三条，作参照).
DUTIES = [
    ("information", _("信息采集")), ("opinion", _("民意收集")), ("hazard", _("隐患排查")), ("dispute", _("矛盾排查")),
    ("publicity", _("政策宣传")), ("agency", _("便民代办")), ("psychological", _("心理关怀")),
]  # fmt: skip
FORCE_KINDS = [
    ("police", _("公安")), ("fire", _("消防")), ("urban_management", _("城管执法")), ("health", _("医疗卫生")),
    ("emergency", _("应急")), ("property", _("物业")), ("other", _("其他")),
]  # fmt: skip


class GridForce(Dated):
    """Somebody of another office who answers for a grid too: a police officer, a fire post, a property company.

    `phone` is an office's, never a person's. The name is public only where the office itself publishes it (`name_public`).
    """

    place_code = code_field(15, _("网格"))
    kind = models.CharField(_("力量"), max_length=20, choices=FORCE_KINDS)
    unit = models.CharField(_("单位"), max_length=80)
    name = models.CharField(_("姓名"), max_length=40, blank=True)
    post = models.CharField(_("职务"), max_length=40, blank=True)
    phone = models.CharField(_("办公电话"), max_length=40, blank=True)
    name_public = models.BooleanField(_("姓名公开"), default=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("下沉力量")
        constraints = [
            period_order("grid_force_period"),
            ExclusionConstraint(
                name="grid_force_once",
                expressions=[
                    ("place_code", "="), ("kind", "="), ("unit", "="), ("name", "="), (DateRange(), "&&"),
                ],
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["place_code", "id"], name="grid_force_place")]

    def __str__(self) -> str:
        return " ".join(part for part in (self.unit, self.post, self.name) if part)


class SupervisionLine(Dated):
    """The telephone at which anybody may complain of grid work in a place and below it; the nearest one holds."""

    place_code = code_field(15, _("地方"))
    name = models.CharField(_("受理单位"), max_length=80)
    phone = models.CharField(_("监督电话"), max_length=40)
    hours = models.CharField(_("受理时间"), max_length=80, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("监督电话")
        constraints = [
            period_order("supervision_line_period"),
            ExclusionConstraint(
                name="supervision_line_one", expressions=[("place_code", "="), (DateRange(), "&&")]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.phone}"


class GridWork(Dated):
    """One line of a district's published list of what grid work is, or is not and who does it instead."""

    place_code = code_field(15, _("适用地方"))
    code = models.CharField(_("代码"), max_length=40, db_collation="C")
    name = models.CharField(_("事项"), max_length=80)
    is_grid_work = models.BooleanField(_("属网格工作"), default=True)
    elsewhere = models.CharField(_("由谁办"), max_length=120, blank=True)
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("网格工作清单")
        constraints = [
            period_order("grid_work_period"),
            ExclusionConstraint(
                name="grid_work_once", expressions=[("place_code", "="), ("code", "="), (DateRange(), "&&")]
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Visit(models.Model):
    """A visit in a grid, as its worker noted it: when, where at most by building, what for, in words if need be.

    No position, no picture, no duration. Names of people only where the visit served them; they and the words go when
    the term of keeping ends (`erased_at`), the count stays.
    """

    place_code = code_field(15, _("网格"))
    visited_on = models.DateField(_("日期"))
    kind = models.CharField(_("走访内容"), max_length=20, choices=DUTIES)
    building = models.ForeignKey(
        Building, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("楼栋")
    )
    door = models.CharField(_("门牌"), max_length=40, blank=True)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("服务对象")
    )
    note = models.CharField(_("情况"), max_length=500, blank=True)
    worker = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("走访人")
    )
    written_at = models.DateTimeField(_("登记时间"))
    token = models.UUIDField(null=True, editable=False, unique=True)  # what a phone sends twice is one visit
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("走访")
        indexes = [
            models.Index(fields=["place_code", "-visited_on", "-id"], name="visit_place_day"),
            models.Index(fields=["-visited_on", "-id"], name="visit_day"),
            models.Index(fields=["visited_on"], condition=models.Q(erased_at=None), name="visit_unerased"),
        ]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.get_kind_display()}"


class RuleValue(Dated):
    """One number of the module's rules, with its source: `visit.keep_months`."""

    key = models.CharField(_("规则"), max_length=60)
    value = models.JSONField(_("值"))
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则值")
        constraints = [
            period_order("grids_rule_value_period"),
            ExclusionConstraint(name="grids_rule_value_one", expressions=[("key", "="), (DateRange(), "&&")]),
        ]
