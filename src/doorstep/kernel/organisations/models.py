"""Units, what they were called and where they stood at any date, their lineage, and who held which post.

A unit is an identity; everything that can change with a date is in its versions, of which exactly one is in force
on each day between founding and dissolution. Lists and counts "as of" a day read versions in force on that day.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.kinds import ADMINISTRATION_POSTS, POSTS, UNIT_KINDS
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order
from doorstep.kernel.shared.names import Named


class Unit(models.Model):
    """Identity of an organisation of any kind, from founding to dissolution. Superseded, never deleted."""

    kind = models.CharField(_("类型"), max_length=40, choices=list(UNIT_KINDS.items()))
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    founded_on = models.DateField(_("成立日期"))
    ended_on = models.DateField(_("终止日期"), null=True, blank=True)
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("单位")
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code", "kind"],
                condition=~Q(credit_code="") & Q(ended_on__isnull=True),
                name="unit_credit_code",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gt=models.F("founded_on")), name="unit_life"
            ),
        ]
        indexes = [models.Index(fields=["kind", "id"], name="unit_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class UnitVersion(Dated, Named):
    """What a unit was on the days of its period: name, place, superior, office. `document` approved this state."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="versions", db_index=False)
    kind = models.CharField(
        _("类型"), max_length=40, choices=list(UNIT_KINDS.items())
    )  # the unit's own, for the index below
    place_code = code_field(15, _("地方"))
    superior = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="subordinate_versions"
    )
    approved_by = models.CharField(_("批准单位"), max_length=120, blank=True)
    document = models.CharField(_("批准文号"), max_length=80, blank=True)
    phone = models.CharField(_("办公电话"), max_length=40, blank=True)
    hours = models.CharField(_("办公时间"), max_length=120, blank=True)
    address = models.CharField(_("办公地址"), max_length=200, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("单位状态")
        constraints = [
            period_order("unit_version_period"),
            ExclusionConstraint(name="unit_one_version", expressions=[("unit", "="), (DateRange(), "&&")]),
            models.CheckConstraint(condition=~Q(superior=models.F("unit")), name="unit_not_own_superior"),
        ]
        indexes = [
            models.Index(fields=["kind", "place_code", "id"], name="unit_version_kind_place"),
            models.Index(fields=["place_code", "id"], name="unit_version_place"),
            models.Index(fields=["pinyin"], name="unit_version_pinyin"),
            GinIndex(OpClass("name", name="gin_trgm_ops"), name="unit_version_trgm"),
        ]

    def __str__(self) -> str:
        return self.name


class UnitLineage(models.Model):
    """One adjustment of one unit, and the unit it came from or went into where there is one."""

    KINDS = [
        ("established", _("成立")), ("merged", _("合并")), ("split", _("拆分")), ("renamed", _("更名")),
        ("moved", _("调整隶属")), ("dissolved", _("撤销")),
    ]  # fmt: skip

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="lineage")
    other = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="lineage_as_other")
    kind = models.CharField(_("变动"), max_length=12, choices=KINDS)
    effective_on = models.DateField(_("生效日期"))
    document = models.CharField(_("文号"), max_length=80)
    note = models.TextField(_("说明"), blank=True)

    class Meta:
        verbose_name = _("沿革")
        indexes = [models.Index(fields=["effective_on", "id"], name="lineage_day")]


class Appointment(Dated):
    """Somebody in a post of a unit. Authority flows from here: the post's capabilities over `places`.

    `places` holds one or several codes (default the unit's own place). A substitute is an appointment with an end
    date that names whom it stands in for; it does not take the sole post from its holder.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments", db_index=False)
    post = models.CharField(
        _("职务"), max_length=40, choices=[(post.code, post.name) for post in POSTS.values()]
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="appointments", db_index=False)
    place_code = code_field(15, _("地方"))  # the unit's place, or the first of its own; scopes the row
    full_time = models.BooleanField(_("专职"), default=True)
    has_vote = models.BooleanField(_("有表决权"), default=True)
    sole = models.BooleanField(editable=False, default=False)
    substitute_for = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="substitutes"
    )
    document = models.CharField(_("任命文号"), max_length=80, blank=True)
    end_reason = models.CharField(_("离任原因"), max_length=120, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        constraints = [
            period_order("appointment_period"),
            models.CheckConstraint(
                condition=Q(substitute_for__isnull=True) | Q(valid_to__isnull=False),
                name="substitute_has_end",
            ),
            ExclusionConstraint(
                name="appointment_sole_post",
                expressions=[("unit", "="), ("post", "="), (DateRange(), "&&")],
                condition=Q(sole=True, substitute_for__isnull=True),
            ),
            ExclusionConstraint(
                name="appointment_same_post_once",
                expressions=[("person", "="), ("unit", "="), ("post", "="), (DateRange(), "&&")],
                condition=Q(substitute_for__isnull=True),
            ),
            ExclusionConstraint(
                name="appointment_stand_in_once",
                expressions=[("person", "="), ("substitute_for", "="), (DateRange(), "&&")],
            ),
            ExclusionConstraint(
                name="appointment_one_administration",
                expressions=[("person", "="), (DateRange(), "&&")],
                condition=Q(post__in=ADMINISTRATION_POSTS),
            ),
        ]
        indexes = [
            models.Index(fields=["post", "place_code", "id"], name="appointment_post_place"),
            models.Index(fields=["unit", "post"], name="appointment_unit_post"),
        ]

    def __str__(self) -> str:
        return f"{self.get_post_display()} {self.place_code} {self.valid_from}"


class AppointmentPlace(models.Model):
    """One place of an appointment's own places."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="places")
    code = code_field(15, _("地方"))

    class Meta:
        verbose_name = _("任职范围")
        constraints = [models.UniqueConstraint(fields=["appointment", "code"], name="appointment_place_once")]
        indexes = [models.Index(fields=["code", "appointment"], name="appointment_place_code")]
