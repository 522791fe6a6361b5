"""What the API answers, from the same policies and declarations as the pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.findings import Finding, all_findings
from doorstep.kernel.declarations.indicators import Scope, all_indicators, indicator
from doorstep.kernel.declarations.registers import Register, all_registers
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.kernel.indicators.selectors import Figure, countable, scope_for, visible_figures, visible_rows
from doorstep.kernel.places.models import Area, Grid, standing
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import LENGTHS, is_code, level_of, minimal, within
from doorstep.kernel.web.frame.naming import names_of
from doorstep.kernel.web.register_pages import cells
from doorstep.kernel.web.register_pages.asking import Asked, ask, may_open
from doorstep.kernel.web.register_pages.paging import page_of
from doorstep.surfaces.api import schemas

MOST_BREAKS = 500


def require(actor: Actor, place_code: str) -> str:
    """The code, where it is a place and the actor sees figures there. Raises Http404."""
    if not is_code(place_code) or not actor.holds(VIEW, place_code):
        raise Http404
    return place_code


def own_places(actor: Actor) -> list[schemas.PlaceOut]:
    codes = minimal(place for grant in actor.grants for place in grant.places)
    names = names_of(codes)
    return [_place(code, names[code]) for code in codes if code in names]


def place_with_children(actor: Actor, code: str, on: dt.date | None) -> schemas.PlaceWithChildren:
    """A place and what lies directly in it. Raises Http404 outside the actor's places."""
    require(actor, code)
    day = countable(on or clock.today())
    name = names_of([code]).get(code)
    if name is None:
        raise Http404
    if len(code) == LENGTHS["community"]:
        below = (
            Grid.objects.in_force(day).filter(community_id=code).order_by("code").values_list("code", "name")
        )
    else:
        below = (
            Area.objects.filter(standing(day), parent_id=code).order_by("code").values_list("code", "name")
        )
    children = [] if len(code) == LENGTHS["grid"] else [_place(each, each_name) for each, each_name in below]
    return schemas.PlaceWithChildren(code=code, name=name, level=level_of(code), on=day, children=children)


def _place(code: str, name: str) -> schemas.PlaceOut:
    return schemas.PlaceOut(code=code, name=name, level=level_of(code))


def figures_of(
    actor: Actor, place: str, on: dt.date | None, since: dt.date | None, keys: str, trend: bool
) -> list[schemas.FigureOut]:
    """Figures of a place, of all declared or those named. Raises Http404 for a foreign place or an unknown key."""
    require(actor, place)
    wanted = [key.strip() for key in keys.split(",") if key.strip()]
    known = {each.key for each in all_indicators()}
    if not set(wanted) <= known:
        raise Http404
    found = visible_figures(actor, place, on=on, since=since, keys=wanted or None, trend=trend)
    return [_figure(figure) for figure in found]


def _figure(figure: Figure) -> schemas.FigureOut:
    subject = figure.indicator
    return schemas.FigureOut(
        key=figure.key, name=str(subject.name), unit=str(subject.unit), kind=subject.kind,
        place=figure.scope.place_code, on=figure.scope.on, since=figure.scope.since, value=_number(figure.value),
        sentence=figure.sentence, clause=str(subject.clause),
        trend=[schemas.Point(on=day, value=_number(value)) for day, value in figure.trend],
    )  # fmt: skip


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def figure_rows(
    actor: Actor, key: str, place: str, on: dt.date | None, since: dt.date | None, after: str
) -> schemas.RowsOut:
    """The rows of a figure, by its register's columns where it has one. Raises Http404 as the page does."""
    require(actor, place)
    if key not in {each.key for each in all_indicators()}:
        raise Http404
    subject, scope = indicator(key), scope_for(place, on, since)
    rows = visible_rows(actor, key, scope)
    declared = next((each for each in all_registers() if each.key == subject.register), None)
    measured = visible_figures(actor, place, on=scope.on, since=scope.since, keys=[key])[0]
    if declared is None:
        return _plain_rows(rows, scope, subject.place_field, measured.sentence, after)
    asked = Asked(register=declared, actor=actor, place_code=place, on=scope.on, figure=measured)
    return _register_rows(asked, asked.rows, measured.sentence, after)


