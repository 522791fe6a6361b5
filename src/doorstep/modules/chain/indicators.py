"""The chain's figures: chapter 1 of the programme, each a count of records as of a day; and every break as a figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Aggregate, Count, OuterRef, QuerySet, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.findings import Finding, all_findings
from doorstep.kernel.declarations.indicators import Indicator, Scope, Text, declare
from doorstep.modules.chain import findings  # noqa: F401  the breaks must be known before they become figures
from doorstep.modules.chain.models import MemberCount
from doorstep.modules.chain.selectors import BRANCH, COMMUNITY, GROUP, alive, households_on

CLAUSE = _("健全完善到边到底的组织体系：“社区党组织—网格党支部—楼栋党小组—党员中心户”四级党组织链条")
SECRETARY = _("社区党组织书记或者街道工作人员登记后，这里就有数字。")


def _units(kind: str) -> Callable[[Scope], QuerySet[Any]]:
    return lambda scope: alive(kind, scope.on)


def _branch_members(scope: Scope) -> QuerySet[Any]:
    counts = MemberCount.objects.filter(unit=OuterRef("unit_id"), counted_on__lte=scope.on)
    latest = counts.order_by("-counted_on")
    rows = alive(BRANCH, scope.on).annotate(full_members=Subquery(latest.values("full")[:1]))
    return rows.filter(full_members__isnull=False)


def _figure(
    key: str, name: Text, unit: Text, rows: Callable[[Scope], QuerySet[Any]], counted: Text, register: str = "",
    aggregate: Aggregate | None = None, headline: bool = True, place_field: str = "place_code",
    coarse_field: str = "",
) -> Indicator:  # fmt: skip
    return Indicator(
        key=f"chain.{key}", name=name, unit=unit, kind="stock", chapter="1", clause=CLAUSE, rows=rows,
        aggregate=aggregate or Count("pk"), counted=counted, register=register, who_records=SECRETARY,
        headline=headline, place_field=place_field, coarse_field=coarse_field,
    )  # fmt: skip


def _of_finding(finding: Finding) -> Indicator:
    return Indicator(
        key=f"findings.{finding.key}", name=finding.name, unit=_("处"), kind="stock", chapter="findings",
        clause=finding.clause, rows=lambda scope: finding.rows(scope.on), place_field=finding.place_field,
        coarse_field=finding.coarse_field,
        counted=finding.name, computed=True,
    )  # fmt: skip


declare(
    _figure(
        "community_organisations", _("社区党组织"), _("个"), _units(COMMUNITY), _("在册的社区党组织"),
        "chain.communities",
    ),
    _figure(
        "grid_branches", _("网格党支部"), _("个"), _units(BRANCH), _("在册的网格党支部"), "chain.branches"
    ),
    _figure(
        "building_groups", _("楼栋党小组"), _("个"), _units(GROUP), _("在册的楼栋党小组"), "chain.groups"
    ),
    _figure(
        "member_households", _("党员中心户"), _("户"), lambda scope: households_on(scope.on),
        _("在册的党员中心户"), "chain.households", place_field="stood_in",
        coarse_field="place_code",  # a building stays in its community
    ),
    _figure(
        "branch_members", _("网格党支部正式党员"), _("人"), _branch_members,
        _("各网格党支部最近一次统计的正式党员人数之和"), "chain.branches", Sum("full_members"), headline=False,
    ),
    *[_of_finding(each) for each in all_findings() if each.key.startswith("chain.")],
)  # fmt: skip
