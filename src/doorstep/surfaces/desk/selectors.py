"""What the cockpit and "my work" show, for one reader, one place and one day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Value
from django.db.models.functions import Substr
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.declarations.findings import Finding, all_findings
from doorstep.kernel.declarations.indicators import Indicator, Scope, all_indicators
from doorstep.kernel.declarations.work import WorkItem, all_providers
from doorstep.kernel.indicators.addresses import rows_address
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.kernel.indicators.selectors import Figure, default_comparison, figures, rows_of, scope_for
from doorstep.kernel.places.models import Area, Grid, Outline
from doorstep.kernel.shared.place_codes import LENGTHS, LEVEL_NAMES, LEVELS, level_of, within
from doorstep.kernel.web.figures import FigureView, Number, number_text
from doorstep.surfaces.desk.chapters import CHAPTERS, Chapter

SHOWN_WAITING = 5
HEADLINES = 8


@dataclass(frozen=True)
class PartOfPlace:
    """One place inside the place shown, with the chosen figure."""

    code: str
    name: str
    parent_name: str
    value: Number
    value_text: str
    href: str
    rows_url: str


@dataclass(frozen=True)
class KindOfBreak:
    """One kind of break with how many of it there are, and where they are listed."""

    finding: Finding
    count: int
    url: str

    @property
    def is_serious(self) -> bool:
        return self.finding.severity == "serious"


@dataclass(frozen=True)
class Cockpit:
    """A place on a day. `by` is the level the map is divided into, "" below a grid."""

    place_code: str
    scope: Scope
    chosen: Figure | None
    chapters: tuple[tuple[Chapter, tuple[FigureView, ...]], ...]
    choices: tuple[tuple[str | Promise, tuple[Indicator, ...]], ...]
    by: str
    levels: tuple[tuple[str, str], ...]
    parts: tuple[PartOfPlace, ...]
    breaks: tuple[KindOfBreak, ...]

    @property
    def breaks_total(self) -> int:
        return sum(kind.count for kind in self.breaks)

    @property
    def by_name(self) -> str:
        return str(LEVEL_NAMES[self.by]) if self.by else ""


def view_of(figure: Figure) -> FigureView:
    """A measured figure as the figure component shows it."""
    return FigureView(
        key=figure.key,
        label=figure.indicator.name,
        value=figure.value,
        unit=figure.indicator.unit,
        as_of=figure.scope.on,
        rows_url=rows_address(figure.key, figure.scope),
        trend=[value for _day, value in figure.trend],
        before=figure.previous,
        before_name=_("上月同日") if figure.compared_on else "",
        sentence=figure.sentence,
        recorded_by=figure.indicator.who_records,
    )


def cockpit(actor: Actor, place_code: str, *, on: dt.date | None, key: str, by: str) -> Cockpit:
    """Everything the cockpit shows but names. Raises NotVisible outside the actor's places. At most six queries."""
    require_place(actor, VIEW, place_code)
    scope = scope_for(place_code, on)
    choices = tuple(all_indicators())
    chosen_key = _chosen(choices, key)
    shown = {item.key for item in headlines(choices)} | {chosen_key}
    measured = _measured(scope, [item.key for item in choices if item.key in shown])
    levels = levels_inside(place_code)
    level = by if by in dict(levels) else (levels[0][0] if levels else "")
    chosen = next((figure for figure in measured if figure.key == chosen_key), None)
    return Cockpit(
        place_code=place_code,
        scope=scope,
        chosen=chosen,
        chapters=_by_chapter(measured),
        choices=_grouped(choices),
        by=level,
        levels=levels,
        parts=tuple(parts_of(chosen.indicator, scope, level)) if chosen and level else (),
        breaks=breaks(place_code, scope.on),
    )


def headlines(choices: Iterable[Indicator]) -> list[Indicator]:
    """Indicators that stand on first pages; all of them where none is marked."""
    declared = list(choices)
    return [item for item in declared if item.headline] or declared


