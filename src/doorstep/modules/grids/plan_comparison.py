"""Plans side by side: the figures they are compared by, and how the work spreads over the grids of each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.proposals.rows import present
from doorstep.kernel.proposals.selectors import ComparedRow, Measure, compared_rows
from doorstep.modules.grids import instances
from doorstep.modules.grids.models import GridPlan

# of a grid's load ÷ the mean of its community; the last is open
EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.2, 1.3, 1.5)


def comparison(plans: Sequence[GridPlan]) -> tuple[list[ComparedRow], dict[str, Any]]:
    """Of plans of one place: their figures in rows, and the chart of how the work spreads. Seven statements for each plan."""
    grounds = [instances.ground_of(plan) for plan in plans]
    first = grounds[0]
    rows = compared_rows(
        _measures(), instances.figures_of(first, first.today), [present(plan).figures for plan in plans]
    )
    series = [{"name": _("现在"), "values": histogram(first, first.today)}]
    series += [
        {"name": plan.title, "values": histogram(ground, present(plan).labels)}
        for plan, ground in zip(plans, grounds, strict=True)
    ]
    ends = [f"{edge * 100:.0f}" for edge in EDGES]
    chart = {
        "kind": "bar", "labels": [*(f"{a}–{b}" for a, b in pairwise(ends)), f"≥{ends[-1]}"], "unit": "", "series": series,
        "description": _("工作量是平均的百分之几的网格各有多少个，各方案用同一根轴"),
    }  # fmt: skip
    return rows, chart


def histogram(ground: instances.Ground, labels: instances.Labels) -> list[int]:
    """How many grids have so much work against the mean grid of their community, by EDGES."""
    import numpy as np

    has = np.array([label is not None for label in labels], dtype=bool)
    if not has.any():
        return [0] * len(EDGES)
    given = np.array([-1 if label is None else label for label in labels], dtype=np.int64)
    part, load = ground.instance.part, ground.instance.load
    mean = np.bincount(part, weights=load, minlength=len(ground.instance.asked)) / ground.instance.asked
    numbers, at = np.unique(given[has], return_inverse=True)
    loads = np.bincount(at, weights=load[has])
    home = np.zeros(len(numbers), dtype=np.int64)
    home[at] = part[has]
    counts, _edges = np.histogram(loads / mean[home], bins=[*EDGES, np.inf])
    return [int(count) for count in counts]


def percent(value: float) -> str:
    return f"{value:.1%}"


def whole(value: float) -> str:
    return f"{value:.0f}"


def _measures() -> list[Measure]:
    return [
        Measure("grids", _("网格数"), whole, less=False),
        Measure("part_max", _("最重的网格是平均的"), percent),
        Measure("cv", _("网格之间工作量的离散"), percent),
        Measure("compact", _("到中心楼栋的距离（米）"), whole),
        Measure("moved_households", _("换网格的户数"), whole),
        Measure("moved_share", _("换网格的户数占"), percent),
        Measure("compounds_split", _("被分开的小区"), whole),
        Measure("broken", _("不连通的网格"), whole),
        Measure("overweight_buildings", _("一栋就超过平均的楼"), whole),
    ]
