"""Registers of places: communities, grids, compounds, buildings, venues; buildings come in from Excel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Substr
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations import navigation
from doorstep.kernel.declarations.registers import (
    Column,
    Filter,
    ImportColumn,
    Importer,
    Link,
    Register,
    Search,
    declare,
)
from doorstep.kernel.places.importing import import_building, import_compound, import_grid, import_venue
from doorstep.kernel.places.models import (
    Area,
    Building,
    BuildingPlacement,
    Compound,
    Grid,
    GridLineage,
    Outline,
    Venue,
    standing,
)
from doorstep.kernel.places.policies import ADJUST_GRIDS, KEEP_BUILDINGS, KEEP_VENUES, VIEW
from doorstep.kernel.places.rules import VENUE_KINDS
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import LENGTHS, within

CODE_NAME_OR_PINYIN = _("名称、拼音或代码")


def communities(actor: Actor, on: dt.date) -> QuerySet[Any]:
    """Communities of the actor's own places; those not yet ended on the day."""
    rows = Area.objects.filter(within("code", actor.places_for(VIEW)), level="community")
    return rows.filter(standing(on))


def count_grids(rows: Sequence[Any], on: dt.date) -> None:
    """Grids in force and buildings today of each community of a page. Two queries."""
    codes = [row.code for row in rows]
    grids = dict(
        Grid.objects.in_force(on)
        .filter(community_id__in=codes)
        .values_list("community_id")
        .annotate(Count("pk"))
    )
    placed = BuildingPlacement.objects.in_force(on).filter(grid__community_id__in=codes)
    buildings = dict(placed.values_list("grid__community_id").annotate(Count("pk")))
    for row in rows:
        row.grids_count, row.buildings_count = grids.get(row.code, 0), buildings.get(row.code, 0)


def count_buildings(rows: Sequence[Any], on: dt.date) -> None:
    """Buildings and households of each grid of a page, and the grids it came from. Two queries."""
    _count_standing(rows, on, "grid")
    came: dict[int, list[str]] = {}
    steps = GridLineage.objects.filter(after__in=[row.pk for row in rows]).order_by("before__code")
    for after, before in steps.values_list("after", "before__name"):
        came.setdefault(after, []).append(before)
    for row in rows:
        row.came_from = "、".join(came.get(row.pk, []))


def has_outline(value: bool, on: dt.date) -> Q:
    drawn = Exists(Outline.objects.filter(in_force(on), place_code=OuterRef("code")))
    return Q(drawn) if value else ~Q(drawn)


def has_grid(value: bool, on: dt.date) -> Q:
    placed = Exists(BuildingPlacement.objects.filter(in_force(on), building=OuterRef("pk")))
    return Q(placed) if value else ~Q(placed)


def building_links(actor: Actor, row: Building) -> Iterable[Link]:
    if not policy_for(Building).can(actor, "edit", row):
        return
    yield Link(_("更正"), reverse("places:edit_building", args=[row.pk]), main=True)
    if actor.holds(ADJUST_GRIDS, row.place_code) or not row.placements.exists():
        yield Link(_("划入网格"), reverse("places:place_building", args=[row.pk]))


def grid_links(actor: Actor, row: Grid) -> Iterable[Link]:
    if row.valid_to is None and policy_for(Grid).can(actor, "adjust", row):
        yield Link(_("更名"), reverse("places:rename_grid", args=[row.code]))


def venue_links(actor: Actor, row: Venue) -> Iterable[Link]:
    if row.valid_to is None and policy_for(Venue).can(actor, "edit", row):
        yield Link(_("更正"), reverse("places:edit_venue", args=[row.pk]), main=True)
        yield Link(_("关闭"), reverse("places:close_venue", args=[row.pk]))


