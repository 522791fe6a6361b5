"""Areas by official code, grids, compounds, buildings, venues, and their outlines.

Source of the code structure: the national statistical divisions (province 2, city 2, county 2, street 3,
community 3 digits); a grid adds a three-digit serial of this platform (001-899 basic, 9xx dedicated).
"""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order
from doorstep.kernel.shared.names import Named
from doorstep.kernel.shared.place_codes import LEVEL_NAMES


def code_field(length: int, verbose: object = _("代码"), **options: object) -> models.CharField:
    """A place code column. Byte order ("C"), so that a subtree is one range of the btree."""
    return models.CharField(verbose, max_length=length, db_collation="C", **options)  # type: ignore[arg-type]  # options are Django's own


def standing(on: dt.date | None = None) -> Q:
    """Condition on areas: not yet ended on this day (default today)."""
    return Q(ended_on=None) | Q(ended_on__gt=on or clock.today())


class Area(Named):
    """A nation, province, city, county, street or community. The nation's code is the empty string."""

    code = code_field(12, primary_key=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="children", db_index=False
    )
    level = models.CharField(
        _("级别"), max_length=10, choices=[(k, v) for k, v in LEVEL_NAMES.items() if k != "grid"]
    )
    edition = models.PositiveSmallIntegerField(_("区划年份"))
    ended_on = models.DateField(_("撤销日期"), null=True)

    class Meta:
        verbose_name = _("地区")
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^([0-9]{2}){0,3}$|^[0-9]{9}$|^[0-9]{12}$"), name="area_code_shape"
            ),
            models.CheckConstraint(
                condition=Q(code="", parent__isnull=True)
                | (Q(code__startswith=models.F("parent_id")) & ~Q(code=models.F("parent_id"))),
                name="area_below_parent",
            ),
        ]
        indexes = [
            # communities are nine tenths of the rows, and a range of codes finds them by the key itself
            models.Index(fields=["level", "code"], name="area_level_code", condition=~Q(level="community")),
            models.Index(fields=["pinyin"], name="area_pinyin"),
            models.Index(fields=["initials"], name="area_initials"),
            GinIndex(OpClass("name", name="gin_trgm_ops"), name="area_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.name


class AreaImport(models.Model):
    """One import of a list of areas: how far it got and what it did. An interrupted one goes on at `line`."""

    digest = models.CharField(_("文件摘要"), max_length=64, help_text=_("SHA-256，十六进制"))
    file_name = models.CharField(_("文件名"), max_length=200)
    edition = models.PositiveSmallIntegerField(_("区划年份"))
    strict = models.BooleanField(_("严格"), default=False)
    line = models.PositiveIntegerField(_("已处理到行"), default=0)
    added = models.PositiveIntegerField(_("新增"), default=0)
    changed = models.PositiveIntegerField(_("更新"), default=0)
    unchanged = models.PositiveIntegerField(_("未变"), default=0)
    refused = models.PositiveIntegerField(_("有误"), default=0)
    started_at = models.DateTimeField(_("开始时间"))
    finished_at = models.DateTimeField(_("完成时间"), null=True)

    class Meta:
        verbose_name = _("区划导入")
        constraints = [
            models.UniqueConstraint(
                fields=["digest", "edition"],
                condition=Q(finished_at__isnull=True),
                name="area_import_unfinished_once",
            )
        ]


class Grid(Dated, Named):
    """A basic service unit inside one community. Codes are never reused; splits and merges keep their lineage."""

    code = code_field(15, unique=True)
    community = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="grids")
    kind = models.CharField(
        _("种类"),
        max_length=10,
        choices=[("basic", _("基础网格")), ("dedicated", _("专属网格"))],
        default="basic",
    )
    document = models.CharField(_("设立文号"), max_length=80)
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("网格")
        constraints = [
            period_order("grid_period"),
            models.CheckConstraint(
                condition=Q(code__startswith=models.F("community_id")), name="grid_in_community"
            ),
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{15}$"), name="grid_code_shape"),
        ]
        indexes = [
            models.Index(fields=["code", "valid_from", "valid_to"], name="grid_code_period"),
            models.Index(fields=["pinyin"], name="grid_pinyin"),
            models.Index(fields=["initials"], name="grid_initials"),
        ]

    def __str__(self) -> str:
        return self.name


class GridLineage(models.Model):
    """Which grid came from which, on what day and by what document."""

    before = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="successors")
    after = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="predecessors")
    kind = models.CharField(_("变动"), max_length=10, choices=[("split", _("拆分")), ("merged", _("合并"))])
    effective_on = models.DateField(_("生效日期"))
    document = models.CharField(_("文号"), max_length=80)

    class Meta:
        verbose_name = _("网格沿革")
        constraints = [models.UniqueConstraint(fields=["before", "after"], name="grid_lineage_once")]


