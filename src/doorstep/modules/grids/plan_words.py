"""A plan's figures as people read them: beside today's, with how much better any plan could be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.proposals.words import Told

MOST_BARS = 40


def percent(share: float) -> str:
    return f"{share * 100:.0f}%"


def formula(weights: Mapping[str, Any]) -> str:
    """How the work of a building is counted, and since when, of the weights as a plan keeps them; "" without any."""
    if not weights:
        return ""
    work = _("%(household)g × 户数 × （1 + %(difficulty)g × （难度系数 − 1））") % weights
    if weights["building"]:
        work = f"{weights['building']:g} + {work}"
    return _("自 %(since)s 起：工作量 = %(work)s") % {"since": weights["since"], "work": work}


def told(
    figures: Mapping[str, Any], today: Mapping[str, Any], bounds: Mapping[str, Any] | None
) -> list[Told]:
    """The figures beside the map, the most important first."""
    if not figures:
        return []
    return [
        _one("part_max", _("最重的网格是平均的"), figures, today, percent, _room(figures, bounds)),
        _one("compact", _("楼栋到网格中心"), figures, today, lambda value: _("%d 米") % round(value), _room_compact(figures, bounds)),
        Told(
            "moved_households", _("要换网格的居民"), _("%d 户") % figures["moved_households"], _("0 户"), None,
            _("占 %s") % percent(figures["moved_share"]),
        ),
        _one("compounds_split", _("被分开的小区"), figures, today, lambda value: _("%d 个") % value),
        *_troubles(figures),
    ]  # fmt: skip


def _one(
    key: str, name: str, figures: Mapping[str, Any], today: Mapping[str, Any], words: Any, note: str = ""
) -> Told:
    value, before = words(figures[key]), words(today.get(key, figures[key]))
    better = None if value == before else figures[key] < today[key]
    return Told(key, name, value, before, better, note)


def _room(figures: Mapping[str, Any], bounds: Mapping[str, Any] | None) -> str:
    """How much better the heaviest grid could be at all."""
    if not bounds:
        return ""
    floor, more = bounds["part_max"], figures["part_max"] - bounds["part_max"]
    if round(more * 100) <= 0:
        return _("已经不可能更均匀")
    return _("还能好多少：再怎么分也不会低于 %(floor)s，最多再降 %(more)d 个百分点") % {
        "floor": percent(floor), "more": round(more * 100),
    }  # fmt: skip


def _room_compact(figures: Mapping[str, Any], bounds: Mapping[str, Any] | None) -> str:
    if not bounds or not bounds.get("compact"):
        return ""
    more = round(figures["compact"] - bounds["compact"])
    if more <= 0:
        return _("已经不可能更紧凑")
    return _("还能好多少：最多再近 %d 米") % more


def _troubles(figures: Mapping[str, Any]) -> list[Told]:
    """What should be zero stands here only when it is not."""
    shown = [
        ("broken", _("不连成一片的网格"), _("%d 个")),
        ("pins_broken", _("没有做到的要求"), _("%d 项")),
        ("overweight_buildings", _("一栋就超过平均的楼"), _("%d 栋")),
    ]
    return [
        Told(key, name, words % figures[key], "", None, _("需要留意"))
        for key, name, words in shown
        if figures.get(key)
    ]


def loads(grids: Sequence[Any], labels_of: Mapping[str, str]) -> dict[str, Any]:
    """The chart of grids' loads: each grid a bar while they can be told apart, else how many grids are how heavy."""
    shown = [grid for grid in grids if grid.buildings]
    if len(shown) <= MOST_BARS:
        ordered = sorted(shown, key=lambda grid: -grid.share_of_mean)
        several = len({grid.community for grid in shown}) > 1
        names = [
            f"{labels_of.get(grid.community, '')}{grid.name}" if several else grid.name for grid in ordered
        ]
        values = [round(grid.share_of_mean * 100) for grid in ordered]
        name = _("工作量，各社区平均为 100")
        return _chart(names, values, name, _("每个网格的工作量，从重到轻；横线是平均"), {"at": 100})
    edges = list(range(50, 160, 10))
    counts = [0] * (len(edges) + 1)
    for grid in shown:
        value = grid.share_of_mean * 100
        counts[sum(value >= edge for edge in edges)] += 1
    names = [
        f"<{edges[0]}",
        *(f"{a}–{b}" for a, b in pairwise(edges)),
        f"≥{edges[-1]}",
    ]
    return _chart(names, counts, _("网格数"), _("工作量是平均的百分之几的网格各有多少个"), None)


def _chart(
    names: list[str], values: list[int], series: str, description: str, mark: dict[str, Any] | None
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "kind": "bar", "labels": names, "unit": "", "description": description,
        "series": [{"name": series, "values": values}],
    }  # fmt: skip
    if mark:
        data["mark"] = mark | {"name": _("平均")}
    return data
