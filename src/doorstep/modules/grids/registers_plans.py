"""Registers of plans of grids, to read, and of how hard the work in compounds is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import NoReverseMatch, reverse
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
from doorstep.modules.grids.importing import import_difficulty
from doorstep.modules.grids.models import CompoundDifficulty, GridPlan
from doorstep.modules.grids.models_plans import STATES
from doorstep.modules.grids.policies import KEEP
from doorstep.modules.grids.register_parts import FROM, FROM_IN, TO, adding, choice_of, ending
from doorstep.modules.grids.selectors_plans import plans_seen


def _plan_links(actor: Actor, row: Any) -> Iterable[Link]:
    try:
        yield Link(_("打开方案"), reverse("grids:plan", args=[row.pk]), main=True)
    except NoReverseMatch:
        return


_PLANS = Register(
    key="grids.plans", undated=UNDER_WAY, name=_("网格方案"), noun=_("网格方案"), model=GridPlan, order=("-id",),
    section=navigation.PLACES, rows=lambda actor, on: plans_seen(actor), links=_plan_links,
    columns=(
        Column("title", width=28), Column("place_code", kind="place"), Column("state", value=choice_of(STATES, "state")),
        Column("grids", _("网格数"), kind="number", value=lambda row: sum(row.asked.values())),
        Column("buildings_count", _("楼栋数"), kind="number", value=lambda row: len(row.buildings)),
        Column("on", kind="date"), Column("effective_on", kind="date"), Column("document", width=20, shown=False),
        Column("made_at", kind="datetime", width=18, shown=False), Column("sent_at", kind="datetime", width=18, shown=False),
        Column("approved_at", kind="datetime", width=18, shown=False),
        Column("applied_at", kind="datetime", width=18, shown=False), Column("error", width=40, shown=False),
    ),
    filters=(Filter("state", _("状态"), choices=STATES),),
    search=Search(contains=("title", "document"), starts=("place_code",), hint=_("名称、文号或代码")),
    empty=_("街道或区里做了网格方案后，这里就有记录。"),
)  # fmt: skip

_DIFFICULTIES = Register(
    key="grids.difficulties", name=_("小区难度"), noun=_("小区难度"), model=CompoundDifficulty, order=("place_code", "id"),
    as_of=True, section=navigation.PLACES, links=ending("difficulty", KEEP),
    actions=adding("difficulty", _("登记小区难度"), KEEP),
    columns=(
        Column("compound", _("小区楼院"), value="compound__name", width=24), Column("place_code", kind="place"),
        Column("factor", kind="number", width=10), Column("reason", width=40), FROM, TO,
    ),
    search=Search(names=("compound__",), contains=("reason",), starts=("place_code",), hint=_("小区、理由或代码")),
    note=_("普通小区是 1，不用登记；系数只用来估算网格的工作量，不评价小区和居民。"),
    empty=_("社区或街道登记难度与一般不同的小区后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("place", "compound"),
        columns=(
            ImportColumn("place", _("社区"), kind="place", level="community", required=True, default_place=True, aliases=("所在社区",)),
            ImportColumn("compound", _("小区楼院"), required=True, aliases=("小区", "小区名称", "楼院"), max_length=40),
            ImportColumn("factor", _("难度系数"), kind="number", decimals=True, required=True, aliases=("系数",), note=_("0.5到3，普通小区是1。")),
            ImportColumn("reason", _("理由"), required=True, aliases=("说明",), max_length=120), FROM_IN,
        ),
        examples=(
            {"place": "210202005011", "compound": "演示小区", "factor": "1.3", "reason": "没有电梯", "valid_from": "2026-01-05"},
        ),
        row_service=import_difficulty,
    ),
)  # fmt: skip

declare(_PLANS, _DIFFICULTIES)
