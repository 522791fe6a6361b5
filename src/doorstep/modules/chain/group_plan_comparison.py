"""Plans of building groups side by side: the figures they are compared by, and how large the groups of each are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.proposals.selectors import ComparedRow, Measure, compared_rows
from doorstep.modules.chain.models import GroupPlan
from doorstep.modules.chain.selectors_group_plans import GroupStudio


def comparison(
    plans: Sequence[GroupPlan], views: Sequence[GroupStudio]
) -> tuple[list[ComparedRow], dict[str, Any]]:
    """Of plans of one community: their figures in rows, and the chart of how many groups have how many members."""
    rows = compared_rows(_measures(), views[0].today, [view.figures for view in views])
    sizes = [_today(views[0]), *(Counter(group.members for group in view.groups) for view in views)]
    names = [_("现在"), *(plan.title for plan in plans)]
    present = [size for found in sizes for size in found]
    axis = range(min(present, default=0), max(present, default=0) + 1)
    chart = {
        "kind": "bar", "labels": [str(size) for size in axis], "unit": "",
        "series": [
            {"name": name, "values": [found[size] for size in axis]} for name, found in zip(names, sizes, strict=True)
        ],
        "description": _("有多少名正式党员的小组各有几个，各方案用同一根轴"),
    }  # fmt: skip
    return rows, chart


def _today(view: GroupStudio) -> Counter[int]:
    members: Counter[int] = Counter()
    for house in view.houses:
        if house.today is not None:
            members[house.today] += house.members
    return Counter(members.values())


def _percent(share: float) -> str:
    return f"{share:.0%}" if share else "—"


def _measures() -> list[Measure]:
    return [
        Measure("groups", _("小组数"), str, less=False),
        Measure("without", _("没有小组的楼"), str),
        Measure("under", _("人数不足的小组"), str),
        Measure("broken", _("楼栋不相邻的小组"), str),
        Measure("largest_to_mean", _("最大的小组是平均的"), _percent),
        Measure("least_to_mean", _("再怎么分也不会低于"), _percent, less=False),
        Measure("moved", _("要换小组的楼"), str),
        Measure("joining", _("新进小组的楼"), str, less=False),
    ]
