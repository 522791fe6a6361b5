"""The street whistles, departments report: one call with its lawful ground, and each called department's answer."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person

GROUNDS = [
    ("public_issue", _("街道权限以外的突出公共问题")), ("joint_enforcement", _("需要联合执法")),
    ("emergency", _("应急处置")), ("key_task", _("重点工作")),
]  # fmt: skip
WHISTLE_GRADES = [(3, _("好")), (2, _("一般")), (1, _("差"))]


class Whistle(models.Model):
    """What a whistle has beyond its matter. `arrive_by`: when the called departments are to be there."""

    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, primary_key=True, related_name="whistle")
    request = models.ForeignKey(
        "requests.Request", on_delete=models.PROTECT, null=True, blank=True, related_name="whistles"
    )
    ground = models.CharField(_("事由"), max_length=20, choices=GROUNDS)
    street = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("吹哨单位"))
    arrive_by = models.DateTimeField(_("到场时限"))
    plan = models.TextField(_("处置方案"), blank=True)

    class Meta:
        verbose_name = _("吹哨")

    def __str__(self) -> str:
        return str(self.matter)


class WhistleCall(models.Model):
    """One department's side: called, accepted or objected with its reasons, arrived, rated by the street.

    `answer_by`: when its answer is owed, by the term in force when it was called; empty where none was. `wake_at`: when
    the platform next says something of what a supporting department owes; the lead's clock is its matter's own.
    """

    whistle = models.ForeignKey(Whistle, on_delete=models.PROTECT, related_name="calls", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    lead = models.BooleanField(_("牵头"), default=False)
    called_at = models.DateTimeField(_("被叫时间"))
    answer_by = models.DateTimeField(_("应哨时限"), null=True)
    arrive_by = models.DateTimeField(_("到场时限"))
    accepted_at = models.DateTimeField(_("应哨时间"), null=True)
    objected_at = models.DateTimeField(_("异议时间"), null=True)
    objection = models.CharField(_("异议理由"), max_length=500, blank=True)
    released_at = models.DateTimeField(_("解除时间"), null=True)
    arrived_at = models.DateTimeField(_("到场时间"), null=True)
    arrived_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    grade = models.PositiveSmallIntegerField(_("街道评价"), choices=WHISTLE_GRADES, null=True)
    graded_at = models.DateTimeField(_("评价时间"), null=True)
    words = models.CharField(_("评价说明"), max_length=500, blank=True)
    wake_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("应哨")
        constraints = [
            models.UniqueConstraint(
                fields=["whistle", "unit"], condition=Q(released_at__isnull=True), name="whistle_call_once"
            ),
            models.UniqueConstraint(
                fields=["whistle"], condition=Q(lead=True, released_at__isnull=True), name="whistle_one_lead"
            ),
            models.CheckConstraint(
                condition=Q(objected_at__isnull=True) | ~Q(objection=""), name="whistle_objection_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(grade__isnull=True, graded_at__isnull=True)
                | Q(grade__range=(1, 3), graded_at__isnull=False),
                name="whistle_grade",
            ),
        ]
        indexes = [
            models.Index(fields=["whistle", "unit"], name="whistle_call_whistle"),
            models.Index(fields=["wake_at"], name="whistle_call_wake", condition=Q(wake_at__isnull=False)),
        ]

    @property
    def owes_answer(self) -> bool:
        """Has neither accepted nor objected, and was not let go."""
        return self.accepted_at is None and self.objected_at is None and self.released_at is None

    @property
    def due_at(self) -> dt.datetime:
        """When what it owes next is due: its answer, where that has a term, else to be there."""
        return self.answer_by if self.owes_answer and self.answer_by is not None else self.arrive_by
