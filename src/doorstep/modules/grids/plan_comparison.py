"""Plans side by side: the same figures in rows, and how the work spreads over the grids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.grids import instances
from doorstep.modules.grids.models import GridPlan

MOST = 4
EDGES = (
    0.0,
    0.5,
    0.7,
    0.8,
    0.9,
    0.95,
    1.05,
    1.1,
    1.2,
    1.3,
    1.5,
)  # of a grid's load ÷ the mean of its community; the last is open


@dataclass(frozen=True)
class ComparedPlan:
    """histogram: how many grids in each of the intervals between `edges`."""

    id: int
    title: str
    state: str
    version: int
    histogram: list[int]


@dataclass(frozen=True)
class ComparedRow:
    """One figure: of today, of each plan, which are best (less is better where `less`)."""

    key: str
    name: str
    today: str
    values: list[str]
    best: list[int]


@dataclass(frozen=True)
class Comparison:
    edges: list[float]
    today: list[int]
    plans: list[ComparedPlan]
    rows: list[ComparedRow]

    @property
    def data(self) -> dict[str, Any]:
        return asdict(self)


def comparison(actor: Actor, plan_ids: Sequence[int]) -> Comparison:
    """Two to four plans of one place. Raises NotVisible for one that is not the actor's to see, RuleViolation for plans that
    cannot be held against each other. Ten statements for each plan."""
    ids = list(dict.fromkeys(plan_ids))
    if not 2 <= len(ids) <= MOST:
        raise RuleViolation(_("请选二到四个方案来比较。"), field="plans")
    found = {
        plan.pk: plan
        for plan in policy_for(GridPlan).visible_to(actor).filter(pk__in=ids).select_related("current")
    }
    if set(found) != set(ids):
        raise NotVisible(_("没有找到这个方案。"))
    plans = [found[pk] for pk in ids]
    if len({plan.place_code for plan in plans}) > 1:
        raise RuleViolation(_("只有同一个地方的方案才能放在一起比较。"), field="plans")
    grounds = [instances.ground_of(plan) for plan in plans]
    labels = [plan.current.labels if plan.current else [] for plan in plans]
    figures = [plan.current.figures if plan.current else {} for plan in plans]
    first = instances.figures_of(grounds[0], grounds[0].today)
    return Comparison(
        list(EDGES), histogram(grounds[0], grounds[0].today),
        [
            ComparedPlan(
                plan.pk, plan.title, plan.state, plan.current.number if plan.current else 0, histogram(ground, label)
            )
            for plan, ground, label in zip(plans, grounds, labels, strict=True)
        ],
        _rows(first, figures),
    )  # fmt: skip


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


def _percent(value: float) -> str:
    return f"{value:.1%}"


def _whole(value: float) -> str:
    return f"{value:.0f}"


def _rows(today: dict[str, Any], figures: Sequence[dict[str, Any]]) -> list[ComparedRow]:
    """Less is better in each but the number of grids, which is what was asked."""
    shown: list[tuple[str, str, Callable[[float], str], bool]] = [
        ("grids", _("网格数"), _whole, False),
        ("part_max", _("最重的网格是平均的"), _percent, True),
        ("cv", _("网格之间工作量的离散"), _percent, True),
        ("compact", _("到中心楼栋的距离（米）"), _whole, True),
        ("moved_households", _("换网格的户数"), _whole, True),
        ("moved_share", _("换网格的户数占"), _percent, True),
        ("compounds_split", _("被分开的小区"), _whole, True),
        ("broken", _("不连通的网格"), _whole, True),
        ("overweight_buildings", _("一栋就超过平均的楼"), _whole, True),
    ]
    rows = []
    for key, name, words, less in shown:
        values = [float(one.get(key, 0)) for one in figures]
        least = min(values)
        best = [at for at, value in enumerate(values) if less and value == least and max(values) > least]
        rows.append(
            ComparedRow(key, name, words(float(today.get(key, 0))), [words(one) for one in values], best)
        )
    return rows
