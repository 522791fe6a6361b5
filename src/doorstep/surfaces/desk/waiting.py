"""What waits for one person today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.work import WorkItem, all_providers

SHOWN = 5  # of each provider


@dataclass(frozen=True)
class WholeList:
    """Where all that one provider knows of is listed."""

    name: str
    total: int
    url: str


@dataclass(frozen=True)
class WaitingGroup:
    """What waits of one sort: lines to show, and how many there are in all. `all_url` where one list has them all, else
    `lists`: those of its parts that have one."""

    key: str
    title: str
    items: tuple[dict[str, Any], ...]
    total: int
    all_url: str = ""
    lists: tuple[WholeList, ...] = ()


def waiting(actor: Actor, today: dt.date) -> list[WaitingGroup]:
    """In the order of the day: decide, confirm, settle, falling due, broken; then what is one's own."""
    titles = {
        "decide": _("待决定"), "confirm": _("待确认"), "settle": _("待处理"), "due": _("快到期"), "broken": _("断点"),
        "own": _("我负责的"),
    }  # fmt: skip
    lists: dict[str, list[WholeList]] = {group: [] for group in titles}
    found: dict[str, list[WorkItem]] = {group: [] for group in titles}
    for provider in all_providers():
        items, total = provider.items(actor, today, SHOWN)
        found[provider.group] += items
        if total:
            lists[provider.group].append(WholeList(str(provider.name), total, provider.all_url(actor)))
    lines = {
        group: [_line(item, today) for item in sorted(items, key=lambda item: item.due or dt.date.max)]
        for group, items in found.items()
    }
    return [_group(group, title, lines[group], lists[group]) for group, title in titles.items()]


def _group(key: str, title: str, lines: list[dict[str, Any]], lists: list[WholeList]) -> WaitingGroup:
    total = sum(part.total for part in lists)
    if len(lists) == 1:
        return WaitingGroup(key, title, tuple(lines), total, all_url=lists[0].url)
    return WaitingGroup(key, title, tuple(lines), total, lists=tuple(part for part in lists if part.url))


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
