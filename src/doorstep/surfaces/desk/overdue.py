"""The overdue board: what has passed its deadline, by place and by the level it lies at, each number with its rows.

Places stand in their official order and nobody is named beside a number: it shows where something is stuck, not who is
worse.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters import selectors
from doorstep.kernel.matters.laws import Text
from doorstep.kernel.matters.models import SupervisionOrder
from doorstep.kernel.matters.policies import SUPERVISE
from doorstep.kernel.matters.wording import time_left
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import level_below, level_of, within
from doorstep.surfaces.desk.inbox import Line, lines_of
from doorstep.surfaces.desk.levels import LEVELS, OTHER, with_level

LISTED = 30
PARTS = {"street": "street_code", "community": "community_code", "grid": "place_code"}


@dataclass(frozen=True)
class Cell:
    """A number and the address of its rows; "" for none."""

    number: int
    url: str


@dataclass(frozen=True)
class Part:
    """One place with its numbers by level. `code`: "" for what is known no finer than the whole; `past`: the longest."""

    name: str
    code: str
    cells: tuple[Cell, ...]
    total: Cell
    past: str


@dataclass(frozen=True)
class Overdue:
    """One matter of the list. `supervise`: address of the form of an order; `order`: the one that runs."""

    line: Line
    level: Text
    supervise: str = ""
    order: SupervisionOrder | None = None


@dataclass(frozen=True)
class Board:
    levels: tuple[Text, ...]
    parts: tuple[Part, ...]
    whole: Part
    ages: tuple[tuple[str, Cell], ...]
    rows: tuple[Overdue, ...]
    all_url: str


def board(actor: Actor, place_code: str, name: str) -> Board:
    """The board of a place of the actor's. Six queries, whatever the number of rows."""
    rows = selectors.box(actor, "overdue", place_code)
    part = level_below(place_code) or level_of(place_code)
    part = part if part in PARTS else "street"
    counts = _counted(rows, PARTS[part])
    levels = [key for key in LEVELS if key != OTHER or any(key in each for each in counts.values())]
    names = _parts_of(place_code, part)
    loose = [code for code in counts if code not in names]
    return Board(
        levels=tuple(LEVELS[key] for key in levels),
        parts=(
            *(
                _part(text, code, [counts.get(code, {})], levels, {"place": code})
                for code, text in names.items()
            ),
            *(_loose(place_code, part, [counts[code] for code in loose], levels) if loose else ()),
        ),
        whole=_part(name, place_code, list(counts.values()), levels, {"place": place_code}),
        ages=tuple(_ages(rows, place_code)),
        rows=tuple(_listed(actor, rows)),
        all_url=_rows_url(place=place_code),
    )


Counts = Mapping[str, tuple[int, dt.datetime]]


def _counted(rows: Any, part: str) -> dict[str, Counts]:
    """By part and level, how many, and the earliest deadline among them."""
    found: dict[str, dict[str, tuple[int, dt.datetime]]] = defaultdict(dict)
    grouped = (
        with_level(rows).order_by().values(part, "level_now").annotate(n=Count("pk"), oldest=Min("due_at"))
    )
    for row in grouped:
        found[row[part]][row["level_now"]] = row["n"], row["oldest"]
    return dict(found)


def _parts_of(place_code: str, part: str) -> dict[str, str]:
    """The places one level down in their official order, whether anything is late there or not."""
    below = within("code", [place_code])
    if part == "grid":
        return dict(Grid.objects.in_force().filter(below).order_by("code").values_list("code", "name"))
    areas = Area.objects.filter(below, level=part, ended_on__isnull=True)
    return dict(areas.order_by("code").values_list("code", "name"))


def _loose(place_code: str, part: str, counts: Sequence[Counts], levels: Sequence[str]) -> Iterable[Part]:
    """What is known no finer than the place itself: a report of a whole street, of a community without a grid."""
    level = level_of(place_code)
    where = {"place": place_code} | ({"known_to": level} if level in ("street", "community") else {})
    yield _part(_("没有说到更细的地方"), "", counts, levels, where)


def _part(
    name: str, code: str, counts: Sequence[Counts], levels: Sequence[str], where: dict[str, str]
) -> Part:
    numbers = {key: sum(each[key][0] for each in counts if key in each) for key in levels}
    oldest = min((due for each in counts for _number, due in each.values()), default=None)
    return Part(
        name, code, tuple(_cell(number, **where, level=key) for key, number in numbers.items()),
        _cell(sum(numbers.values()), **where), time_left(oldest)[1] if oldest else "",
    )  # fmt: skip


def _cell(number: int, **conditions: str) -> Cell:
    return Cell(number, _rows_url(**conditions) if number else "")


def _rows_url(**conditions: str) -> str:
    return f"{reverse('desk:inbox')}?{urlencode({'box': 'overdue'} | conditions)}"


def _ages(rows: Any, place_code: str) -> Iterable[tuple[str, Cell]]:
    """How long past, in whole days, so that each number is that of its rows. One query."""
    today = clock.today()
    bounds = [
        (_("今天超期"), today, None), (_("超期 1 到 3 天"), today - dt.timedelta(3), today - dt.timedelta(1)),
        (_("超期 4 到 7 天"), today - dt.timedelta(7), today - dt.timedelta(4)),
        (_("超期 8 天以上"), None, today - dt.timedelta(8)),
    ]  # fmt: skip
    counts = rows.order_by().aggregate(
        **{
            f"age{at}": Count("pk", filter=_due(since, until))
            for at, (_words, since, until) in enumerate(bounds)
        }
    )
    for at, (words, since, until) in enumerate(bounds):
        days = {"due_since": since, "due_until": until}
        said = {key: day.isoformat() for key, day in days.items() if day}
        yield words, _cell(counts[f"age{at}"], place=place_code, **said)


def _due(since: dt.date | None, until: dt.date | None) -> Q:
    condition = Q()
    if since:
        condition &= Q(due_at__gte=dt.datetime.combine(since, dt.time(), clock.DISTRICT_ZONE))
    if until:
        condition &= Q(
            due_at__lt=dt.datetime.combine(until + dt.timedelta(1), dt.time(), clock.DISTRICT_ZONE)
        )
    return condition


def _listed(actor: Actor, rows: Any) -> Iterable[Overdue]:
    """Those longest past, each with what may be done about it first."""
    found = selectors.page_by_deadline(
        with_level(rows).select_related("handler").defer("text", "sought", "bigrams"), LISTED
    )
    units = _supervising(actor)
    orders: dict[int, list[SupervisionOrder]] = defaultdict(list)
    for order in SupervisionOrder.objects.filter(matter__in=found, closed_at__isnull=True).order_by("pk"):
        orders[order.matter_id].append(order)
    for line in lines_of(found):
        matter = line.matter
        own = {
            unit
            for unit, places in units.items()
            if any(matter.place_code.startswith(each) for each in places)
        }
        running = next((order for order in orders[matter.pk] if order.unit_id in own), None)
        may = bool(own) and matter.holder_id is not None and running is None
        yield Overdue(
            line, LEVELS[matter.level_now],  # type: ignore[attr-defined]  # annotated
            reverse("desk:act", args=[matter.number, "supervise"]) if may else "", running,
        )  # fmt: skip


def _supervising(actor: Actor) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for grant in actor.grants:
        if SUPERVISE in grant.capabilities:
            found[grant.unit_id] += grant.places
    return dict(found)
