"""Registers of organisations: them, their counts, who covers them, gaps. Others: registers_visits, registers_communities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations import navigation
from doorstep.kernel.declarations.registers import (
    UNDER_WAY,
    Column,
    Filter,
    ImportColumn,
    Importer,
    Link,
    Register,
    Search,
    declare,
)
from doorstep.kernel.organisations.kinds import UNIT_KINDS
from doorstep.kernel.organisations.selectors import last_names
from doorstep.modules.coverage import (
    registers_communities,  # noqa: F401  declares the registers of pages, assistance and the mechanism
    registers_visits,  # noqa: F401  declares the registers of instructors, visits and findings
    rules,
    states,
)
from doorstep.modules.coverage.importing import checked_code, import_organisation
from doorstep.modules.coverage.models import FORMS, PLANS, TRADES, Covering, Gap, HeadCount, Profile
from doorstep.modules.coverage.numbers import MEMBERS, number_in_force
from doorstep.modules.coverage.policies import KEEP
from doorstep.modules.coverage.register_parts import FROM, NAME, TO, button, named_like, naming
from doorstep.modules.coverage.selectors import KINDS, STATE_NAMES, organisations, standing, with_state

_KIND_CHOICES = [(kind, UNIT_KINDS[kind]) for kind in KINDS]
_STATES = [(state, STATE_NAMES[state]) for state in rules.STATES]
_GAP_STATES = [(state.code, state.name) for state in states.LAW.states]


def _in_state(wanted: Any, on: dt.date) -> Q:
    return Q(state=wanted)


def _should(wanted: Any, on: dt.date) -> Q:
    due = Q(members__gte=number_in_force(MEMBERS, on))
    return due if wanted else ~due


def _with_members(wanted: Any, on: dt.date) -> Q:
    return Q(members__gt=0) if wanted else Q(members=0)


def _prepare(rows: Sequence[Any], on: dt.date) -> None:
    naming(lambda row: row.unit_id)(rows, on)
    held = dict(
        Covering.objects.filter(standing(on), organisation__in=[row.pk for row in rows]).values_list(
            "organisation", "party"
        )
    )
    names = last_names(held.values())
    for row in rows:
        row.party_name = names.get(held.get(row.pk, 0), "")


_ORGANISATIONS = Register(
    key="coverage.organisations", name=_("新兴领域组织"), noun=_("新兴领域组织"), model=Profile, order=("place_code", "id"), as_of=True,
    section=navigation.CHAIN, rows=lambda actor, on: organisations(actor, on), annotate=lambda rows, on: with_state(rows.select_related("unit"), on),
    prepare=_prepare, detail=lambda row: reverse("coverage:organisation", args=[row.pk]), history=lambda row: [row, row.unit],
    actions=button(_("登记组织"), "coverage:organisation_new", KEEP),
    columns=(
        NAME, Column("kind", _("类型"), value=lambda row: str(row.unit.get_kind_display())), Column("place_code", kind="place"),
        Column("trade", value=lambda row: str(row.get_trade_display())),
        Column("state", _("覆盖情况"), value=lambda row: str(STATE_NAMES[row.state])),
        Column("party", _("党组织"), value=lambda row: getattr(row, "party_name", ""), width=28),
        Column("staff", _("职工人数"), value=lambda row: row.staff, kind="number", width=10),
        Column("full", _("正式党员"), value=lambda row: row.full, kind="number", width=10),
        Column("probationary", _("预备党员"), value=lambda row: row.probationary, kind="number", width=10, shown=False),
        Column("credit_code", width=22, shown=False), Column("address", width=32, shown=False),
        Column("founded_on", _("成立日期"), value="unit__founded_on", kind="date", shown=False),
        Column("longitude", kind="number", shown=False), Column("latitude", kind="number", shown=False),
    ),
    filters=(
        Filter("state", _("覆盖情况"), condition=_in_state, choices=_STATES),
        Filter("should", _("应单独组建"), kind="bool", condition=_should, phrase=_("应单独组建的"), phrase_no=_("不到单独组建人数的")),
        Filter("members", _("有党员"), kind="bool", condition=_with_members, phrase=_("有正式党员的"), phrase_no=_("没有正式党员的")),
        Filter("kind", _("类型"), field="unit__kind", choices=_KIND_CHOICES), Filter("trade", _("行业"), choices=TRADES),
        Filter("since", _("成立日期"), kind="date", field="unit__founded_on", phrase=_("{value} 起成立的")),
    ),
    search=Search(contains=("address",), starts=("credit_code", "place_code"), also=named_like("unit"), hint=_("名称、拼音、信用代码或地址")),
    empty=_("街道或区里导入市场主体登记表，或者逐个登记后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("credit_code",),
        columns=(
            ImportColumn("credit_code", _("统一社会信用代码"), required=True, aliases=("信用代码", "社会信用代码", "统一代码"), max_length=24,
                         check=checked_code),
            ImportColumn("name", _("名称"), required=True, aliases=("企业名称", "组织名称", "单位名称"), max_length=120),
            ImportColumn("kind", _("类型"), kind="choice", required=True, choices=_KIND_CHOICES, aliases=("组织类型", "主体类型")),
            ImportColumn("trade", _("行业"), kind="choice", required=True, choices=TRADES, aliases=("行业类别", "行业门类")),
            ImportColumn("address", _("地址"), required=True, aliases=("住所", "经营地址", "注册地址"), max_length=200),
            ImportColumn("longitude", _("经度"), kind="number", decimals=True, note=_("WGS-84，度；没有的，地址须与台账里的楼栋地址相同。")),
            ImportColumn("latitude", _("纬度"), kind="number", decimals=True),
            ImportColumn("place", _("地方"), kind="place", aliases=("社区", "所在社区"), note=_("写了的，须与经纬度相符。")),
            ImportColumn("founded_on", _("成立日期"), kind="date", aliases=("注册日期", "成立时间"), note=_("第一次登记必填。")),
            ImportColumn("staff", _("职工人数"), kind="number", aliases=("从业人数", "员工数")),
            ImportColumn("full", _("正式党员"), kind="number", aliases=("正式党员数", "党员人数")),
            ImportColumn("probationary", _("预备党员"), kind="number", aliases=("预备党员数",)),
            ImportColumn("counted_on", _("统计日期"), kind="date", note=_("空着就是导入当天。")),
        ),
        examples=(
            {"credit_code": "91210202MA00000001", "name": "演示软件有限公司", "kind": "企业", "trade": "软件和信息服务", "address": "演示一路1号",
             "longitude": "121.645", "latitude": "38.918", "founded_on": "2020-03-01", "staff": "40", "full": "4", "counted_on": "2026-06-30"},
        ),
        row_service=import_organisation,
        note=_("按信用代码对上：已登记的更新名称、行业、地址和人数，没有的新登记。本区以外的不登记，写明行号和原因。"),
    ),
)  # fmt: skip


_COUNTS = Register(
    key="coverage.counts", name=_("职工和党员人数"), noun=_("统计"), model=HeadCount, order=("place_code", "id"), as_of=True,
    annotate=lambda rows, on: rows.select_related("organisation"), prepare=naming(lambda row: row.organisation.unit_id),
    columns=(
        NAME, Column("place_code", kind="place"), Column("valid_from", _("统计日期"), kind="date"), Column("staff", kind="number"),
        Column("full", kind="number"), Column("probationary", kind="number"), TO,
    ),
    filters=(Filter("since", _("统计日期"), kind="date", field="valid_from", phrase=_("{value} 起统计的")),),
    search=Search(starts=("place_code", "organisation__credit_code"), also=named_like("organisation__unit"), hint=_("名称、拼音或信用代码")),
    empty=_("社区或街道登记职工和党员人数后，这里就有记录。"),
)  # fmt: skip


def _covering_names(rows: Sequence[Any], on: dt.date) -> None:
    names = last_names(unit for row in rows for unit in (row.party_id, row.organisation.unit_id))
    for row in rows:
        row.party_name, row.organisation_name = (
            names.get(row.party_id, ""),
            names.get(row.organisation.unit_id, ""),
        )


def _covering_links(actor: Actor, row: Covering) -> Iterable[Link]:
    yield Link(_("看这个组织"), reverse("coverage:organisation", args=[row.organisation_id]))
    if row.valid_to is None and policy_for(Covering).can(actor, "keep", row):
        yield Link(_("终止覆盖"), reverse("coverage:uncover", args=[row.pk]))


_COVERINGS = Register(
    key="coverage.coverings", name=_("党组织覆盖"), noun=_("党组织覆盖"), model=Covering, order=("place_code", "id"), as_of=True,
    section=navigation.CHAIN, rows=lambda actor, on: policy_for(Covering).visible_to(actor).filter(standing(on)),
    annotate=lambda rows, on: rows.select_related("organisation"), prepare=_covering_names, links=_covering_links,
    columns=(
        Column("party", _("党组织"), value=lambda row: row.party_name, width=32), NAME, Column("place_code", kind="place"),
        Column("form", value=lambda row: str(row.get_form_display())), Column("document", width=24, shown=False), FROM, TO,
    ),
    filters=(Filter("form", _("组建形式"), choices=FORMS),),
    search=Search(starts=("place_code", "organisation__credit_code"), also=lambda text: named_like("party")(text) | named_like("organisation__unit")(text),
                  hint=_("党组织、组织名称或拼音")),
    empty=_("街道或区里成立党组织、登记覆盖后，这里就有记录。"),
)  # fmt: skip


def _gap_links(actor: Actor, row: Gap) -> Iterable[Link]:
    if row.matter.is_open and policy_for(Gap).can(actor, "plan", row):
        yield Link(
            _("改办法") if row.plan else _("定办法"), reverse("coverage:plan", args=[row.pk]), main=True
        )
    yield Link(_("看这个组织"), reverse("coverage:organisation", args=[row.organisation_id]))
    yield Link(_("办理经过"), reverse("desk:matter", args=[row.matter.number]))


def _gaps(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(Gap).visible_to(actor)


_GAPS = Register(
    key="coverage.gaps", name=_("覆盖空白"), noun=_("覆盖空白"), model=Gap, order=("-matter_id",), undated=UNDER_WAY,
    section=navigation.CHAIN, rows=_gaps, annotate=lambda rows, on: rows.select_related("matter", "organisation"),
    prepare=naming(lambda row: row.organisation.unit_id), links=_gap_links, history=lambda row: [row, row.matter],
    columns=(
        Column("number", _("编号"), value=lambda row: row.matter.number, width=12), NAME, Column("place_code", kind="place"),
        Column("state", _("状态"), value=lambda row: str(row.matter.state_name)), Column("plan", value=lambda row: str(row.get_plan_display())),
        Column("planned_for", kind="date"), Column("opened_at", _("发现时间"), value="matter__opened_at", kind="datetime", shown=False),
        Column("closed_at", _("消除时间"), value="matter__closed_at", kind="datetime", shown=False),
    ),
    filters=(
        Filter("state", _("状态"), field="matter__state", choices=_GAP_STATES), Filter("plan", _("办法"), choices=PLANS),
        Filter("open", _("还没有消除"), kind="bool", field="matter__is_open", phrase=_("还没有消除的"), phrase_no=_("已经消除的")),
        Filter("since", _("计划日期"), kind="date", field="planned_for", phrase=_("计划在 {value} 以后的")),
    ),
    search=Search(starts=("place_code", "organisation__credit_code"), also=named_like("organisation__unit"), hint=_("名称、拼音或信用代码")),
    empty=_("没有党组织覆盖、也没有入企干部联系的组织，会自动出现在这里。"),
    note=_("空白没有“已办”按钮：有了在册的党组织或者任职中的入企干部，自动消除。"),
)  # fmt: skip

declare(_ORGANISATIONS, _COUNTS, _COVERINGS, _GAPS)