def headline_views(place_code: str, limit: int = HEADLINES) -> list[FigureView]:
    """The first figures of a place, with trends; headlines before others. One query, two where a value is zero."""
    numbers = {chapter.number for chapter in CHAPTERS}
    declared = [item for item in all_indicators() if item.chapter[:1] in numbers]
    first = sorted(declared, key=lambda item: not item.headline)[:limit]
    return [view_of(figure) for figure in _measured(scope_for(place_code), [item.key for item in first])]


def levels_inside(place_code: str) -> tuple[tuple[str, str], ...]:
    """Levels a place can be divided into on a map: the next two, and never grids of a whole district."""
    here = LEVELS.index(level_of(place_code))
    below = (
        LEVELS[here + 1 : here + 3]
        if level_of(place_code) in ("county", "street")
        else LEVELS[here + 1 : here + 2]
    )
    return tuple((level, str(LEVEL_NAMES[level])) for level in below)


def parts_of(subject: Indicator, scope: Scope, level: str) -> list[PartOfPlace]:
    """The figure of every place of `level` inside the scope, places without rows included. Three queries; one more where there are no rows."""
    length = LENGTHS[level]
    values = dict(
        rows_of(subject, scope)
        .order_by()
        .annotate(part_code=Substr(subject.place_field, 1, length))
        .values("part_code")
        .annotate(measured=subject.aggregate)
        .values_list("part_code", "measured")
    )
    absent = 0 if values or _recorded_anywhere(subject, scope) else None
    found = _places(scope, level)
    names = dict(found)
    parents = _names_above(found, scope.place_code)
    unit = str(subject.unit)
    parts = []
    for code in names:
        value = values.get(code, absent)
        parts.append(
            PartOfPlace(
                code=code, name=names[code], parent_name=parents.get(code[: LENGTHS[_above(level)]], ""), value=value,
                value_text="" if value is None else f"{number_text(value)} {unit}", href=reverse("desk:cockpit", args=[code]),
                rows_url=rows_address(subject.key, Scope(code, scope.on, scope.since)),
            )
        )  # fmt: skip
    return parts


def feature_collection(
    actor: Actor, place_code: str, *, on: dt.date | None, key: str, by: str
) -> dict[str, Any]:
    """Outlines of the places inside a place with the chosen figure, as GeoJSON. Raises NotVisible."""
    require_place(actor, VIEW, place_code)
    scope = scope_for(place_code, on)
    levels = dict(levels_inside(place_code))
    subjects = {item.key: item for item in all_indicators()}
    level = by if by in levels else next(iter(levels), "")
    if not level or key not in subjects:
        return {"type": "FeatureCollection", "features": []}
    parts = {part.code: part for part in parts_of(subjects[key], scope, level)}
    outlines = Outline.objects.in_force(scope.on).filter(place_code__in=parts)
    words = urlencode({"indicator": key, "on": scope.on.isoformat()})
    return {
        "type": "FeatureCollection",
        "features": [
            _feature(parts[outline.place_code], outline, words) for outline in outlines.order_by("place_code")
        ],
    }


def breaks(place_code: str, on: dt.date) -> tuple[KindOfBreak, ...]:
    """Kinds of break found in a place, serious ones and many first. One query."""
    findings = all_findings()
    counted = [
        finding.rows(on)
        .filter(within(finding.place_field, [place_code]))
        .order_by()
        .annotate(finding_number=Value(number))
        .values("finding_number")
        .annotate(finding_rows=Count("pk", distinct=True))
        .values_list("finding_number", "finding_rows")
        for number, finding in enumerate(findings)
    ]
    if not counted:
        return ()
    union = counted[0].union(*counted[1:], all=True) if len(counted) > 1 else counted[0]
    kinds = [
        KindOfBreak(findings[number], count, _breaks_url(place_code, on, findings[number].key))
        for number, count in union
        if count
    ]
    return tuple(sorted(kinds, key=lambda kind: (not kind.is_serious, -kind.count)))


@dataclass(frozen=True)
class WaitingGroup:
    """What waits of one sort: items to show, and how many there are in all."""

    title: str | Promise
    items: tuple[dict[str, Any], ...]
    total: int
    nothing: str | Promise


