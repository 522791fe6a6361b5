"""Departments paired with communities (结对共建): the plan, item by item, and what was done, confirmed by the community."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order

VISIT, DEED = "visit", "deed"
DEED_KINDS = [(VISIT, _("走访")), (DEED, _("办实事"))]


class Pairing(Dated):
    """A department and a community that help each other, from a day to a day, on a document."""

    department = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="pairings", db_index=False, verbose_name=_("结对部门")
    )
    community = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("结对社区")
    )
    place_code = code_field(15, _("地方"))
    aim = models.CharField(_("结对目标"), max_length=300)
    document = models.CharField(_("文号"), max_length=80)
    end_reason = models.CharField(_("提前结束的原因"), max_length=200, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("结对共建")
        constraints = [
            period_order("pairing_period"),
            models.CheckConstraint(condition=~Q(document=""), name="pairing_has_document"),
            ExclusionConstraint(
                name="pairing_once",
                expressions=[("department", "="), ("community", "="), (DateRange(), "&&")],
            ),
        ]
        indexes = [
            models.Index(fields=["place_code", "id"], name="pairing_place"),
            models.Index(fields=["department", "id"], name="pairing_department"),
        ]

    def __str__(self) -> str:
        return self.document


class PlanItem(models.Model):
    """One thing the pairing means to do, by a day. It is done once a confirmed deed stands for it; nobody says so. Dropped, it says
    why."""

    pairing = models.ForeignKey(Pairing, on_delete=models.PROTECT, related_name="items", db_index=False)
    place_code = code_field(15, _("地方"))
    what = models.CharField(_("做什么"), max_length=200)
    due_on = models.DateField(_("到哪天"))
    dropped_at = models.DateTimeField(_("取消时间"), null=True)
    reason = models.CharField(_("取消原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("结对计划")
        constraints = [
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True) | ~Q(reason=""), name="plan_item_dropped"
            ),
            models.UniqueConstraint(
                fields=["pairing", "what", "due_on"], condition=Q(dropped_at=None), name="plan_item_once"
            ),
        ]
        indexes = [models.Index(fields=["pairing", "due_on", "id"], name="plan_item_pairing")]

    def __str__(self) -> str:
        return self.what


class Deed(models.Model):
    """A visit or something done for the community. Recorded by one side, confirmed by the community: never by the same person.

    `people`: how many were served, as a number, never a list of names. Struck out with a reason it counts no more.
    """

    key = models.UUIDField(unique=True, editable=False)
    pairing = models.ForeignKey(Pairing, on_delete=models.PROTECT, related_name="deeds", db_index=False)
    item = models.ForeignKey(
        PlanItem,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deeds",
        verbose_name=_("计划事项"),
    )
    place_code = code_field(15, _("地方"))
    kind = models.CharField(_("种类"), max_length=8, choices=DEED_KINDS)
    day = models.DateField(_("日期"))
    what = models.CharField(_("做了什么"), max_length=400)
    people = models.PositiveIntegerField(_("服务人次"), default=0)
    recorded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(_("登记时间"))
    confirmed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    confirmed_at = models.DateTimeField(_("社区确认时间"), null=True)
    struck_at = models.DateTimeField(_("作废时间"), null=True)
    reason = models.CharField(_("作废原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("结对记录")
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(recorded_by=None) | ~Q(confirmed_by=F("recorded_by")),
                name="deed_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True) | ~Q(reason=""), name="deed_struck_out"
            ),
        ]
        indexes = [
            models.Index(fields=["pairing", "-day", "-id"], name="deed_pairing"),
            models.Index(fields=["place_code", "-day", "-id"], name="deed_place"),
            models.Index(
                fields=["place_code", "id"], name="deed_to_confirm",
                condition=Q(confirmed_at=None, struck_at=None),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.day} {self.what}"
