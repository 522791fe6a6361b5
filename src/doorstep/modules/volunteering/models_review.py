"""What looks odd in the records of service and waits for a person's eye, appeals, and the quarterly public statement."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.models import Session
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field

ODDITIES = [
    ("identical", _("到离场时间完全一致")), ("late", _("集中补录")), ("one_confirmer", _("确认集中在一人")),
    ("journey", _("两地之间时间不够")),
]  # fmt: skip
WAITING, FINE, TAKEN_BACK = "waiting", "fine", "taken_back"
DECISIONS = [(WAITING, _("待看")), (FINE, _("属实")), (TAKEN_BACK, _("不实，已收回"))]
OPEN, UPHELD, DECLINED = "open", "upheld", "declined"
ANSWERS = [(OPEN, _("待答复")), (UPHELD, _("申诉成立")), (DECLINED, _("维持原记录"))]


class Oddity(models.Model):
    """Something that a look by a person is worth, found by numbers alone; never a judgement by itself.

    key: what makes it the same finding again, so that a decided one never comes back. facts: the numbers, no names.
    """

    key = models.CharField(max_length=120, unique=True, db_collation="C")
    kind = models.CharField(_("情形"), max_length=20, choices=ODDITIES)
    place_code = code_field(15, _("地方"))
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="oddities")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(_("数据"), default=dict)
    found_at = models.DateTimeField(_("发现时间"))
    decision = models.CharField(_("结论"), max_length=12, choices=DECISIONS, default=WAITING)
    decided_at = models.DateTimeField(_("核实时间"), null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("核实说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("待核实记录")
        constraints = [
            models.CheckConstraint(
                condition=Q(decision=WAITING) | Q(decided_at__isnull=False), name="oddity_decided"
            )
        ]
        indexes = [models.Index(fields=["place_code", "decision", "-id"], name="oddity_place")]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class Appeal(models.Model):
    """A volunteer says that a record is wrong; somebody who had no part in it answers. One open at a time for a session."""

    volunteer = models.ForeignKey("volunteering.Volunteer", on_delete=models.PROTECT, related_name="appeals")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    place_code = code_field(15, _("地方"))
    text = models.CharField(_("理由"), max_length=500)
    at = models.DateTimeField(_("提出时间"))
    due_on = models.DateField(_("答复期限"))
    outcome = models.CharField(_("结果"), max_length=10, choices=ANSWERS, default=OPEN)
    answer = models.CharField(_("答复"), max_length=500, blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("申诉")
        constraints = [
            models.UniqueConstraint(
                fields=["volunteer", "session"], condition=Q(outcome=OPEN), name="appeal_one_open"
            ),
            models.CheckConstraint(
                condition=Q(outcome=OPEN) | Q(answered_at__isnull=False), name="appeal_answered"
            ),
        ]
        indexes = [models.Index(fields=["place_code", "outcome", "due_on", "id"], name="appeal_place")]

    def __str__(self) -> str:
        return f"{self.place_code} {self.at:%Y-%m-%d}"


class Statement(models.Model):
    """What a place made public of a quarter: points and redemptions as they were counted on the day of publication."""

    place_code = code_field(15, _("地方"))
    quarter = models.DateField(_("季度"))  # its first day
    figures = models.JSONField(_("数据"))
    published_at = models.DateTimeField(_("公示时间"))
    published_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("季度公示")
        constraints = [models.UniqueConstraint(fields=["place_code", "quarter"], name="statement_once")]
