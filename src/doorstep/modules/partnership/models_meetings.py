"""The consultation meetings of a joint committee: topics collected ahead, the notice, the minutes, what was resolved; and activities
that partners hold together.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.models import Activity, Session
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.obligations.models import Minutes, Proof
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import InstantRange

COLLECTED, TAKEN, DECLINED = "collected", "taken", "declined"
TOPIC_STATES = [(COLLECTED, _("已征集")), (TAKEN, _("已列入议程")), (DECLINED, _("未列入"))]
PRESSING, ORDINARY, LONG = "pressing", "ordinary", "long"
RESOLUTION_CLASSES = [(PRESSING, _("急办")), (ORDINARY, _("一般")), (LONG, _("长期"))]


class Consultation(models.Model):
    """A consultation meeting that is called: when, where, until which day topics are taken. What it came to is in its minutes.

    `notified_at`: its members were told. Called off it stays, with the reason.
    """

    key = models.UUIDField(unique=True, editable=False)  # called twice by one click, called once
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("社区党组织")
    )
    place_code = code_field(15, _("地方"))
    title = models.CharField(_("名称"), max_length=80)
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    where = models.CharField(_("地点"), max_length=120)
    topics_until = models.DateField(_("议题征集到"))
    called_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    called_at = models.DateTimeField(_("召集时间"))
    notified_at = models.DateTimeField(_("通知时间"), null=True)
    minutes = models.OneToOneField(Minutes, on_delete=models.PROTECT, null=True, related_name="consultation")
    cancelled_at = models.DateTimeField(_("取消时间"), null=True)
    reason = models.CharField(_("取消原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("协商议事会")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="consultation_hours"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(minutes__isnull=True) & ~Q(reason=""),
                name="consultation_called_off",
            ),
            ExclusionConstraint(
                name="consultation_one_at_a_time",
                expressions=[("unit", "="), (InstantRange("starts_at", "ends_at"), "&&")],
                condition=Q(cancelled_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["place_code", "-starts_at", "-id"], name="consultation_place"),
            models.Index(fields=["unit", "-starts_at"], name="consultation_unit"),
        ]

    def __str__(self) -> str:
        return self.title


class Topic(models.Model):
    """Something to be talked over, brought by a member or a partner unit; taken up or left out, with the reason, by somebody else."""

    key = models.UUIDField(unique=True, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, related_name="topics", db_index=False
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("提出单位")
    )
    place_code = code_field(15, _("地方"))
    title = models.CharField(_("议题"), max_length=80)
    text = models.CharField(_("说明"), max_length=1000, blank=True)
    brought_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    brought_at = models.DateTimeField(_("提出时间"))
    state = models.CharField(_("状态"), max_length=10, choices=TOPIC_STATES, default=COLLECTED)
    screened_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    screened_at = models.DateTimeField(_("筛选时间"), null=True)
    reason = models.CharField(_("未列入的原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("议题")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=COLLECTED) | Q(screened_at__isnull=False), name="topic_screened"
            ),
            models.CheckConstraint(condition=~Q(state=DECLINED) | ~Q(reason=""), name="topic_left_out"),
            models.CheckConstraint(
                condition=Q(screened_by=None) | Q(brought_by=None) | ~Q(screened_by=F("brought_by")),
                name="topic_screened_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["consultation", "id"], name="topic_consultation"),
            models.Index(fields=["place_code", "-id"], name="topic_place"),
        ]

    def __str__(self) -> str:
        return self.title


class Resolution(models.Model):
    """What a meeting with quorum resolved, as a matter with a clock: who does it is `unit`, who confirms it the committee.

    `votes_for`, `votes_against`, `abstained`: how members with a vote voted, as numbers; none of the three of what was entered before
    they were asked for.
    """

    matter = models.OneToOneField(
        Matter, on_delete=models.PROTECT, primary_key=True, related_name="resolution"
    )
    minutes = models.ForeignKey(
        Minutes, on_delete=models.PROTECT, related_name="resolutions", verbose_name=_("会议记录")
    )
    topic = models.ForeignKey(
        Topic,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="resolutions",
        verbose_name=_("议题"),
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="resolutions", verbose_name=_("责任单位")
    )
    place_code = code_field(15, _("地方"))
    number = models.PositiveSmallIntegerField(_("序号"))
    votes_for = models.PositiveSmallIntegerField(_("赞成"), null=True)
    votes_against = models.PositiveSmallIntegerField(_("反对"), null=True)
    abstained = models.PositiveSmallIntegerField(_("弃权"), null=True)

    class Meta:
        verbose_name = _("会议决议")
        constraints = [
            models.UniqueConstraint(fields=["minutes", "number"], name="resolution_number"),
            models.CheckConstraint(
                condition=Q(votes_for=None, votes_against=None, abstained=None)
                | Q(
                    votes_for__isnull=False,
                    votes_for__gte=1,
                    votes_against__isnull=False,
                    abstained__isnull=False,
                ),
                name="resolution_tally_whole",
            ),
        ]
        indexes = [models.Index(fields=["place_code", "-matter"], name="resolution_place")]

    def __str__(self) -> str:
        return str(self.matter)


class Gathering(models.Model):
    """A joint activity of a community and its partners besides the kernel's activity: with which units."""

    activity = models.OneToOneField(Activity, on_delete=models.PROTECT, related_name="gathering")
    place_code = code_field(15, _("地方"))
    units = models.ManyToManyField(Unit, related_name="+", verbose_name=_("参加单位"))

    class Meta:
        verbose_name = _("共建活动")
        indexes = [models.Index(fields=["place_code", "-id"], name="gathering_place")]


class Held(models.Model):
    """That a confirmed session of a joint activity stands as proof of what its community owes."""

    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="held_jointly")
    proof = models.OneToOneField(Proof, on_delete=models.PROTECT, related_name="joint_session")
    place_code = code_field(15, _("地方"))

    class Meta:
        verbose_name = _("共建活动凭据")
