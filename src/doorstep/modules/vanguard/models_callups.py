"""A call-up for a big event: who is called, at which positions, in which shifts; seats offered; notes from shift to shift."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.models import Activity, Session
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field

ANSWERS = [("yes", _("能来")), ("no", _("来不了"))]


class Callup(models.Model):
    """A district or street calls units and posts up for an event (a summit, a marathon). `ended_at`: it is over, or called
    off; its shifts and who was there stay."""

    key = models.UUIDField(unique=True, editable=False)  # sent twice by one click, kept once
    place_code = code_field(15, _("地方"))
    name = models.CharField(_("集结名称"), max_length=80)
    about = models.CharField(_("说明"), max_length=1000, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("发起单位"))
    document = models.CharField(_("文号"), max_length=80, blank=True)
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField(_("发起时间"))
    ended_at = models.DateTimeField(_("收尾时间"), null=True)

    class Meta:
        verbose_name = _("党员集结")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="vanguard_callup_days")
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="vanguard_callup_place")]

    def __str__(self) -> str:
        return self.name


class Called(models.Model):
    """One that is called: a unit, or a vanguard post, with how many people it is asked for, and what it answered: how many are
    `coming`, or a `reason` why nobody is. Asked for another number it has not answered."""

    callup = models.ForeignKey(Callup, on_delete=models.PROTECT, related_name="called", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    post = models.ForeignKey("Post", on_delete=models.PROTECT, null=True, related_name="+")
    people = models.PositiveSmallIntegerField(_("人数"))
    answer = models.CharField(_("答复"), max_length=3, choices=ANSWERS, blank=True)
    coming = models.PositiveSmallIntegerField(_("能来几人"), null=True)
    reason = models.CharField(_("来不了的原因"), max_length=200, blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    answered_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("集结对象")
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=True, post__isnull=False) | Q(unit__isnull=False, post__isnull=True),
                name="vanguard_called_one",
            ),
            models.CheckConstraint(condition=Q(people__gt=0), name="vanguard_called_people"),
            models.CheckConstraint(
                condition=Q(answer="", coming=None, reason="", answered_at=None)
                | Q(answer="yes", coming__gt=0, reason="", answered_at__isnull=False)
                | Q(answer="no", coming=None, answered_at__isnull=False) & ~Q(reason=""),
                name="vanguard_called_answered_whole",
            ),
            models.UniqueConstraint(
                fields=["callup", "unit", "post"], name="vanguard_called_once", nulls_distinct=False
            ),
        ]


class Position(models.Model):
    """A place of the event where people stand: an activity whose sessions are the shifts."""

    callup = models.ForeignKey(Callup, on_delete=models.PROTECT, related_name="positions", db_index=False)
    activity = models.OneToOneField(Activity, on_delete=models.PROTECT, related_name="vanguard_position")
    place_code = code_field(15, _("地方"))

    class Meta:
        verbose_name = _("集结岗位")
        indexes = [models.Index(fields=["callup", "id"], name="vanguard_position_callup")]

    def __str__(self) -> str:
        return str(self.activity)


class SeatOffer(models.Model):
    """Somebody offers their place in a shift to another. It is theirs until the other takes it; then it has passed in one step.

    Open while neither taken nor withdrawn."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    place_code = code_field(15, _("地方"))
    at = models.DateTimeField(_("提出时间"))
    taken_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    taken_at = models.DateTimeField(_("接替时间"), null=True)
    withdrawn_at = models.DateTimeField(_("收回时间"), null=True)

    class Meta:
        verbose_name = _("请人接替")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person"],
                condition=Q(taken_at=None, withdrawn_at=None),
                name="vanguard_offer_once",
            ),
            models.CheckConstraint(
                condition=Q(taken_at=None, taken_by=None) | Q(taken_at__isnull=False, withdrawn_at=None),
                name="vanguard_offer_taken",
            ),
            models.CheckConstraint(condition=~Q(person=F("taken_by")), name="vanguard_offer_other"),
        ]
        indexes = [models.Index(fields=["session", "id"], name="vanguard_offer_session")]


class HandOver(models.Model):
    """What a shift leaves to the next one of the same position. Never changed."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+", db_index=False)
    place_code = code_field(15, _("地方"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(_("时间"))
    text = models.CharField(_("交接内容"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("交接记录")
        indexes = [models.Index(fields=["session", "id"], name="vanguard_hand_over_session")]
