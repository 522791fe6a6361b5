"""Vanguard posts, responsibility areas and projects, and who holds each for a period. Members who report in and wishes:
models_members. Call-ups with their shifts: models_callups.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.models import Activity
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import Building, Compound, code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order
from doorstep.modules.vanguard.models_callups import ANSWERS, Called, Callup, HandOver, Position, SeatOffer
from doorstep.modules.vanguard.models_members import (
    SKILLS,
    SKILLS_AND_TIMES,
    TIMES,
    Feedback,
    Member,
    RuleValue,
    Served,
    Wish,
)

__all__ = [
    "ANSWERS", "POST_KINDS", "SKILLS", "SKILLS_AND_TIMES", "TIMES", "Area", "AreaPlace", "Called", "Callup", "Feedback", "HandOver", "Holding", "Member", "Position", "Post", "Project",
    "ProjectActivity", "RuleValue", "SeatOffer", "Served", "Wish",
]  # fmt: skip

POST_KINDS = [
    ("policy", _("政策宣传")), ("service", _("便民服务")), ("care", _("关爱帮扶")), ("order", _("文明引导")),
    ("safety", _("治安巡防")), ("environment", _("环境整治")), ("mediation", _("矛盾调解")), ("culture", _("文化服务")),
]  # fmt: skip


class _Kept(Dated):
    """What a unit sets up at a place for a period."""

    place_code = code_field(15, _("地方"))
    name = models.CharField(_("名称"), max_length=80)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("所属单位"))

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


def _once(name: str) -> ExclusionConstraint:
    return ExclusionConstraint(
        name=name,
        expressions=[("place_code", "="), ("unit", "="), ("name", "="), (DateRange(), "&&")],
    )


class Post(_Kept):
    """A party-member vanguard post (党员先锋岗). It counts on the days on which somebody holds it."""

    kind = models.CharField(_("岗位类型"), max_length=20, choices=POST_KINDS)
    duty = models.CharField(_("职责"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("党员先锋岗")
        constraints = [period_order("vanguard_post_period"), _once("vanguard_post_once")]
        indexes = [models.Index(fields=["place_code", "id"], name="vanguard_post_place")]


class Area(_Kept):
    """A party members' responsibility area (党员责任区) in one community or street: places on record (`parts`), an outline drawn on
    the map, or both."""

    duty = models.CharField(_("责任"), max_length=300, blank=True)
    outline = models.JSONField(_("轮廓"), null=True, help_text=_("GeoJSON 多边形，WGS-84"))

    class Meta:
        verbose_name = _("党员责任区")
        constraints = [period_order("vanguard_area_period"), _once("vanguard_area_once")]
        indexes = [models.Index(fields=["place_code", "id"], name="vanguard_area_place")]


class AreaPlace(models.Model):
    """One place of an area: a grid or community by its code, a compound, or a building."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="parts", db_index=False)
    code = code_field(15, _("地方"), blank=True)
    compound = models.ForeignKey(Compound, on_delete=models.PROTECT, null=True, related_name="+")
    building = models.ForeignKey(Building, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("责任区范围")
        constraints = [
            models.CheckConstraint(
                condition=(
                    (~Q(code="") & Q(compound=None, building=None))
                    | Q(code="", compound__isnull=False, building=None)
                    | Q(code="", compound=None, building__isnull=False)
                ),
                name="vanguard_area_place_of_one",
            ),
            models.UniqueConstraint(
                fields=["area", "code", "compound", "building"],
                name="vanguard_area_place_once",
                nulls_distinct=False,
            ),
        ]


class Project(_Kept):
    """A vanguard project (先锋工程项目): an aim, a unit, a period. Its result is what its activities have come to."""

    aim = models.CharField(_("目标"), max_length=300)

    class Meta:
        verbose_name = _("先锋工程项目")
        constraints = [period_order("vanguard_project_period"), _once("vanguard_project_once")]
        indexes = [models.Index(fields=["place_code", "id"], name="vanguard_project_place")]


class ProjectActivity(models.Model):
    """An activity of any kind that belongs to a project: its sessions and who was there are the project's result."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="works", db_index=False)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    place_code = code_field(15, _("地方"))

    class Meta:
        verbose_name = _("项目活动")
        constraints = [
            models.UniqueConstraint(fields=["project", "activity"], name="vanguard_project_activity_once")
        ]


class Holding(Dated):
    """A person holds a post, answers for an area or leads a project, for a period, given by a unit with a document. One at a
    time for each; who held it before stays in the list. It grants no authority over anything."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, related_name="holdings", db_index=False
    )
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, null=True, related_name="holdings", db_index=False
    )
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, related_name="holdings", db_index=False
    )
    place_code = code_field(15, _("地方"))
    given_by = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("任命单位"), db_index=False
    )
    document = models.CharField(_("文号"), max_length=80, blank=True)
    end_reason = models.CharField(_("离岗原因"), max_length=120, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("先锋岗位任职")
        constraints = [
            period_order("vanguard_holding_period"),
            models.CheckConstraint(
                condition=(
                    Q(post__isnull=False, area=None, project=None)
                    | Q(post=None, area__isnull=False, project=None)
                    | Q(post=None, area=None, project__isnull=False)
                ),
                name="vanguard_holding_of_one",
            ),
            *(
                ExclusionConstraint(
                    name=f"vanguard_{what}_one_holder",
                    expressions=[(what, "="), (DateRange(), "&&")],
                    condition=Q(**{f"{what}__isnull": False}),
                )
                for what in ("post", "area", "project")
            ),
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="vanguard_holding_place")]
