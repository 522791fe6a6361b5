"""Whistles by ground and outcome as a table: each number leads to its rows."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.indicators import Scope
from doorstep.kernel.indicators.addresses import rows_address
from doorstep.kernel.indicators.capabilities import VIEW as FIGURES
from doorstep.modules.requests import selectors_outcomes as selectors
from doorstep.surfaces.desk.periods import Period


@dataclass(frozen=True)
class Cell:
    """A number; `url` is empty where there is nothing behind it, or the reader sees no figures there."""

    number: int
    url: str


@dataclass(frozen=True)
class Row:
    name: str | Promise
    whole: Cell
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """`heads`: the outcomes. `totals`: of each outcome, `whole` of all."""

    heads: tuple[str | Promise, ...]
    rows: tuple[Row, ...]
    totals: tuple[int, ...]
    whole: int


def table_of(actor: Actor, place_code: str, period: Period) -> Table:
    """Raises NotVisible or NotAllowed outside the actor's places. One query."""
    found = selectors.outcomes(actor, place_code, period.since, period.on)
    scope = Scope(place_code, period.on, period.since)
    opens = actor.holds(FIGURES, place_code)

    def cell(number: int, *key: str) -> Cell:
        return Cell(number, rows_address(".".join(("whistles", *key)), scope) if number and opens else "")

    return Table(
        heads=tuple(name for _key, name, _states in selectors.OUTCOMES),
        rows=tuple(
            Row(
                row.name,
                cell(row.whistled, row.ground),
                tuple(cell(n, row.ground, outcome) for outcome, n in row.outcomes),
            )
            for row in found
        ),
        totals=tuple(selectors.totals(found)),
        whole=sum(row.whistled for row in found),
    )
