"""Plans of workers side by side: the figures they are compared by, and how the work spreads over the workers of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.proposals.selectors import ComparedRow, Measure, compared_rows
from doorstep.modules.grids.plan_comparison import percent, whole
from doorstep.modules.grids.selectors_staffing import StaffView

EDGES = (
    0,
    50,
    70,
    80,
    90,
    95,
    105,
    110,
    120,
    130,
    150,
)  # of a worker's load, the mean of the community is 100; the last is open


def staff_comparison(views: Sequence[StaffView]) -> tuple[list[ComparedRow], dict[str, Any]]:
    """Of plans of one place: their figures in rows, and the chart of how the work spreads."""
    rows = compared_rows(_measures(), views[0].today, [view.figures for view in views])
    series = [{"name": _("现在"), "values": _spread(_shares_today(views[0]))}]
    series += [
        {"name": view.plan.title, "values": _spread(one.share_of_mean for one in view.workers)}
        for view in views
    ]
    labels = [*(f"{a}–{b}" for a, b in pairwise(EDGES)), f"≥{EDGES[-1]}"]
    chart = {
        "kind": "bar", "labels": labels, "unit": "", "series": series,
        "description": _("工作量是平均的百分之几的网格员各有多少名，各方案用同一根轴"),
    }  # fmt: skip
    return rows, chart


def _shares_today(view: StaffView) -> list[float]:
    """Of each worker of the plan, what they carry today ÷ the mean of the community."""
    carried = [0.0] * len(view.workers)
    for grid in view.grids:
        if grid.today is not None:
            carried[grid.today] += grid.load
    means = {code: one["mean"] for code, one in view.figures.get("communities", {}).items()}
    return [
        carried[one.number] / means[one.community] if means.get(one.community) else 0.0
        for one in view.workers
    ]


def _spread(shares: Iterable[float]) -> list[int]:
    counts = [0] * len(EDGES)
    for share in shares:
        counts[sum(share * 100 >= edge for edge in EDGES) - 1] += 1
    return counts


def _measures() -> list[Measure]:
    return [
        Measure("grids", _("网格数"), whole, less=False),
        Measure("workers", _("网格员"), whole, less=False),
        Measure("heaviest", _("担子最重的是平均的"), percent),
        Measure("changed", _("换网格员的网格"), whole),
        Measure("persons", _("有变化的网格员"), whole),
        Measure("without", _("没有网格员的网格"), whole),
        Measure("idle", _("没有网格的网格员"), whole),
        Measure("apart", _("网格不相邻或者超过两个的人"), whole),
    ]
