"""What people gather for: the activity, its sessions in time, who signed up, who was there, and what was put right.

Nothing is compulsory, and nobody's position is kept: an attendance says when somebody came and went, and how it was
witnessed. One person is in one place at a time, by the database.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Venue, code_field
from doorstep.kernel.shared.dated import InstantRange

ANNOUNCED, CANCELLED, CONFIRMED = "announced", "cancelled", "confirmed"
SESSION_STATES = [(ANNOUNCED, _("已发布")), (CANCELLED, _("已取消")), (CONFIRMED, _("已确认"))]
JOINED, WAITING, ASKING, WITHDRAWN = "joined", "waiting", "asking", "withdrawn"
SIGN_UP_STATES = [
    (JOINED, _("已报名")), (WAITING, _("候补")), (ASKING, _("等监护人同意")), (WITHDRAWN, _("已退出")),
]  # fmt: skip
BY_CODE, BY_TICK, BY_CARD, BY_LIST = "code", "tick", "card", "list"
WITNESSES = [
    (BY_CODE, _("现场动态码")), (BY_TICK, _("组织者点名")), (BY_CARD, _("志愿者卡")), (BY_LIST, _("补录名单")),
]  # fmt: skip


class Activity(models.Model):
    """Something people gather for, announced by a unit. `kind` is a declared one (`kinds.py`), `category` its module's own
    class of it (a kind of service, a kind of event).

    Conditions hold at sign-up: age in whole years on the day, a declared skill; a minor needs a guardian's word. Work that
    `needs_insurance` begins only after the insurance is noted.
    """

    key = models.UUIDField(unique=True, editable=False)  # announced twice by one click, kept once
    kind = models.CharField(_("种类"), max_length=20, db_collation="C")
    category = models.CharField(_("类别"), max_length=40, db_collation="C", blank=True)
    place_code = code_field(15, _("地方"))
    organiser = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="activities", verbose_name=_("组织单位")
    )
    title = models.CharField(_("名称"), max_length=80)
    text = models.CharField(_("内容"), max_length=2000, blank=True)
    venue = models.ForeignKey(
        Venue, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("场所")
    )
    where = models.CharField(_("地点"), max_length=120)
    phone = models.CharField(_("联系电话"), max_length=40, blank=True)
    least_age = models.PositiveSmallIntegerField(_("最低年龄"), null=True, blank=True)
    most_age = models.PositiveSmallIntegerField(_("最高年龄"), null=True, blank=True)
    skill = models.CharField(_("技能"), max_length=40, blank=True)
    needs_insurance = models.BooleanField(_("须先办保险"), default=False)
    by_sign_up = models.BooleanField(_("需要报名"), default=True)
    is_public = models.BooleanField(_("公开"), default=True)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(_("发布时间"))
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("活动")
        constraints = [
            models.CheckConstraint(
                condition=Q(least_age=None) | Q(most_age=None) | Q(most_age__gte=F("least_age")),
                name="activity_ages",
            )
        ]
        indexes = [
            models.Index(fields=["place_code", "-id"], name="activity_place"),
            models.Index(fields=["organiser", "-id"], name="activity_organiser"),
        ]

    def __str__(self) -> str:
        return self.title


class Session(models.Model):
    """One time of an activity. `day` is the district's day on which it begins.

    confirmed: the organiser has said who was there; nothing about attendance changes afterwards but by a correction.
    `head_count`: how many were there where nobody signed up. `insurance`: the policy, before risky work.
    """

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="sessions", db_index=False)
    number = models.PositiveSmallIntegerField(default=1)
    # the activity's own, so that the calendar of a place and figures read one table by one index
    kind = models.CharField(_("种类"), max_length=20, db_collation="C")
    category = models.CharField(_("类别"), max_length=40, db_collation="C", blank=True)
    place_code = code_field(15, _("地方"))
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    day = models.DateField(_("日期"))
    capacity = models.PositiveIntegerField(_("名额"), null=True, blank=True)
    closes_at = models.DateTimeField(_("报名截止"))
    state = models.CharField(_("状态"), max_length=12, choices=SESSION_STATES, default=ANNOUNCED)
    insurance = models.CharField(_("保险单号"), max_length=60, blank=True)
    head_count = models.PositiveIntegerField(_("到场人数"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("确认时间"), null=True)
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    cancelled_at = models.DateTimeField(_("取消时间"), null=True)
    reason = models.CharField(_("取消原因"), max_length=200, blank=True)
    reminded_at = models.DateTimeField(null=True, editable=False)
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("场次")
        constraints = [
            models.UniqueConstraint(fields=["activity", "number"], name="session_number"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_hours"),
            models.CheckConstraint(condition=Q(closes_at__lte=F("ends_at")), name="session_closes"),
            models.CheckConstraint(condition=Q(capacity=None) | Q(capacity__gt=0), name="session_capacity"),
            models.CheckConstraint(
                condition=~Q(state=CONFIRMED) | Q(confirmed_at__isnull=False), name="session_confirmed"
            ),
            models.CheckConstraint(
                condition=~Q(state=CANCELLED) | Q(cancelled_at__isnull=False), name="session_cancelled"
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "place_code", "-starts_at", "-id"], name="session_kind_place"),
            models.Index(fields=["place_code", "starts_at", "id"], name="session_place_time"),
            models.Index(fields=["kind", "state", "day"], name="session_kind_state_day"),
            models.Index(
                fields=["starts_at"], name="session_to_remind",
                condition=Q(state=ANNOUNCED, reminded_at__isnull=True),
            ),
            models.Index(fields=["ends_at", "id"], name="session_to_confirm", condition=Q(state=ANNOUNCED)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.day} {self.activity.title}"


class SignUp(models.Model):
    """Somebody means to come. Times are the session's, copied so that the database keeps anybody from being promised to
    two places at once.

    asking: a minor whose guardian has not agreed yet; `guardian` agreed on their own phone, or the organiser saw a paper
    (`paper_seen_by`). Places on the waiting list go by `id`.
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="sign_ups", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(_("状态"), max_length=10, choices=SIGN_UP_STATES)
    at = models.DateTimeField(_("报名时间"))
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_minor = models.BooleanField(_("未成年"), default=False)
    guardian = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    paper_seen_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("报名")
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="sign_up_once"),
            models.CheckConstraint(condition=~Q(person=F("guardian")), name="sign_up_guardian_other"),
            models.CheckConstraint(
                condition=~Q(state=JOINED) | Q(is_minor=False) | Q(agreed_at__isnull=False),
                name="sign_up_guarded",
            ),
            ExclusionConstraint(
                name="sign_up_one_place_at_a_time",
                expressions=[("person", "="), (InstantRange("starts_at", "ends_at"), "&&")],
                condition=Q(state=JOINED),
            ),
        ]
        indexes = [
            models.Index(fields=["session", "state", "id"], name="sign_up_session"),
            models.Index(fields=["person", "-starts_at"], name="sign_up_person"),
        ]


