"""Plans of building groups, their versions, and how many members live in each building: dated counts, never a roster."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.places.models import Building, code_field
from doorstep.kernel.proposals.models import STATES, Proposal, ProposalPin, ProposalVersion, second_person

KINDS = [
    ("today", _("现状")), ("run", _("计算结果")), ("moved", _("移动楼栋")), ("pinned", _("加了要求")),
    ("unpinned", _("去掉要求")), ("undone", _("撤销一步")),
]  # fmt: skip
PIN_KINDS = [("together", _("须在一起")), ("apart", _("须分开")), ("inside", _("定在一个小组"))]


class BuildingMembers(models.Model):
    """How many full members of the Party lived in a building on a day; a count, never a roster. place_code: its community."""

    place_code = code_field(12, _("社区"))
    building = models.ForeignKey(
        Building,
        on_delete=models.PROTECT,
        related_name="member_counts",
        db_index=False,
        verbose_name=_("楼栋"),
    )
    counted_on = models.DateField(_("统计日期"))
    full = models.PositiveSmallIntegerField(_("正式党员"))

    class Meta:
        verbose_name = _("楼栋党员人数")
        constraints = [
            models.UniqueConstraint(fields=["building", "counted_on"], name="building_members_once"),
            models.CheckConstraint(condition=Q(full__lte=9999), name="building_members_range"),
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="building_members_place")]

    def __str__(self) -> str:
        return f"{self.building_id} {self.counted_on} {self.full}"


class GroupPlan(Proposal):
    """One plan of the building groups of a community, or of one branch of it.

    on: the day its data is of. asked: groups of a branch by its id, for those where somebody said a number; the others have as many
    as come nearest to `size` members each. short: buildings apart from the rest with too few members may be a group by
    themselves. buildings, branches, members, estimated: ids, each one's branch, its full members, 1 where these are an estimate;
    in the order of all versions' labels. groups: today's groups; a group's place is its number, new ones have higher numbers.
    names: by number, what somebody called a group. approval: the document that lets groups be below the minimum. outcome: what
    changed for whom on the day it took effect.
    """

    place_code = code_field(12, _("社区"))
    branch = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    minimum = models.PositiveSmallIntegerField(_("每组至少"))
    size = models.PositiveSmallIntegerField(_("每组大约"))
    short = models.BooleanField(_("单独成组"), default=True)
    asked = models.JSONField(_("小组数"), default=dict)
    buildings = models.JSONField(_("楼栋"))
    branches = models.JSONField(_("党支部"))
    members = models.JSONField(_("正式党员"))
    estimated = models.JSONField(_("估算"))
    groups = models.JSONField(_("现有小组"))
    names = models.JSONField(_("小组名称"), default=dict)
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default="ready")
    current = models.ForeignKey("GroupPlanVersion", on_delete=models.PROTECT, null=True, related_name="+")
    approval = models.CharField(_("例外批准文号"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("楼栋党小组方案")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "approved", "applied"])
                | Q(sent_by__isnull=False, effective_on__isnull=False) & ~Q(document=""),
                name="group_plan_sent",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "applied"]) | Q(approved_by__isnull=False),
                name="group_plan_approved",
            ),
            second_person("group_plan_second_person"),
            second_person("group_plan_deciding_person", "deciding_by"),
        ]
        indexes = [
            models.Index(fields=["place_code", "-id"], name="group_plan_place"),
            models.Index(
                fields=["effective_on"], condition=Q(state="approved"), name="group_plan_due"
            ),
        ]  # fmt: skip


class GroupPlanVersion(ProposalVersion):
    """The plan at one moment. labels: a group's number for each building, null where it has none."""

    plan = models.ForeignKey(GroupPlan, on_delete=models.CASCADE, related_name="versions")
    kind = models.CharField(_("怎样来的"), max_length=10, choices=KINDS)
    labels = models.JSONField(_("小组号"))

    class Meta:
        verbose_name = _("小组方案版本")
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="group_plan_version_once")]


class GroupPlanPin(ProposalPin):
    """What somebody decided beforehand: buildings in one group, two buildings in two, buildings in the group with this number. anchor:
    the building that stood for that group when it was decided: wherever it goes, they go."""

    plan = models.ForeignKey(GroupPlan, on_delete=models.CASCADE, related_name="pins")
    kind = models.CharField(_("要求"), max_length=10, choices=PIN_KINDS)
    buildings = models.JSONField(_("楼栋"))
    number = models.PositiveIntegerField(_("小组号"), null=True)
    anchor = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("小组方案要求")
