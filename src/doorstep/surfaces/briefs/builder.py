"""From the text and the figures to a brief: paragraphs of words and figures, the same for page, Word and plain text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils import formats

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.declarations.findings import Finding, address_of, all_findings
from doorstep.kernel.declarations.indicators import Scope
from doorstep.kernel.indicators.addresses import rows_address
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.kernel.indicators.selectors import Figure, Number, compared_scope, figures, scope_for
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.modules.chain.selectors_pages import count_breaks
from doorstep.surfaces.briefs import texts

_TOKEN = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")


@dataclass(frozen=True)
class Break:
    """One kind of break with how many of it there are."""

    finding: Finding
    count: int


@dataclass(frozen=True)
class Section:
    title: str
    paragraphs: tuple[tuple[str | Figure, ...], ...]


@dataclass(frozen=True)
class Brief:
    """A brief of one place and period, beside another period where one is compared with.

    Paragraphs are runs of plain text and figures.
    """

    place_code: str
    place_name: str
    on: dt.date
    since: dt.date
    compared_since: dt.date | None
    compared_on: dt.date | None
    made_at: dt.datetime
    title: str
    sections: tuple[Section, ...]
    breaks: tuple[Break, ...]

    @property
    def breaks_total(self) -> int:
        return sum(item.count for item in self.breaks)

    @property
    def breaks_line(self) -> str:
        if not self.breaks:
            return str(texts.NO_BREAKS)
        return str(texts.BREAKS).format(count=self.breaks_total)

    @property
    def note(self) -> str:
        """When and from what the brief was computed."""
        compared = ""
        if self.compared_on:
            period = {"since": _day(self.compared_since), "day": _day(self.compared_on)}
            compared = str(texts.NOTE_COMPARED).format(**period)
        made = formats.date_format(self.made_at.astimezone(ZoneInfo("Asia/Shanghai")), "Y-m-d H:i")
        return str(texts.NOTE).format(on=_day(self.on), since=_day(self.since), compared=compared, made=made)

    def breaks_address(self, item: Break) -> str:
        """Where the breaks of this kind are listed."""
        return address_of(item.finding.key, self.place_code, self.on)

    def rows_before(self, figure: Figure) -> str:
        """Where the rows of the figure in the period compared with are shown; "" where nothing is compared or counted."""
        if not (self.compared_on and self.compared_since) or figure.previous is None:
            return ""
        return rows_address(figure.key, Scope(self.place_code, self.compared_on, self.compared_since))

    def lines(self) -> Iterator[str]:
        """As plain text, for a chat group."""
        yield self.title
        for section in self.sections:
            yield section.title
            for paragraph in section.paragraphs:
                yield "".join(run if isinstance(run, str) else figure_text(run) for run in paragraph)
        yield str(texts.BREAKS_TITLE)
        yield self.breaks_line
        for item in self.breaks:
            yield f"· {item.finding.name} {item.count}"
        yield self.note


def _day(day: dt.date | None) -> str:
    return formats.date_format(day, "Y-m-d") if day else ""


def figure_text(figure: Figure) -> str:
    return number_text(figure, figure.value)


def previous_text(figure: Figure) -> str:
    """The figure of the comparison period; "" where nothing is compared or nothing was counted then."""
    return number_text(figure, figure.previous) if figure.previous is not None else ""


def number_text(figure: Figure, value: Number) -> str:
    """A value of the figure in words: shares with one decimal and their sign, the unknown said."""
    if value is None:
        return str(texts.UNKNOWN)
    if isinstance(value, float):
        value = round(value, 1)  # Django would cut the rest off
    places = 1 if isinstance(value, float) else None
    text = formats.number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)
    return f"{text}%" if str(figure.indicator.unit) == "%" else text


def build_brief(
    actor: Actor,
    place_code: str,
    *,
    on: dt.date | None = None,
    since: dt.date | None = None,
    compared_on: dt.date | None = None,
    compared_since: dt.date | None = None,
) -> Brief:
    """The brief of a place. The period to compare with is as long as its own unless `compared_since` is given.

    Raises NotVisible outside the actor's places. A fixed number of queries.
    """
    require_place(actor, VIEW, place_code)
    name = _place_name(place_code)
    scope = scope_for(place_code, on, since)
    before = compared_scope(scope, compared_on, compared_since) if compared_on else None
    measured = figures(
        place_code,
        on=scope.on,
        since=scope.since,
        keys=_keys(),
        compared_on=compared_on,
        compared_since=compared_since,
    )
    words = {"place": name, "since": _day(scope.since), "on": _day(scope.on)}
    by_key: dict[str, str | Figure] = {**words, **{figure.key: figure for figure in measured}}
    sections = tuple(
        Section(str(chapter.title), tuple(_runs(str(sentence), by_key) for sentence in chapter.sentences))
        for chapter in texts.CHAPTERS
    )
    return Brief(
        place_code, name, scope.on, scope.since, before.since if before else None, before.on if before else None,
        clock.now(), str(texts.TITLE).format(place=name), sections, _breaks(place_code, scope.on),
    )  # fmt: skip


def _keys() -> list[str]:
    sentences = [str(sentence) for chapter in texts.CHAPTERS for sentence in chapter.sentences]
    tokens = [token for sentence in sentences for token in _TOKEN.findall(sentence)]
    return list(dict.fromkeys(token for token in tokens if "." in token))


def _runs(sentence: str, filled: dict[str, str | Figure]) -> tuple[str | Figure, ...]:
    runs = [
        filled[part] if number % 2 else part for number, part in enumerate(_TOKEN.split(sentence))
    ]  # every second part is a token
    return tuple(run for run in runs if run != "")


def _breaks(place_code: str, on: dt.date) -> tuple[Break, ...]:
    known = all_findings()
    counted = count_breaks(known, [place_code], on)
    return tuple(Break(known[number], count) for number, count in sorted(counted.items()))


def _place_name(code: str) -> str:
    row = (
        (Grid.objects if len(code) == 15 else Area.objects)
        .filter(code=code)
        .values_list("name", flat=True)
        .first()
    )
    if row is None:
        raise NotVisible(f"没有代码为 {code} 的地方。")
    return row
