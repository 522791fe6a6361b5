"""Registers of the chain: community organisations, branches, groups and households, as of any day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
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
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.policies import adjust_capability
from doorstep.kernel.organisations.selectors import holders_of, versions_of
from doorstep.kernel.people.selectors import with_names_seen
from doorstep.kernel.shared.dated import in_force
from doorstep.modules.chain import (
    registers_group_plans,  # noqa: F401  declares its registers
    selectors,
)
from doorstep.modules.chain.importing import import_group, import_household
from doorstep.modules.chain.importing_organisations import import_branch, import_community_organisation
from doorstep.modules.chain.models import FORMS, Form, GroupBuilding, MemberHousehold, Term
from doorstep.modules.chain.policies import KEEP, may_adjust
from doorstep.modules.chain.selectors import BRANCH, COMMUNITY, GROUP, LEADER, latest_count

Prepared = Callable[[Sequence[Any], dt.date], None]


def _units(kind: str) -> Callable[[Actor, dt.date], QuerySet[Any]]:
    def rows(actor: Actor, on: dt.date) -> QuerySet[Any]:
        return policy_for(UnitVersion).visible_to(actor).filter(in_force(on), kind=kind)

    return rows


def _counted(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    """With member counts, form and end of term on the day."""
    form = Form.objects.in_force(on).filter(unit=OuterRef("unit_id"))
    term = Term.objects.filter(unit=OuterRef("unit_id"), valid_from__lte=on).order_by("-valid_from")
    return rows.annotate(
        full=latest_count("unit_id", on, "full"), probationary=latest_count("unit_id", on, "probationary"),
        form=Subquery(form.values("form")[:1]), term_end=Subquery(term.values("valid_to")[:1]),
    )  # fmt: skip


def _prepare(rows: Sequence[Any], on: dt.date) -> None:
    """Leader, superior, grids and buildings in words. Five queries, however many rows."""
    ids = [row.unit_id for row in rows]
    holders = holders_of(ids, on, set(LEADER.values()))
    above = versions_of({row.superior_id for row in rows if row.superior_id}, on)
    grids, buildings = selectors.grids_of(ids, on), selectors.buildings_of(ids, on)
    for row in rows:
        row.leader_name = "、".join(holder.acting.person.name for holder in holders.get(row.unit_id, []))
        superior = above.get(row.superior_id or 0)
        row.superior_name = superior.name if superior else ""
        row.grid_names = "、".join(grid.name for grid in grids.get(row.unit_id, []))
        row.building_names = "、".join(building.name for building in buildings.get(row.unit_id, []))


def _led(value: bool, on: dt.date) -> Q:
    held = Appointment.objects.filter(in_force(on), unit=OuterRef("unit_id"), post__in=LEADER.values())
    return Q(Exists(held)) if value else ~Q(Exists(held))


def _own_page(row: Any) -> str:
    return reverse("chain:unit", args=[row.unit_id])


def _links(actor: Actor, row: Any) -> Iterable[Link]:
    if row.kind != COMMUNITY and may_adjust(actor, row.kind, row.place_code):
        yield Link(_("调整"), reverse("chain:choose", args=[row.unit_id]), main=True)


def _leading(name: Any) -> Filter:
    return Filter(
        "leader", name, kind="exists", condition=_led, phrase=_("有负责人的"), phrase_no=_("没有负责人的")
    )


_NAME = Column("name", _("名称"), width=28)
_PLACE = Column("place_code", kind="place")
_LEADER = Column("leader_name", _("负责人"), value=lambda row: row.leader_name)
_FULL = Column("full", _("正式党员"), value=lambda row: row.full, kind="number")
_PROBATIONARY = Column(
    "probationary", _("预备党员"), value=lambda row: row.probationary, kind="number", shown=False
)
_TERM = Column("term_end", _("任期止"), value=lambda row: row.term_end, kind="date")
_FORM = Column("form", _("组织形式"), value=lambda row: selectors.form_name(row.form))
_PAPERS = (
    Column("founded_on", _("成立日期"), value="unit__founded_on", kind="date", shown=False),
    Column("approved_by", shown=False),
    Column("document", shown=False),
)


def _register(key: str, name: Any, kind: str, columns: tuple[Column, ...], **fields: Any) -> Register:
    return Register(
        key=f"chain.{key}", name=name, noun=name, model=UnitVersion, rows=_units(kind), columns=columns,
        order=("place_code", "id"), as_of=True, section=navigation.CHAIN, annotate=_counted, prepare=_prepare, detail=_own_page,
        history=lambda row: [row.unit], links=_links,
        search=Search(names=("",), starts=("place_code",), hint=_("名称、拼音或代码")), **fields,
    )  # fmt: skip


def _households(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(MemberHousehold).visible_to(actor).filter(in_force(on))


def _grouped_and_housed(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    """With the names of the group that covers the building on the day, and of the building."""
    group = (
        UnitVersion.objects.in_force(on)
        .filter(unit__covered_buildings__building=OuterRef("building"))
        .filter(in_force(on, "unit__covered_buildings__"))
    )
    return selectors.with_places(rows, on).annotate(
        group_name=Subquery(group.values("name")[:1]), building_name=F("building__name")
    )


def _holders_seen(rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    return with_names_seen(rows, actor, "person")


def _grouped(value: bool, on: dt.date) -> Q:
    covered = Exists(GroupBuilding.objects.in_force(on).filter(building=OuterRef("building")))
    return Q(covered) if value else ~Q(covered)


_COMMUNITY_COLUMN = ImportColumn(
    "community", _("社区"), kind="place", level="community", required=True, default_place=True,
    aliases=("所在社区", "地方"),
)  # fmt: skip

_FOUNDED = ImportColumn("founded_on", _("成立日期"), kind="date", required=True, aliases=("成立时间",))
_DOCUMENT = ImportColumn(
    "document", _("批准文号"), required=True, aliases=("文号", "批复文号"), max_length=80
)
# What a sheet says of a community organisation and of a branch alike.
_LED_AND_COUNTED = (
    ImportColumn("secretary", _("书记"), aliases=("书记姓名", "支部书记", "党组织书记"), max_length=120),
    ImportColumn("secretary_phone", _("书记手机号"), aliases=("书记电话", "联系电话", "手机号"), personal=True,
                 note=_("同名时用来认人；没有登记过的人必填。")),
    ImportColumn("secretary_since", _("书记任职日期"), kind="date", aliases=("任职时间", "任职日期"),
                 note=_("不填的按本届任期起，没有任期的按成立日期。")),
    ImportColumn("full", _("正式党员"), kind="number", aliases=("正式党员人数", "正式党员数")),
    ImportColumn("probationary", _("预备党员"), kind="number", aliases=("预备党员人数", "预备党员数")),
    ImportColumn("counted_on", _("统计日期"), kind="date", aliases=("统计时间", "截止日期"),
                 note=_("党员人数是哪一天的；不填的按成立日期。")),
    ImportColumn("number", _("届次"), kind="number", aliases=("第几届",), note=_("不填的按第1届。")),
    ImportColumn("term_from", _("任期起"), kind="date", aliases=("换届时间", "换届日期")),
    ImportColumn("term_end", _("任期止"), kind="date", aliases=("届满时间", "届满日期"), note=_("不填则按规定年限。")),
    ImportColumn("committee_size", _("委员人数"), kind="number", aliases=("委员数",), note=_("不设委员会的填 0。")),
    ImportColumn("approval", _("例外批准文号"), max_length=80,
                 note=_("人数、形式或任期与规定不一致、已经上级批准时填写。")),
)  # fmt: skip

declare(
    _register(
        "communities", _("社区党组织"), COMMUNITY,
        (_NAME, _PLACE, _FORM, _LEADER, _FULL, _PROBATIONARY, _TERM, Column("phone"), Column("hours", shown=False), *_PAPERS),
        filters=(_leading(_("书记")), Filter("form", _("组织形式"), choices=FORMS, phrase=_("{value}"))),
        empty=_("街道登记社区党组织后，这里就有记录。"),
        importer=Importer(
            capability=adjust_capability(COMMUNITY),
            keys=("community", "name"),
            columns=(
                ImportColumn("name", _("名称"), required=True, aliases=("党组织名称", "社区党组织"), max_length=120),
                _COMMUNITY_COLUMN,
                ImportColumn("form", _("组织形式"), kind="choice", required=True, choices=FORMS, aliases=("党组织类型", "类型")),
                ImportColumn("superior", _("上级"), aliases=("上级党组织", "隶属"), max_length=120,
                             note=_("上级党组织的全称，如街道党工委；可以不填。")),
                _FOUNDED, _DOCUMENT,
                ImportColumn("phone", _("办公电话"), aliases=("社区电话",), max_length=40,
                             note=_("居民在“谁在管我家门口”看到它；不写个人手机号。")),
                ImportColumn("hours", _("办公时间"), max_length=120),
                *_LED_AND_COUNTED,
            ),
            examples=(
                {"name": "中共演示社区委员会", "community": "210202005011", "form": "党委", "founded_on": "2016-01-05",
                 "document": "演批〔2016〕1号", "phone": "0411-80000000", "secretary": "演示甲一", "secretary_phone": "13800000000",
                 "full": "126", "probationary": "3", "counted_on": "2026-01-05", "number": "3", "term_from": "2024-03-01",
                 "term_end": "2029-03-01", "committee_size": "7"},
            ),
            row_service=import_community_organisation,
        ),
    ),
    _register(
        "branches", _("网格党支部"), BRANCH,
        (
            _NAME, _PLACE, Column("grids", _("网格"), value=lambda row: row.grid_names, width=28), _LEADER, _FULL,
            _PROBATIONARY, _FORM, _TERM, Column("superior_name", _("上级"), value=lambda row: row.superior_name, shown=False),
            *_PAPERS,
        ),
        filters=(
            _leading(_("书记")), Filter("form", _("组织形式"), choices=FORMS[2:], phrase=_("{value}")),
            Filter("since", _("成立于"), kind="date", field="unit__founded_on", phrase=_("{value} 起成立的")),
        ),
        empty=_("街道在社区的链条页成立党支部后，这里就有记录。"),
        importer=Importer(
            capability=adjust_capability(BRANCH),
            keys=("community", "name"),
            columns=(
                ImportColumn("name", _("支部名称"), required=True, aliases=("名称", "党支部", "网格党支部"), max_length=120),
                _COMMUNITY_COLUMN,
                ImportColumn("grids", _("网格"), required=True, aliases=("覆盖网格", "所辖网格"), max_length=1000,
                             note=_("网格名称或代码，多个用顿号分开；第一个是支部所在的网格。")),
                ImportColumn("superior", _("上级"), aliases=("上级党组织", "隶属"), max_length=120,
                             note=_("社区党组织的名称；不填的就是这个社区的党组织。")),
                ImportColumn("form", _("组织形式"), kind="choice", choices=FORMS[2:], aliases=("支部类型", "类型"),
                             note=_("不填的按党支部。")),
                ImportColumn("units", _("联合单位数"), kind="number", note=_("联合党支部填写。")),
                _FOUNDED, _DOCUMENT,
                *_LED_AND_COUNTED,
            ),
            examples=(
                {"name": "演示网格党支部", "community": "210202005011", "grids": "第一网格、第二网格", "form": "党支部",
                 "founded_on": "2024-03-01", "document": "演批〔2024〕2号", "secretary": "演示乙二", "secretary_phone": "13800000001",
                 "full": "12", "probationary": "1", "counted_on": "2026-01-05", "number": "1", "term_from": "2024-03-01",
                 "committee_size": "3"},
            ),
            row_service=import_branch,
        ),
    ),
    _register(
        "groups", _("楼栋党小组"), GROUP,
        (
            _NAME, _PLACE, Column("superior_name", _("党支部"), value=lambda row: row.superior_name, width=28),
            Column("buildings", _("楼栋"), value=lambda row: row.building_names, width=40), _LEADER, _FULL, *_PAPERS,
        ),
        filters=(_leading(_("组长")),),
        empty=_("社区在党支部页成立楼栋党小组后，这里就有记录。"),
        importer=Importer(
            capability=adjust_capability(GROUP),
            keys=("community", "branch", "name"),
            columns=(
                ImportColumn("name", _("小组名称"), required=True, aliases=("名称", "党小组"), max_length=120),
                ImportColumn("branch", _("党支部"), required=True, aliases=("所属支部", "网格党支部"), max_length=120),
                _COMMUNITY_COLUMN,
                ImportColumn("buildings", _("楼栋"), required=True, aliases=("覆盖楼栋", "所辖楼栋"), max_length=1000,
                             note=_("楼栋名称或地址，多栋用顿号分开。")),
                ImportColumn("formed_on", _("成立日期"), kind="date", required=True, aliases=("成立时间",)),
                ImportColumn("document", _("批准文号"), required=True, aliases=("文号",), max_length=80),
                ImportColumn("full", _("正式党员"), kind="number", aliases=("正式党员人数", "党员人数")),
                ImportColumn("approval", _("例外批准文号"), max_length=80,
                             note=_("楼栋不相邻或人数不足、已经上级批准时填写。")),
            ),
            examples=(
                {"name": "演示楼栋党小组", "branch": "演示网格党支部", "community": "210202005011", "buildings": "1号楼、2号楼",
                 "formed_on": "2026-01-05", "document": "演批〔2026〕1号", "full": "5"},
            ),
            row_service=import_group,
        ),
    ),
    Register(
        key="chain.households", name=_("党员中心户"), noun=_("党员中心户"), model=MemberHousehold, rows=_households, annotate=_grouped_and_housed, personal=_holders_seen,
        place_field="stood_in",
        order=("place_code", "id"), as_of=True, section=navigation.CHAIN,
        columns=(
            Column("building", _("楼栋"), value="building__name", width=24),
            Column("door"),
            Column("person", _("户主"), value=lambda row: row.seen_name),
            Column("place_code", value=lambda row: row.stood_in, name=_("地方"), kind="place"),
            Column("group", _("楼栋党小组"), value=lambda row: row.group_name or "", width=28),
            Column("valid_from", _("认定日期"), kind="date"),
            Column("address", _("地址"), value="building__address", shown=False, width=28),
            Column("document", shown=False),
        ),
        filters=(
            Filter("group", _("楼栋党小组"), kind="exists", condition=_grouped, phrase=_("有小组的"), phrase_no=_("没有小组的")),
            Filter("since", _("认定于"), kind="date", field="valid_from", phrase=_("{value} 起认定的")),
        ),
        search=Search(
            names=("seen_",), contains=("building__name", "building__address"), starts=("place_code",),
            hint=_("户主、楼栋、地址或代码"),
        ),
        detail=lambda row: reverse("chain:household", args=[row.pk]),
        empty=_("社区认定党员中心户后，这里就有记录。"),
        importer=Importer(
            capability=KEEP,
            keys=("community", "building", "person", "phone"),
            columns=(
                ImportColumn("person", _("户主"), required=True, aliases=("姓名", "党员姓名", "中心户"), max_length=120),
                ImportColumn("phone", _("手机号"), aliases=("联系电话", "电话"), personal=True,
                             note=_("同名时用来认人；没有登记过的人必填。")),
                _COMMUNITY_COLUMN,
                ImportColumn("building", _("楼栋"), required=True, aliases=("楼号", "所在楼栋", "地址"), max_length=200),
                ImportColumn("door", _("门牌"), aliases=("门牌号", "单元门牌", "房号"), max_length=40),
                ImportColumn("designated_on", _("认定日期"), kind="date", required=True, aliases=("认定时间", "设立时间")),
                ImportColumn("document", _("批准文号"), aliases=("文号",), max_length=80),
                ImportColumn("consent", _("公开姓名的同意方式"), max_length=120,
                             note=_("本人同意在“找到我的组织”公开姓名时写明方式，如“当面书面同意”；不同意的留空。")),
            ),
            examples=(
                {"person": "演示甲一", "phone": "13800000000", "community": "210202005011", "building": "1号楼", "door": "2-301",
                 "designated_on": "2026-01-05", "document": "演批〔2026〕2号"},
            ),
            row_service=import_household,
        ),
    ),
)  # fmt: skip