class Attendance(models.Model):
    """Somebody was there, from `in_at` until `until` (the check-out, before that the session's end).

    `struck`: a correction found that it was not so; the row stays.
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendances", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    in_at = models.DateTimeField(_("到场"))
    out_at = models.DateTimeField(_("离场"), null=True)
    until = models.DateTimeField()
    how_in = models.CharField(_("到场方式"), max_length=8, choices=WITNESSES)
    how_out = models.CharField(_("离场方式"), max_length=8, choices=WITNESSES, blank=True)
    recorded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(_("登记时间"))
    struck = models.BooleanField(_("已剔除"), default=False)

    class Meta:
        verbose_name = _("到场")
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="attendance_once"),
            models.CheckConstraint(condition=Q(until__gt=F("in_at")), name="attendance_hours"),
            models.CheckConstraint(condition=Q(out_at=None) | Q(out_at=F("until")), name="attendance_until"),
            ExclusionConstraint(
                name="attendance_one_place_at_a_time",
                expressions=[("person", "="), (InstantRange("in_at", "until"), "&&")],
                condition=Q(struck=False),
            ),
        ]
        indexes = [models.Index(fields=["person", "-in_at"], name="attendance_person")]

    @property
    def minutes(self) -> int:
        """Whole minutes between coming and going; 0 before the check-out."""
        return 0 if self.out_at is None else int((self.out_at - self.in_at).total_seconds() // 60)


class Correction(models.Model):
    """One change of what stands about an attendance after the fact, by somebody who did not record it, with a reason.
    Never changed, never removed."""

    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT, related_name="corrections")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(_("时间"))
    reason = models.CharField(_("原因"), max_length=200)
    in_before = models.DateTimeField(null=True)
    out_before = models.DateTimeField(null=True)
    in_after = models.DateTimeField(null=True)
    out_after = models.DateTimeField(null=True)
    struck = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("到场更正")
        indexes = [models.Index(fields=["-at", "-id"], name="correction_at")]


class OwnCalendar(models.Model):
    """Somebody's own activities may be read, without signing in, by whoever has the secret address: their phone's calendar.

    `token_digest`: SHA-256 of the secret, which is kept nowhere. Made anew, the address before it is dead.
    """

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    token_digest = models.CharField(max_length=64, unique=True, editable=False, db_collation="C")
    made_at = models.DateTimeField(_("启用时间"))

    class Meta:
        verbose_name = _("手机日历")
