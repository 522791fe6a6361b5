"""The four-level chain: community party organisation, grid party branch, building party group, member household.

Organisations and their post-holders are kernel units and appointments; here is what only the chain knows of them.
Member rosters are not kept: only dated counts.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Building, Grid, code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order
from doorstep.modules.chain.models_group_plans import (
    BuildingMembers,
    GroupPlan,
    GroupPlanPin,
    GroupPlanVersion,
)

__all__ = [
    "FORMS", "Approval", "BranchGrid", "BuildingMembers", "Form", "GroupBuilding", "GroupPlan", "GroupPlanPin", "GroupPlanVersion", "MemberCount",
    "MemberHousehold", "RuleValue", "Term",
]  # fmt: skip

FORMS = [
    ("party_committee", _("党委")), ("general_branch", _("党总支")), ("branch", _("党支部")), ("joint_branch", _("联合党支部")),
]  # fmt: skip


class Form(Dated):
    """Which form a party organisation has, by which document; `units` is how many units a joint branch joins."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="forms", db_index=False)
    form = models.CharField(_("组织形式"), max_length=20, choices=FORMS)
    units = models.PositiveSmallIntegerField(_("联合单位数"), default=0)
    document = models.CharField(_("批准文号"), max_length=80, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("组织形式")
        constraints = [
            period_order("form_period"),
            ExclusionConstraint(name="form_one", expressions=[("unit", "="), (DateRange(), "&&")]),
        ]
        # with all that is asked of it, so that it is read instead of the constraint's own index, which is slow to read
        indexes = [
            models.Index(fields=["unit", "valid_from"], include=["valid_to", "form"], name="form_unit")
        ]


class Term(Dated):
    """One term of a party organisation's committee. `valid_to` is the day it expires; an extension has its document."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="terms", db_index=False)
    number = models.PositiveSmallIntegerField(_("届次"))
    committee_size = models.PositiveSmallIntegerField(_("委员人数"), default=0)
    document = models.CharField(_("批准文号"), max_length=80, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("任期")
        constraints = [
            period_order("term_period"),
            ExclusionConstraint(name="term_one", expressions=[("unit", "="), (DateRange(), "&&")]),
        ]
        indexes = [
            models.Index(
                fields=["unit", "valid_from"], include=["valid_to", "committee_size"], name="term_unit"
            )
        ]


class MemberCount(models.Model):
    """How many members a party organisation had on a day; a count, never a roster."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="member_counts", db_index=False)
    counted_on = models.DateField(_("统计日期"))
    full = models.PositiveSmallIntegerField(_("正式党员"))
    probationary = models.PositiveSmallIntegerField(_("预备党员"), default=0)

    class Meta:
        verbose_name = _("党员人数")
        constraints = [models.UniqueConstraint(fields=["unit", "counted_on"], name="member_count_once")]


class BranchGrid(Dated):
    """A grid party branch covers a grid. A branch may cover several; a grid may have no branch of its own."""

    branch = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="covered_grids", db_index=False)
    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="covering_branches")

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("支部覆盖网格")
        constraints = [
            period_order("branch_grid_period"),
            ExclusionConstraint(
                name="branch_grid_once", expressions=[("branch", "="), ("grid", "="), (DateRange(), "&&")]
            ),
        ]


class GroupBuilding(Dated):
    """A building party group covers a building; a building has one group at a time."""

    group = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="covered_buildings")
    building = models.ForeignKey(
        Building, on_delete=models.PROTECT, related_name="covering_groups", db_index=False
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("小组覆盖楼栋")
        constraints = [
            period_order("group_building_period"),
            ExclusionConstraint(
                name="building_one_group", expressions=[("building", "="), (DateRange(), "&&")]
            ),
        ]


class MemberHousehold(Dated):
    """A household designated as party-member household: dated and revocable.

    Its group is whichever covers its building on the day, so it follows every adjustment; `place_code` is where it stands
    today, and `selectors.with_places` says where it stood on another day. Its name is shown only with the person's consent for the purpose "show_household_name".
    """

    place_code = code_field(15, _("地方"))
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="member_households")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="member_households", db_index=False
    )
    door = models.CharField(_("门牌"), max_length=40, blank=True)
    document = models.CharField(_("批准文号"), max_length=80, blank=True)
    end_reason = models.CharField(_("撤销原因"), max_length=120, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("党员中心户")
        constraints = [
            period_order("household_period"),
            ExclusionConstraint(
                name="household_person_once", expressions=[("person", "="), (DateRange(), "&&")]
            ),
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="household_place")]

    def __str__(self) -> str:
        return f"{self.place_code} {self.door}".strip()


class Approval(Dated):
    """A rule of practice from which the superior let this unit depart: by document, from a day on.

    `rule` is the rule's key; while the approval is in force the departure is no break.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="approvals", db_index=False)
    rule = models.CharField(_("规则"), max_length=60)
    document = models.CharField(_("批准文号"), max_length=80)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("例外批准")
        constraints = [
            period_order("approval_period"),
            ExclusionConstraint(
                name="approval_one", expressions=[("unit", "="), ("rule", "="), (DateRange(), "&&")]
            ),
            models.CheckConstraint(condition=~models.Q(document=""), name="approval_has_document"),
        ]
        indexes = [
            models.Index(fields=["unit", "rule", "valid_from"], include=["valid_to"], name="approval_unit")
        ]


class RuleValue(Dated):
    """One value of the dated rule set (member limits, terms, committee sizes), with its source clause."""

    key = models.CharField(_("规则"), max_length=60)
    value = models.JSONField(_("值"))
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则值")
        constraints = [
            period_order("rule_value_period"),
            ExclusionConstraint(name="rule_value_one", expressions=[("key", "="), (DateRange(), "&&")]),
        ]
