"""Plans of who works which grid: versions, what people decided beforehand, who stands in for whom. Nothing here is in force; a
plan becomes appointments by `kernel.organisations.services_rearranging` on its day."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.models import code_field
from doorstep.kernel.proposals.models import (
    STATES,
    Proposal,
    ProposalPin,
    ProposalVersion,
    second_person,
    sent_with_its_day,
)

STAFF_KINDS = [
    ("today", _("现状")), ("computed", _("计算结果")), ("moved", _("换网格员")), ("undone", _("撤销一步")),
]  # fmt: skip
STAFF_PINS = [("hold", _("定给这个人")), ("wish", _("愿意管这个网格"))]


class StaffPlan(Proposal):
    """Who is to work which grid of a community's or street's residents' committees.

    grids: codes, the order of all versions' holders. workers: appointments on the day it was made. today: their grids then, by
    appointment. slack: how much heavier than need be the heaviest worker may be so that less changes, 0.05 for 5 %; price: what
    a grid that changes hands costs. problems: by community, why it cannot be planned; it then stays as it is.
    """

    weights = models.JSONField(_("工作量公式"))
    grids = models.JSONField(_("网格"), default=list)
    workers = models.JSONField(_("网格员"), default=list)
    today = models.JSONField(_("现在的安排"), default=dict)
    slack = models.FloatField(_("最重的可以多重"), default=0.0)
    price = models.FloatField(_("一个网格换人的代价"), default=0.2)
    problems = models.JSONField(_("不能计算的社区"), default=dict)
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default="ready")
    current = models.ForeignKey("StaffVersion", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("网格员方案")
        constraints = [
            models.CheckConstraint(condition=Q(slack__range=(0, 1)), name="staff_plan_slack"),
            sent_with_its_day("staff_plan_sent"),
            second_person("staff_plan_second_person"),
            second_person("staff_plan_deciding_person", "deciding_by"),
        ]
        indexes = [
            models.Index(fields=["place_code", "-id"], name="staff_plan_place"),
            models.Index(fields=["effective_on"], condition=Q(state="approved"), name="staff_plan_due"),
        ]


class StaffVersion(ProposalVersion):
    """The plan at one moment. holders: the appointment that has each grid, null for nobody. stand_ins: by appointment, who
    stands in for it on leave."""

    plan = models.ForeignKey(StaffPlan, on_delete=models.CASCADE, related_name="versions")
    kind = models.CharField(_("怎样来的"), max_length=10, choices=STAFF_KINDS)
    holders = models.JSONField(_("网格员"))
    stand_ins = models.JSONField(_("休假由谁代理"), default=dict)

    class Meta:
        verbose_name = _("网格员方案版本")
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="staff_version_once")]


class StaffPin(ProposalPin):
    """What was decided beforehand: this grid is somebody's, or somebody would rather have it. worker: an appointment."""

    plan = models.ForeignKey(StaffPlan, on_delete=models.CASCADE, related_name="pins")
    kind = models.CharField(_("要求"), max_length=6, choices=STAFF_PINS)
    grid = code_field(15, _("网格"))
    worker = models.BigIntegerField(_("网格员"))

    class Meta:
        verbose_name = _("网格员方案要求")
        constraints = [
            models.UniqueConstraint(fields=["plan", "grid"], condition=Q(kind="hold"), name="staff_pin_hold_once"),
            models.UniqueConstraint(fields=["plan", "grid", "worker", "kind"], name="staff_pin_once"),
        ]  # fmt: skip


class StandIn(models.Model):
    """Who stands in for a worker on leave, as the plan that took effect says: what is proposed when there is leave."""

    plan = models.ForeignKey(StaffPlan, on_delete=models.CASCADE, related_name="stand_ins")
    place_code = code_field(12, _("社区"))
    worker = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="+", verbose_name=_("网格员")
    )
    other = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="+", verbose_name=_("代理人")
    )

    class Meta:
        verbose_name = _("休假代理名单")
        constraints = [models.UniqueConstraint(fields=["plan", "worker"], name="stand_in_once")]

    def __str__(self) -> str:
        return f"{self.worker_id} {self.other_id}"
