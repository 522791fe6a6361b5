"""An indicator is a queryset and an aggregate: so a figure can always show the rows that make it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import Aggregate, Count, QuerySet
from django.utils.functional import Promise

from doorstep.kernel.shared.place_codes import LENGTHS

Text = str | Promise


@dataclass(frozen=True)
class Scope:
    """Where and when a figure is asked for. A stock is as of `on`; a flow counts `since` ≤ day ≤ `on`."""

    place_code: str
    on: dt.date
    since: dt.date


@dataclass(frozen=True, eq=False)
class Indicator:
    """One figure of the programme. Two are the same only when they are one object.

    rows: rows that make the figure at (on, since), for every place; the engine narrows it by `place_field`.
    aggregate: over those rows; a count of rows unless said otherwise.
    computed: found by looking rather than recorded (a break): then none found is a true zero.
    additive: a number of things: the parts of a place add up to it, and no rows are none. Not so a share or a median
        (a float): without rows it is unknown, and parts are not added up.
    counted: what is counted, in words, for the sentence under the figure.
    clause: the source that asks for the figure. register: the register that lists such rows, by its policy: a row that
        does not exist for the reader counts, and is not shown. row_field: where a row names the register's (a step its
        request): the register then lists each once.
    who_records: a sentence, said where there are no rows yet: whose doing makes the first ones.
    coarse_field: a column that says the same down to the community and costs less to ask than `place_field`.
    cell: one of a cross table that stands on a page of its own; it is asked by key, and not offered among figures.
    """

    key: str
    name: Text
    unit: Text
    kind: Literal["stock", "flow"]
    chapter: str
    clause: Text
    rows: Callable[[Scope], QuerySet[Any]]
    aggregate: Aggregate = field(default_factory=lambda: Count("pk"))
    place_field: str = "place_code"
    register: str = ""
    row_field: str = "pk"
    counted: Text = ""
    who_records: Text = ""
    computed: bool = False
    additive: bool = True
    headline: bool = False
    cell: bool = False
    coarse_field: str = ""

    def placed_by(self, digits: int) -> str:
        """The field that tells rows apart by so many digits of a place code."""
        return self.coarse_field if self.coarse_field and digits <= LENGTHS["community"] else self.place_field


_indicators: dict[str, Indicator] = {}


def declare(*indicators: Indicator) -> None:
    for indicator in indicators:
        if indicator.key in _indicators:
            raise RuntimeError(f"indicator {indicator.key} is declared twice")
        _indicators[indicator.key] = indicator


def indicator(key: str) -> Indicator:
    return _indicators[key]


def all_indicators(keys: Iterable[str] | None = None) -> list[Indicator]:
    """Those of `keys`, or all of them: by chapter, within it in the order of their declaration."""
    return [
        _indicators[key]
        for key in (keys or sorted(_indicators, key=lambda known: _indicators[known].chapter))
    ]