def compounds(actor: Actor, on: dt.date) -> QuerySet[Any]:
    """Compounds of which a building had stood by the day, and those without buildings: a compound has no period itself."""
    placements = BuildingPlacement.objects.filter(building__compound=OuterRef("pk"))
    there = Exists(placements.filter(valid_from__lte=on)) | ~Exists(placements)
    return policy_for(Compound).visible_to(actor).filter(there)


def count_in_compounds(rows: Sequence[Any], on: dt.date) -> None:
    """Buildings and households on the day of each compound of a page. One query."""
    _count_standing(rows, on, "building__compound")


def _count_standing(rows: Sequence[Any], on: dt.date, of: str) -> None:
    """Buildings and households of each row on the day; `of`: the path from a placement to the row. One query."""
    placed = BuildingPlacement.objects.in_force(on).filter(**{f"{of}__in": [row.pk for row in rows]})
    counted = {
        key: (buildings, households)
        for key, buildings, households in placed.values_list(of).annotate(
            Count("pk"), Sum("building__households")
        )
    }
    for row in rows:
        row.buildings_count, row.households_count = counted.get(row.pk, (0, 0))


def buildings(actor: Actor, on: dt.date) -> QuerySet[Any]:
    """Buildings that stood in a grid on the day, and those that never had one."""
    placements = BuildingPlacement.objects.filter(building=OuterRef("pk"))
    there = Exists(placements.filter(in_force(on))) | ~Exists(placements)
    return policy_for(Building).visible_to(actor).filter(there)