def waiting(actor: Actor, today: dt.date) -> list[WaitingGroup]:
    """What waits for this person today, in the order of the day: decide, confirm, falling due, broken."""
    titles = {
        "decide": (_("待决定"), _("没有等您决定的事。")),
        "confirm": (_("待确认"), _("没有等您确认的事。")),
        "due": (_("快到期"), _("近期没有到期的事。")),
        "broken": (_("断点"), _("您负责的地方没有断点。")),
    }
    found: dict[str, list[WorkItem]] = {group: [] for group in titles}
    totals = dict.fromkeys(titles, 0)
    for provider in all_providers():
        items, total = provider.items(actor, today, SHOWN_WAITING)
        found[provider.group] += items
        totals[provider.group] += total
    groups = []
    for group, (title, nothing) in titles.items():
        first = sorted(found[group], key=lambda item: item.due or dt.date.max)
        lines = tuple(_line(item, today) for item in first[: SHOWN_WAITING * 2])
        groups.append(WaitingGroup(title, lines, totals[group], nothing))
    return groups


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


def _chosen(choices: Iterable[Indicator], key: str) -> str:
    known = [item.key for item in choices]
    if key in known:
        return key
    first = headlines(choices)
    return first[0].key if first else ""


def _measured(scope: Scope, keys: list[str]) -> list[Figure]:
    if not keys:
        return []
    return figures(
        scope.place_code, on=scope.on, since=scope.since, keys=keys, trend=True,
        compared_on=default_comparison(scope.on),
    )  # fmt: skip


def _grouped(choices: Iterable[Indicator]) -> tuple[tuple[str | Promise, tuple[Indicator, ...]], ...]:
    """Indicators to choose from: the chapters', then the breaks as figures."""
    declared = list(choices)
    numbers = {chapter.number for chapter in CHAPTERS}
    groups: list[tuple[str | Promise, tuple[Indicator, ...]]] = [
        (chapter.title, tuple(item for item in declared if item.chapter[:1] == chapter.number))
        for chapter in CHAPTERS
    ]
    groups.append((_("断点"), tuple(item for item in declared if item.chapter[:1] not in numbers)))
    return tuple((title, items) for title, items in groups if items)


def _by_chapter(measured: list[Figure]) -> tuple[tuple[Chapter, tuple[FigureView, ...]], ...]:
    return tuple(
        (chapter, tuple(view_of(item) for item in measured if item.indicator.chapter[:1] == chapter.number))
        for chapter in CHAPTERS
    )


def _places(scope: Scope, level: str) -> list[tuple[str, str]]:
    inside = within("code", [scope.place_code])
    if level == "grid":
        rows = Grid.objects.in_force(scope.on).filter(inside)
    else:
        rows = Area.objects.filter(inside, level=level, ended_on=None)
    return list(rows.order_by("code").values_list("code", "name"))


def _names_above(found: list[tuple[str, str]], place_code: str) -> dict[str, str]:
    """Names one level above the parts, where that is not the place itself."""
    if not found:
        return {}
    length = LENGTHS[_above(level_of(found[0][0]))]
    codes = {code[:length] for code, _name in found} - {place_code}
    return dict(Area.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}


def _recorded_anywhere(subject: Indicator, scope: Scope) -> bool:
    """Where nobody has recorded anything, a place's value is unknown, not zero."""
    return rows_of(subject, Scope("", scope.on, scope.since)).exists()


def _above(level: str) -> str:
    return LEVELS[LEVELS.index(level) - 1]


def _feature(part: PartOfPlace, outline: Outline, words: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": outline.geometry,
        "properties": {
            "code": part.code, "name": part.name, "value": part.value, "value_text": part.value_text,
            "href": f"{part.href}?{words}", "illustrative": outline.illustrative,
        },
    }  # fmt: skip


def _breaks_url(place_code: str, on: dt.date, kind: str) -> str:
    try:
        words = urlencode({"place": place_code, "on": on.isoformat(), "kind": kind})
        return f"{reverse('chain:breaks')}?{words}"
    except NoReverseMatch:
        return ""
