"""What waits for one person today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.work import WorkItem, all_providers
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.surfaces.desk.breaks import all_breaks, kinds_of_break

SHOWN = 5  # of each provider


@dataclass(frozen=True)
class WaitingGroup:
    """What waits of one sort: lines to show, and how many there are in all. `all_url` where one list has them all."""

    key: str
    title: str
    items: tuple[dict[str, Any], ...]
    total: int
    all_url: str = ""


def waiting(actor: Actor, today: dt.date) -> list[WaitingGroup]:
    """In the order of the day: decide, confirm, settle, falling due, broken; then what is one's own.

    Breaks no provider shows are counted by kind.
    """
    titles = {
        "decide": _("待决定"), "confirm": _("待确认"), "settle": _("待处理"), "due": _("快到期"), "broken": _("断点"),
        "own": _("我负责的"),
    }  # fmt: skip
    lists: dict[str, list[str]] = {group: [] for group in titles}
    found: dict[str, list[WorkItem]] = {group: [] for group in titles}
    totals = dict.fromkeys(titles, 0)
    providers = all_providers()
    for provider in providers:
        items, total = provider.items(actor, today, SHOWN)
        found[provider.group] += items
        totals[provider.group] += total
        if total:
            lists[provider.group].append(provider.all_url(actor))
    lines = {
        group: [_line(item, today) for item in sorted(items, key=lambda item: item.due or dt.date.max)]
        for group, items in found.items()
    }
    if not any(provider.group == "broken" for provider in providers):
        lines["broken"], totals["broken"] = _breaks(actor, today)
    everything = {group: urls[0] for group, urls in lists.items() if len(urls) == 1}
    everything["broken"] = all_breaks(actor.places_for(VIEW), today)
    return [
        WaitingGroup(group, title, tuple(lines[group]), totals[group], everything.get(group, ""))
        for group, title in titles.items()
    ]


def clock_words(due: dt.date | None, today: dt.date) -> tuple[str, str]:
    """(class, words) of a deadline: the time left in words; a week before it turns amber, after it red."""
    if due is None:
        return "", ""
    left = (due - today).days
    if left < 0:
        return "late", _("已过 %(n)d 天") % {"n": -left}
    if left == 0:
        return "soon", _("今天到期")
    return ("soon" if left <= 7 else ""), _("还有 %(n)d 天") % {"n": left}


def _line(item: WorkItem, today: dt.date) -> dict[str, Any]:
    clock, words = clock_words(item.due, today)
    return {
        "title": item.title, "url": item.url, "where": item.place_name, "detail": item.detail, "action": item.action,
        "clock": clock, "clock_words": words,
    }  # fmt: skip


def _breaks(actor: Actor, today: dt.date) -> tuple[list[dict[str, Any]], int]:
    kinds = kinds_of_break(actor.places_for(VIEW), today)
    lines = [
        {
            "title": kind.finding.name, "url": kind.url, "where": kind.finding.clause, "action": _("逐处查看"),
            "clock": "late" if kind.is_serious else "soon", "clock_words": _("%(n)s 处") % {"n": kind.count},
        }
        for kind in kinds
    ]  # fmt: skip
    return lines, sum(kind.count for kind in kinds)
