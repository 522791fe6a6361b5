"""What the pages of obligations show: a unit's year, and a place's by rule and by the places below."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.obligations import kinds, selectors
from doorstep.kernel.obligations.models import Exemption, Minutes, Occurrence, UnitCalendar
from doorstep.kernel.obligations.policies import VIEW, sees_owed
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import last_names, versions_of
from doorstep.kernel.shared.place_codes import LENGTHS, contains
from doorstep.kernel.web.frame.naming import full_names_of, names_of

SHORT = {
    selectors.KEPT: _("按期"), selectors.LATE: _("补办"), selectors.OVERDUE: _("逾期"), selectors.DUE: _("待办"),
    selectors.AHEAD: _("未到"), selectors.EXEMPT: _("豁免"),
}  # fmt: skip
SIGNS = {
    selectors.KEPT: "✓", selectors.LATE: "✓", selectors.OVERDUE: "!", selectors.DUE: "○", selectors.AHEAD: "·",
    selectors.EXEMPT: "—",
}  # fmt: skip
SHOWN = 20
FIRST_YEAR, YEARS_AHEAD = 2024, 1


@dataclass(frozen=True)
class Cell:
    """One occurrence in the year at a glance."""

    row: Occurrence
    state: str
    sign: str
    short: Any
    words: Any
    month: int


@dataclass(frozen=True)
class Line:
    rule: Any
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Todo:
    """What is open, and the page where its record is made."""

    row: Occurrence
    state: str
    words: Any
    record: str
    exempt: str


@dataclass(frozen=True)
class UnitPage:
    version: UnitVersion
    where: str
    year: int
    years: tuple[int, ...]
    lines: tuple[Line, ...]
    counts: list[tuple[str, Any, int]]
    todo: tuple[Todo, ...]
    exemptions: Sequence[Exemption]
    may_record: bool
    calendar: UnitCalendar | None


def unit_seen(actor: Actor, unit_id: int) -> UnitVersion:
    """The unit as it is, or last was, where its obligations exist for the actor. Raises Http404."""
    now = versions_of([unit_id]).get(unit_id)
    rows = UnitVersion.objects.filter(unit_id=unit_id).select_related("unit")
    version = now or rows.order_by("-valid_from").first()
    if version is None or not sees_owed(actor, unit_id, version.place_code):
        raise Http404
    return version


def unit_page(actor: Actor, version: UnitVersion, year: int, today: dt.date) -> UnitPage:
    found = selectors.year_of_unit(actor, version.unit_id, year)
    probe = Minutes(unit_id=version.unit_id, place_code=version.place_code)
    may_record = policy_for(Minutes).can(actor, "record", probe)
    may_exempt = policy_for(Exemption).can(
        actor, "exempt", Exemption(unit_id=version.unit_id, place_code=version.place_code)
    )
    lines = tuple(
        Line(line.rule, tuple(_cell(row, selectors.state_of(row, today)) for row in line.rows))
        for line in found.lines
    )
    cells = [cell for line in lines for cell in line.cells]
    waiting = [cell for cell in cells if cell.state in (selectors.OVERDUE, selectors.DUE)]
    waiting.sort(key=lambda cell: (cell.row.closes_on, cell.row.code))
    return UnitPage(
        version, full_names_of({version.place_code}).get(version.place_code, ""), year,
        tuple(range(FIRST_YEAR, today.year + YEARS_AHEAD + 1)), lines,
        [(state, words, found.counts.get(state, 0)) for state, words in selectors.STATE_NAMES.items()],
        tuple(_todo(cell, may_record, may_exempt) for cell in waiting),
        selectors.exemptions_of(actor, version.unit_id), may_record,
        UnitCalendar.objects.filter(unit_id=version.unit_id).first() if may_record else None,
    )  # fmt: skip


def _cell(row: Occurrence, state: str) -> Cell:
    return Cell(row, state, SIGNS[state], SHORT[state], selectors.STATE_NAMES[state], row.ends_on.month)


def _todo(cell: Cell, may_record: bool, may_exempt: bool) -> Todo:
    row, kind = cell.row, kinds.kind_of(cell.row.rule.proof)
    record = exempt = ""
    if may_record and kind is not None and kind.page:
        record = f"{reverse(kind.page)}?{urlencode({'unit': str(row.unit_id), 'kind': kind.code})}"
    if may_exempt:
        asked = urlencode({"code": row.code, "due": row.due_on.isoformat()})
        exempt = f"{reverse('desk:exempt', args=[row.unit_id])}?{asked}"
    return Todo(row, cell.state, cell.words, record, exempt)


@dataclass(frozen=True)
class Number:
    count: int
    url: str


@dataclass(frozen=True)
class Part:
    """One line of a table: a rule, or a place below. `url`: the place's own page."""

    name: str
    numbers: tuple[Number, ...]
    rate: float | None
    url: str = ""