def where_on(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    """With the grid of the day, else the community, as `stood_in`; the building's own `place_code` is that of today."""
    placed = BuildingPlacement.objects.filter(in_force(on), building=OuterRef("pk"))
    community = Substr("place_code", 1, LENGTHS["community"])
    return rows.annotate(stood_in=Coalesce(Subquery(placed.values("grid__code")[:1]), community))


def check_households(value: int) -> None:
    if not 0 <= value <= 5000:
        raise ValueError(_("户数应在 0 到 5000 之间。"))


BUILDING_IMPORTER = Importer(
    capability=KEEP_BUILDINGS,
    keys=("place", "compound", "name", "address"),
    columns=(
        ImportColumn(
            "place", _("网格或社区"), kind="place", required=True, default_place=True, aliases=("网格", "所属网格", "社区", "所属社区"),
        ),
        ImportColumn("compound", _("小区楼院"), aliases=("小区", "楼院", "院落"), max_length=40),
        ImportColumn("name", _("楼栋"), required=True, aliases=("楼号", "楼栋名称", "楼栋号"), max_length=40),
        ImportColumn("address", _("地址"), aliases=("门牌", "门牌号", "详细地址")),
        ImportColumn("longitude", _("经度"), kind="number", decimals=True, note=_("WGS-84；新楼栋必填")),
        ImportColumn("latitude", _("纬度"), kind="number", decimals=True, note=_("WGS-84；新楼栋必填")),
        ImportColumn("households", _("户数"), kind="number", aliases=("总户数", "居民户数"), check=check_households),
    ),
    examples=(
        {
            "place": "210202005011", "compound": "演示小区", "name": "1号楼", "address": "示例一路1号",
            "longitude": "121.650000", "latitude": "38.910000", "households": "60",
        },
    ),
    row_service=import_building,
    note=_("已有的楼栋按小区楼院和楼栋名对上，改地址、户数和位置；还没有网格的划入表格写的网格，已有网格的不在这里改划。"),
)  # fmt: skip

COMPOUND_IMPORTER = Importer(
    capability=KEEP_BUILDINGS,
    keys=("place", "name"),
    columns=(
        ImportColumn(
            "place", _("社区或网格"), kind="place", required=True, default_place=True, aliases=("社区", "网格", "所属社区", "所属网格"),
        ),
        ImportColumn("name", _("小区楼院"), required=True, aliases=("小区", "小区名称", "楼院", "院落", "名称"), max_length=40),
    ),
    examples=({"place": "210202005011", "name": "演示小区"},),
    row_service=import_compound,
    note=_("一个社区里同名的小区楼院只登记一次。"),
)  # fmt: skip

GRID_KINDS = [("basic", _("基础网格")), ("dedicated", _("专属网格"))]
GRID_IMPORTER = Importer(
    capability=ADJUST_GRIDS,
    keys=("community", "name"),
    columns=(
        ImportColumn(
            "community",
            _("社区"),
            kind="place",
            level="community",
            required=True,
            default_place=True,
            aliases=("所属社区",),
        ),
        ImportColumn("name", _("网格"), required=True, aliases=("网格名称",), max_length=40),
        ImportColumn("kind", _("种类"), kind="choice", choices=GRID_KINDS, aliases=("网格类型",)),
        ImportColumn("effective_on", _("设立日期"), kind="date", required=True, aliases=("生效日期",)),
        ImportColumn("document", _("文号"), required=True, aliases=("批准文号",), max_length=80),
    ),
    examples=(
        {
            "community": "210202005011",
            "name": "演示第一网格",
            "kind": "基础网格",
            "effective_on": "2026-01-05",
            "document": "演示〔2026〕1号",
        },
    ),
    row_service=import_grid,
    note=_("网格序号由系统依次给出，用过的不再使用。"),
)
VENUE_IMPORTER = Importer(
    capability=KEEP_VENUES,
    keys=("place", "name"),
    columns=(
        ImportColumn(
            "place",
            _("社区或网格"),
            kind="place",
            required=True,
            default_place=True,
            aliases=("社区", "所属社区"),
        ),
        ImportColumn("name", _("场所"), required=True, aliases=("场所名称",), max_length=40),
        ImportColumn("kind", _("种类"), kind="choice", choices=list(VENUE_KINDS.items()), required=True),
        ImportColumn("address", _("地址"), required=True, max_length=200),
        ImportColumn("phone", _("办公电话"), aliases=("电话", "联系电话"), max_length=40),
        ImportColumn("hours", _("开放时间"), max_length=120),
        ImportColumn("opened_on", _("开放日期"), kind="date", required=True),
    ),
    examples=(
        {
            "place": "210202005011",
            "name": "演示社区活动室",
            "kind": "活动室",
            "address": "示例一路1号",
            "phone": "0411-00000000",
            "hours": "9:00-17:00",
            "opened_on": "2026-01-05",
        },
    ),
    row_service=import_venue,
    note=_("已有的场所按地方和名称对上，改种类、地址、电话和时间；空着的格子不改。"),
)

declare(
    Register(
        key="places.communities",
        name=_("社区"),
        noun=_("社区"),
        model=Area,
        rows=communities,
        order=("code",),
        as_of=True,
        section=navigation.PLACES,
        columns=(
            Column("name", _("社区"), width=24),
            Column("code", _("代码")),
            Column("parent_id", _("街道"), kind="place"),
            Column("grids_count", _("网格"), value=lambda row: row.grids_count, kind="number"),
            Column("buildings_count", _("楼栋"), value=lambda row: row.buildings_count, kind="number"),
            Column("edition", _("区划年份"), shown=False),
        ),
        filters=(
            Filter(
                "outline", _("边界"), kind="exists", condition=has_outline, phrase=_("有边界的"), phrase_no=_("没有边界的"),
            ),
        ),
        search=Search(names=("",), starts=("code",), hint=CODE_NAME_OR_PINYIN),
        prepare=count_grids,
        empty=_("用 doorstep places import 导入统计用区划代码后，这里就有记录。"),
    ),
    Register(
        key="places.grids",
        name=_("网格"),
        noun=_("网格"),
        model=Grid,
        order=("code",),
        as_of=True,
        section=navigation.PLACES,
        columns=(
            Column("name", _("网格"), width=24),
            Column("code", _("代码")),
            Column("kind"),
            Column("community_id", _("社区"), kind="place"),
            Column("buildings_count", _("楼栋"), value=lambda row: row.buildings_count, kind="number"),
            Column("households_count", _("户数"), value=lambda row: row.households_count, kind="number"),
            Column("valid_from", _("设立日期"), kind="date"),
            Column("came_from", _("由来"), value=lambda row: row.came_from, shown=False, width=28),
            Column("document", shown=False, width=24),
        ),
        filters=(
            Filter("kind", _("种类"), choices=GRID_KINDS),
            Filter(
                "outline", _("边界"), kind="exists", condition=has_outline, phrase=_("有边界的"), phrase_no=_("没有边界的"),
            ),
            Filter("since", _("设立于"), kind="date", field="valid_from", phrase=_("{value} 起设立的")),
        ),
        search=Search(names=("",), starts=("code",), hint=CODE_NAME_OR_PINYIN),
        prepare=count_buildings,
        links=grid_links,
        importer=GRID_IMPORTER,
        empty=_("区里划定网格后，这里就有记录。"),
    ),
    Register(
        key="places.compounds",
        name=_("小区楼院"),
        noun=_("小区楼院"),
        model=Compound,
        rows=compounds,
        order=("place_code", "id"),
        as_of=True,
        section=navigation.PLACES,
        columns=(
            Column("name", _("小区楼院"), width=28),
            Column("place_code", kind="place"),
            Column("buildings_count", _("楼栋"), value=lambda row: row.buildings_count, kind="number"),
            Column("households_count", _("户数"), value=lambda row: row.households_count, kind="number"),
        ),
        prepare=count_in_compounds,
        search=Search(names=("",), starts=("place_code",), hint=CODE_NAME_OR_PINYIN),
        importer=COMPOUND_IMPORTER,
        empty=_("社区登记楼栋时一并登记小区楼院。"),
    ),
    Register(
        key="places.buildings",
        name=_("楼栋"),
        noun=_("楼栋"),
        model=Building,
        rows=buildings,
        annotate=where_on,
        place_field="stood_in",
        order=("place_code", "id"),
        as_of=True,
        section=navigation.PLACES,
        columns=(
            Column("name", _("楼栋")),
            Column("compound", value="compound__name", name=_("小区楼院"), width=24),
            Column("address", width=28),
            Column("place_code", _("网格"), value=lambda row: row.stood_in, kind="place"),
            Column("households", kind="number"),
            Column("longitude", kind="number", shown=False),
            Column("latitude", kind="number", shown=False),
        ),
        filters=(
            Filter(
                "grid", _("归属"), kind="exists", condition=has_grid, phrase=_("已划入网格的"), phrase_no=_("没有划入网格的"),
            ),
            Filter("compound", _("小区楼院"), kind="text", field="compound__name", phrase=_("小区楼院含“{value}”的")),
        ),
        search=Search(names=("", "compound__"), contains=("address",), hint=_("楼栋、小区楼院、地址或拼音")),
        links=building_links,
        importer=BUILDING_IMPORTER,
        empty=_("社区工作者登记楼栋或导入表格后，这里就有记录。"),
    ),
    Register(
        key="places.venues",
        name=_("场所"),
        noun=_("场所"),
        model=Venue,
        order=("place_code", "id"),
        as_of=True,
        section=navigation.PLACES,
        columns=(
            Column("name", _("场所"), width=28),
            Column("kind", value=lambda row: VENUE_KINDS.get(row.kind, row.kind), name=_("种类")),
            Column("place_code", kind="place"),
            Column("address", width=28),
            Column("phone"),
            Column("hours", width=24),
            Column("valid_from", _("开放日期"), kind="date", shown=False),
        ),
        filters=(Filter("kind", _("种类"), choices=list(VENUE_KINDS.items())),),
        search=Search(names=("",), contains=("address",), starts=("phone",), hint=_("名称、拼音、地址或电话")),
        links=venue_links,
        importer=VENUE_IMPORTER,
        empty=_("社区登记活动场所后，这里就有记录。"),
    ),
)  # fmt: skip
