"""Registers of plans of building groups, to read, and of how many members live in buildings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
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
from doorstep.kernel.proposals.models import STATES
from doorstep.kernel.shared.place_codes import is_code
from doorstep.modules.chain.building_members import newest_counts
from doorstep.modules.chain.importing import import_building_members
from doorstep.modules.chain.models import BuildingMembers, GroupPlan
from doorstep.modules.chain.policies import KEEP
from doorstep.modules.chain.selectors_group_plans import plans_seen


def _plan_links(actor: Actor, row: Any) -> Iterable[Link]:
    yield Link(_("打开方案"), reverse("chain:group_plan", args=[row.pk]), main=True)


def _counts(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return newest_counts(actor, on)


def _counting(actor: Actor, place: str) -> Iterable[Link]:
    if actor.holds_somewhere(KEEP):
        chosen = f"?place={place}" if place and is_code(place) else ""
        yield Link(_("登记楼栋党员人数"), f"{reverse('chain:choose_building_members')}{chosen}", main=True)


_PLANS = Register(
    key="chain.group_plans", undated=UNDER_WAY, name=_("小组方案"), noun=_("小组方案"), model=GroupPlan, order=("-id",),
    section=navigation.CHAIN, rows=lambda actor, on: plans_seen(actor), links=_plan_links,
    columns=(
        Column("title", width=28), Column("place_code", kind="place"),
        Column("state", value=lambda row: str(row.get_state_display())),
        Column("buildings_count", _("楼栋数"), kind="number", value=lambda row: len(row.buildings)),
        Column("minimum", kind="number", shown=False), Column("size", kind="number", shown=False),
        Column("on", kind="date"), Column("effective_on", kind="date"), Column("document", width=20, shown=False),
        Column("made_at", kind="datetime", width=18, shown=False), Column("sent_at", kind="datetime", width=18, shown=False),
        Column("approved_at", kind="datetime", width=18, shown=False),
        Column("applied_at", kind="datetime", width=18, shown=False), Column("error", width=40, shown=False),
    ),
    filters=(Filter("state", _("状态"), choices=STATES),),
    search=Search(contains=("title", "document"), starts=("place_code",), hint=_("名称、文号或代码")),
    empty=_("社区或街道做了楼栋党小组方案后，这里就有记录。"),
)  # fmt: skip

_MEMBERS = Register(
    key="chain.building_members", name=_("楼栋党员人数"), noun=_("楼栋"), model=BuildingMembers, order=("place_code", "id"),
    as_of=True, section=navigation.CHAIN, rows=_counts, actions=_counting,
    columns=(
        Column("building", _("楼栋"), value="building__name", width=24),
        Column("compound", _("小区楼院"), value="building__compound__name", width=24),
        Column("place_code", kind="place"), Column("full", kind="number"), Column("counted_on", kind="date"),
        Column("address", _("地址"), value="building__address", shown=False, width=28),
    ),
    filters=(
        Filter("since", _("统计于"), kind="date", field="counted_on", phrase=_("{value} 起统计的")),
    ),
    search=Search(
        names=("building__",), contains=("building__address",), starts=("place_code",), hint=_("楼栋、地址或代码")
    ),
    note=_("只登记人数，不登记是谁。每栋楼显示“截至”那天最近一次的人数；没有登记的楼，做小组方案时按党支部人数估算。"),
    empty=_("社区登记各楼的党员人数后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("community", "building", "counted_on"),
        columns=(
            ImportColumn("community", _("社区"), kind="place", level="community", required=True, default_place=True,
                         aliases=("所在社区", "地方")),
            ImportColumn("building", _("楼栋"), required=True, aliases=("楼号", "所在楼栋", "地址"), max_length=200,
                         note=_("楼栋名称；同名的写地址。")),
            ImportColumn("full", _("正式党员"), kind="number", required=True, aliases=("正式党员人数", "党员人数")),
            ImportColumn("counted_on", _("统计日期"), kind="date", required=True, aliases=("统计时间", "截止日期")),
        ),
        examples=(
            {"community": "210202005011", "building": "1号楼", "full": "4", "counted_on": "2026-01-05"},
        ),
        row_service=import_building_members,
    ),
)  # fmt: skip

declare(_PLANS, _MEMBERS)