def _plain_rows(rows: Any, scope: Scope, place_field: str, sentence: str, after: str) -> schemas.RowsOut:
    page = page_of(rows, ("pk",), after=after)
    told = [{"id": row.pk, "name": str(row), "place": _at(row, place_field)} for row in page.rows]
    return schemas.RowsOut(
        place=scope.place_code, on=scope.on, sentence=sentence, total=page.total, after=page.after, rows=told
    )


def _at(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = getattr(row, part)
    return row


def registers_for(actor: Actor) -> list[schemas.RegisterOut]:
    """Registers that the actor may open."""
    return [_register(each) for each in all_registers() if may_open(actor, each)]


def _register(register: Register) -> schemas.RegisterOut:
    columns = [
        schemas.ColumnOut(key=column.key, name=cells.heading(register, column), kind=column.kind)
        for column in register.columns
    ]
    filters = [
        schemas.FilterOut(key=rule.key, name=str(rule.name), kind=rule.kind) for rule in register.filters
    ]
    return schemas.RegisterOut(
        key=register.key, name=str(register.name), as_of=register.as_of, columns=columns, filters=filters
    )


def register_rows(request: HttpRequest, key: str) -> schemas.RowsOut:
    """One page of a register, asked as the page's address asks. Raises Http404 as the page does."""
    asked = ask(request, key)
    names = names_of([asked.place_code])
    sentence = asked.sentence(names.get(asked.place_code, ""))
    return _register_rows(asked, asked.rows, sentence, request.GET.get("after", ""))


def _register_rows(asked: Asked, rows: Any, sentence: str, after: str) -> schemas.RowsOut:
    register = asked.register
    page = page_of(cells.joined(register, rows, register.columns), register.order, after=after)
    if register.prepare:
        register.prepare(page.rows, asked.on)
    readers = [(column, cells.reader(register, column)) for column in register.columns]
    told = [
        {"id": row.pk} | {column.key: _plain(column, read(row)) for column, read in readers}
        for row in page.rows
    ]
    return schemas.RowsOut(
        place=asked.place_code, on=asked.on, sentence=sentence, total=page.total, after=page.after, rows=told
    )


def _plain(column: Any, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | dt.date | dt.datetime):
        return value
    return cells.words(column, value, {})


def finding_kinds(actor: Actor, place: str, on: dt.date | None) -> list[schemas.FindingKind]:
    """Kinds of break with how many there are in a place; those without any left out."""
    require(actor, place)
    day = countable(on or clock.today())
    counted = [
        (each, _breaks(each, place, day).aggregate(n=Count("pk", distinct=True))["n"])
        for each in all_findings()
    ]
    return [
        schemas.FindingKind(
            key=each.key, name=str(each.name), clause=str(each.clause), severity=each.severity, count=number
        )
        for each, number in counted
        if number
    ]


def breaks_of(actor: Actor, key: str, place: str, on: dt.date | None) -> schemas.Breaks:
    """The breaks of one kind in a place, at most MOST_BREAKS. Raises Http404 for a foreign place or unknown kind."""
    require(actor, place)
    found = next((each for each in all_findings() if each.key == key), None)
    if found is None:
        raise Http404
    day = countable(on or clock.today())
    rows = _breaks(found, place, day)
    told = [
        schemas.Break(
            subject=str(found.subject(row)), place=str(_at(row, found.place_field)), since=found.since(row),
            mend=found.mend(row),
        )
        for row in rows.order_by(found.place_field, "pk")[:MOST_BREAKS]
    ]  # fmt: skip
    return schemas.Breaks(
        key=key,
        name=str(found.name),
        clause=str(found.clause),
        place=place,
        on=day,
        total=rows.count(),
        breaks=told,
    )


def _breaks(found: Finding, place: str, day: dt.date) -> Any:
    return found.rows(day).filter(within(found.place_field, [place]))