class Compound(Named):
    """A residential compound (小区、楼院)."""

    place_code = code_field(15, _("地方"))
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("小区楼院")
        indexes = [models.Index(fields=["place_code", "id"], name="compound_place")]

    def __str__(self) -> str:
        return self.name


class Building(Named):
    """A building. `place_code` is its grid today (community while it has none); BuildingPlacement has the history."""

    place_code = code_field(15, _("网格"))
    compound = models.ForeignKey(
        Compound, on_delete=models.PROTECT, null=True, blank=True, related_name="buildings"
    )
    address = models.CharField(_("地址"), max_length=200, blank=True)
    longitude = models.FloatField(_("经度"), help_text=_("WGS-84，度"))
    latitude = models.FloatField(_("纬度"), help_text=_("WGS-84，度"))
    outline = models.JSONField(_("轮廓"), null=True, help_text=_("GeoJSON 多边形"))
    households = models.PositiveIntegerField(_("户数"), default=0)
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("楼栋")
        constraints = [
            models.CheckConstraint(
                condition=Q(longitude__range=(-180, 180)) & Q(latitude__range=(-90, 90)),
                name="building_position",
            ),
            models.UniqueConstraint(
                fields=["compound", "name"],
                condition=Q(compound__isnull=False),
                name="building_once_in_compound",
            ),
        ]
        indexes = [
            models.Index(fields=["place_code", "id"], name="building_place"),
            models.Index(fields=["pinyin"], name="building_pinyin"),
            models.Index(fields=["initials"], name="building_initials"),
            GinIndex(
                OpClass("name", name="gin_trgm_ops"),
                OpClass("address", name="gin_trgm_ops"),
                name="building_trgm",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def called(self) -> str:
        """Its name with its compound's before it, unless the name says that itself. Read `compound` along."""
        before = self.compound.name if self.compound else ""
        return self.name if self.name.startswith(before) else f"{before}{self.name}"


class BuildingPlacement(Dated):
    """Which grid a building belonged to, when; one at a time."""

    building = models.ForeignKey(
        Building, on_delete=models.PROTECT, related_name="placements", db_index=False
    )
    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="placements")

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("楼栋归属")
        constraints = [
            period_order("placement_period"),
            ExclusionConstraint(
                name="placement_one_grid", expressions=[("building", "="), (DateRange(), "&&")]
            ),
        ]
        # read instead of the constraint's own index, which is slow to read
        indexes = [
            models.Index(
                fields=["building", "valid_from"], include=["valid_to", "grid"], name="placement_building"
            )
        ]


class Venue(Dated, Named):
    """A place people go to: service centre, activity room, meeting hall."""

    place_code = code_field(15, _("地方"))
    kind = models.CharField(_("种类"), max_length=30)
    address = models.CharField(_("地址"), max_length=200)
    longitude = models.FloatField(_("经度"), null=True, blank=True)
    latitude = models.FloatField(_("纬度"), null=True, blank=True)
    phone = models.CharField(_("办公电话"), max_length=40, blank=True)
    hours = models.CharField(_("开放时间"), max_length=120, blank=True)
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("场所")
        constraints = [period_order("venue_period")]
        indexes = [models.Index(fields=["place_code", "id"], name="venue_place")]

    def __str__(self) -> str:
        return self.name


class Outline(Dated):
    """The boundary of an area or a grid as GeoJSON. `illustrative` ones are labelled so on every map."""

    place_code = code_field(15, _("地方"))
    geometry = models.JSONField(_("边界"), help_text=_("GeoJSON 面"))
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    illustrative = models.BooleanField(_("示意"), default=False)
    source = models.CharField(_("来源"), max_length=200)
    repaired = models.BooleanField(_("已自动修复"), default=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("边界")
        constraints = [
            period_order("outline_period"),
            ExclusionConstraint(
                name="outline_one_in_force", expressions=[("place_code", "="), (DateRange(), "&&")]
            ),
        ]
        indexes = [models.Index(fields=["place_code", "valid_from"], name="outline_place")]


class OutlineVersion(models.Model):
    """One row whose token changes with every change of an outline, so that each process knows when its index is old.

    A random token, not a count: one that was rolled back never comes again.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("边界版本")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="outline_version_single")]
