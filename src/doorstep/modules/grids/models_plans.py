"""Plans of grids: what was asked, its versions, what people decided beforehand, the grids it would make, and how hard the
work in a compound is. Nothing here is in force; a plan becomes grids by `kernel.places.services_redraw` on its day."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.places.models import Compound, code_field
from doorstep.kernel.proposals import models as proposals
from doorstep.kernel.proposals.models import (
    Proposal,
    ProposalPin,
    ProposalVersion,
    second_person,
    sent_with_its_day,
)
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order

STATES = [("waiting", _("排队等候")), ("running", _("正在计算")), *proposals.STATES]
KINDS = [
    ("today", _("现状")), ("better", _("计算中的方案")), ("run", _("计算结果")), ("moved", _("移动楼栋")),
    ("pinned", _("加了要求")), ("unpinned", _("去掉要求")), ("undone", _("撤销一步")),
]  # fmt: skip
PIN_KINDS = [("together", _("须在一起")), ("apart", _("须分开")), ("inside", _("定在一个网格"))]


class GridPlan(Proposal):
    """One plan of a community's, a street's or the district's basic grids.

    on: the day whose buildings and grids it begins from. asked: how many grids, by community code. weights: planning's Weights
    as JSON. price: what a household that changes its grid costs. buildings: ids, the order of all versions' labels. codes: of the
    grids when the plan was made; a code's place is the grid's number, new grids have higher or free numbers. share: of
    the present run, 0 to 1. workers: by number of a new grid, the appointment that is to work it, where the officer chose one.
    with_staff: drawn around the workers in office, as many territories as there are of them first; workers then has who gets each
    grid, and on its day everybody has the grids named there.
    """

    weights = models.JSONField(_("工作量公式"))
    asked = models.JSONField(_("网格数"))
    seconds = models.PositiveSmallIntegerField(_("计算时间"), help_text=_("秒"))
    seed = models.PositiveIntegerField(default=0)
    price = models.FloatField(_("每户变动网格的代价"), default=1.0)
    buildings = models.JSONField(_("楼栋"), default=list)
    codes = models.JSONField(_("现有网格"), default=list)
    workers = models.JSONField(_("选定的网格员"), default=dict)
    with_staff = models.BooleanField(_("按网格员划分"), default=False)
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default="waiting")
    share = models.FloatField(_("进度"), default=0.0)
    stop_asked = models.BooleanField(default=False)
    current = models.ForeignKey("PlanVersion", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("网格方案")
        constraints = [
            models.CheckConstraint(condition=Q(share__range=(0, 1)), name="grid_plan_share"),
            sent_with_its_day("grid_plan_sent"),
            second_person("grid_plan_second_person"),
            second_person("grid_plan_deciding_person", "deciding_by"),
        ]
        indexes = [
            models.Index(fields=["place_code", "-id"], name="grid_plan_place"),
            models.Index(
                fields=["effective_on"], condition=Q(state="approved"), name="grid_plan_due"
            ),
        ]  # fmt: skip


class PlanVersion(ProposalVersion):
    """The plan at one moment. labels: a grid's number for each building of the plan, null where it has none today."""

    plan = models.ForeignKey(GridPlan, on_delete=models.CASCADE, related_name="versions")
    kind = models.CharField(_("怎样来的"), max_length=10, choices=KINDS)
    labels = models.JSONField(_("网格号"))
    bounds = models.JSONField(_("下界"), null=True)

    class Meta:
        verbose_name = _("方案版本")
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once")]


class PlanPin(ProposalPin):
    """What an officer decided beforehand: buildings in one grid, two buildings in two grids, a building in this grid."""

    plan = models.ForeignKey(GridPlan, on_delete=models.CASCADE, related_name="pins")
    kind = models.CharField(_("要求"), max_length=10, choices=PIN_KINDS)
    buildings = models.JSONField(_("楼栋"))
    number = models.PositiveIntegerField(_("网格号"), null=True)

    class Meta:
        verbose_name = _("方案要求")


class PlannedGrid(models.Model):
    """A grid the plan would have. code: the grid of today it continues, "" for a new one."""

    plan = models.ForeignKey(GridPlan, on_delete=models.CASCADE, related_name="grids")
    number = models.PositiveIntegerField(_("网格号"))
    community = code_field(12, _("社区"))
    code = code_field(15, _("现有网格"), blank=True)
    name = models.CharField(_("名称"), max_length=60)

    class Meta:
        verbose_name = _("方案网格")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="planned_grid_once"),
            models.UniqueConstraint(
                fields=["plan", "community", "name"], name="planned_grid_name", deferrable=models.Deferrable.DEFERRED
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class PlanRemark(models.Model):
    """What somebody who sees the plan says of it."""

    plan = models.ForeignKey(GridPlan, on_delete=models.CASCADE, related_name="remarks")
    text = models.CharField(_("意见"), max_length=300)
    at = models.DateTimeField(_("时间"))
    account_ref = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("方案意见")

    def __str__(self) -> str:
        return self.text


class CompoundDifficulty(Dated):
    """How hard the work in a compound is against an ordinary one, which has 1: old courts without lifts, many alone."""

    place_code = code_field(15, _("地方"))
    compound = models.ForeignKey(Compound, on_delete=models.PROTECT, related_name="difficulties")
    factor = models.FloatField(_("难度系数"))
    reason = models.CharField(_("理由"), max_length=120)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("小区难度")
        constraints = [
            period_order("compound_difficulty_period"),
            models.CheckConstraint(condition=Q(factor__range=(0.5, 3)), name="compound_difficulty_range"),
            ExclusionConstraint(
                name="compound_difficulty_once", expressions=[("compound", "="), (DateRange(), "&&")]
            ),
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="compound_difficulty_place")]

    def __str__(self) -> str:
        return f"{self.compound} {self.factor:g}"
