"""What waits for a person today. A package declares providers; the desk shows them under "my work"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise

from doorstep.kernel.access.actors import Actor

Text = str | Promise


@dataclass(frozen=True)
class WorkItem:
    """One thing that waits: what, where, by when, and its one main action."""

    title: Text
    place_code: str
    place_name: str
    url: str
    action: Text
    due: dt.date | None = None
    detail: Text = ""


Group = Literal["decide", "confirm", "settle", "due", "broken", "own"]


@dataclass(frozen=True)
class WorkProvider:
    """`group`: to decide, to confirm, to settle, falling due, broken; "own" is what somebody answers for, not a task.

    `items` returns at most `limit` items for the actor, most urgent first, and how many there are in all.
    `all_url`: where all of them are listed, for this actor; "" for nowhere. `of_unit`: asked of a unit, not of a post, so that a
    unit's own page shows it too.
    """

    key: str
    name: Text
    group: Group
    items: Callable[[Actor, dt.date, int], tuple[Iterable[WorkItem], int]]
    all_url: Callable[[Actor], str] = lambda actor: ""
    of_unit: bool = False


_providers: dict[str, WorkProvider] = {}


def declare(*providers: WorkProvider) -> None:
    for provider in providers:
        if provider.key in _providers:
            raise RuntimeError(f"work provider {provider.key} is declared twice")
        _providers[provider.key] = provider


def all_providers() -> list[WorkProvider]:
    return [_providers[key] for key in sorted(_providers)]