@dataclass(frozen=True)
class PlacePage:
    heads: list[Any]
    rules: tuple[Part, ...]
    places: tuple[Part, ...]
    units: tuple[Part, ...]
    overdue: list[Any]
    all_overdue: str


_IN_TABLE = (
    selectors.OVERDUE, selectors.KEPT, selectors.LATE, selectors.DUE, selectors.AHEAD, selectors.EXEMPT,
)  # fmt: skip


def place_page(actor: Actor, place: str, year: int) -> PlacePage:
    """What falls due in the year in the place. Six queries or so, whatever its size."""
    since, until = dt.date(year, 1, 1), dt.date(year, 12, 31)
    by_rule = selectors.owed_by_rule(actor, place, since, until)
    named = selectors.rules_named(owed.key for owed in by_rule)
    asked = {"place": place, "since": since.isoformat(), "until": until.isoformat()}
    return PlacePage(
        [selectors.STATE_NAMES[state] for state in _IN_TABLE],
        tuple(
            _part(named[owed.key].name if owed.key in named else owed.key, owed, asked | {"code": owed.key})
            for owed in by_rule
        ),
        _places(actor, place, year, asked),
        _units(actor, place, year, asked),
        _overdue(actor, place, since, until),
        _rows(asked | {"state": selectors.OVERDUE}),
    )


def _places(actor: Actor, place: str, year: int, asked: dict[str, str]) -> tuple[Part, ...]:
    """Streets of a district, communities of a street, in their official order; a community has its units alone."""
    if len(place) >= LENGTHS["community"]:
        return ()
    rows = selectors.owed_by_place(actor, place, dt.date(year, 1, 1), dt.date(year, 12, 31))
    names = names_of({owed.key for owed in rows})
    return tuple(
        _part(
            names.get(owed.key, owed.key),
            owed,
            asked | {"place": owed.key},
            f"{reverse('desk:owed_place', args=[owed.key])}?year={year}",
        )
        for owed in rows
        if owed.key != place
    )


def _units(actor: Actor, place: str, year: int, asked: dict[str, str]) -> tuple[Part, ...]:
    """Units of a community, or those that stand at the street or district itself, by name; each opens its year."""
    alone = len(place) < LENGTHS["community"]
    rows = selectors.owed_by_unit(actor, place, dt.date(year, 1, 1), dt.date(year, 12, 31), alone=alone)
    names = last_names(int(owed.key) for owed in rows)
    parts = [
        _part(
            names.get(int(owed.key), ""),
            owed,
            asked | {"unit": owed.key},
            f"{reverse('desk:owed_unit', args=[owed.key])}?year={year}",
        )
        for owed in rows
    ]
    return tuple(sorted(parts, key=lambda part: part.name))


def _part(name: str, owed: selectors.Owed, asked: dict[str, str], url: str = "") -> Part:
    numbers = [Number(owed.total, _rows(asked))]
    numbers += [Number(owed.counts[state], _rows(asked | {"state": state})) for state in _IN_TABLE]
    return Part(name, tuple(numbers), owed.rate, url)


def _rows(asked: dict[str, str]) -> str:
    return f"{reverse('web:register', args=['obligations.occurrences'])}?{urlencode(asked)}"


def _overdue(actor: Actor, place: str, since: dt.date, until: dt.date) -> list[Any]:
    """The oldest first, with the unit's name."""
    rows = list(selectors.overdue_in(actor, place, since, until)[:SHOWN])
    names = last_names(row.unit_id for row in rows)
    return [{"row": row, "unit": names.get(row.unit_id, "")} for row in rows]


def own_place(actor: Actor, home: str) -> str:
    """The first place of the actor's that a page can be about; "" for none."""
    return next((code or home for code in actor.places_for(VIEW)), "")


def may_see(actor: Actor, place: str, home: str) -> bool:
    return any(contains(code or home, place) for code in actor.places_for(VIEW))
