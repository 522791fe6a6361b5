"""From the text and the figures to a brief: paragraphs of words and figures, the same for page, Word and plain text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.utils import formats

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.declarations.findings import Finding, all_findings
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.kernel.indicators.selectors import Figure, figures, scope_for
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import within
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
    """A brief of one place and period. Paragraphs are runs of plain text and figures."""

    place_code: str
    place_name: str
    on: dt.date
    since: dt.date
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
        compared = str(texts.NOTE_COMPARED).format(day=_day(self.compared_on)) if self.compared_on else ""
        made = formats.date_format(self.made_at.astimezone(ZoneInfo("Asia/Shanghai")), "Y-m-d H:i")
        return str(texts.NOTE).format(on=_day(self.on), since=_day(self.since), compared=compared, made=made)

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
    return (
        str(texts.UNKNOWN)
        if figure.value is None
        else formats.number_format(figure.value, use_l10n=True, force_grouping=True)
    )


def build_brief(
    actor: Actor,
    place_code: str,
    *,
    on: dt.date | None = None,
    since: dt.date | None = None,
    compared_on: dt.date | None = None,
) -> Brief:
    """The brief of a place. Raises NotVisible outside the actor's places."""
    require_place(actor, VIEW, place_code)
    name = _place_name(place_code)
    scope = scope_for(place_code, on, since)
    measured = figures(place_code, on=scope.on, since=scope.since, keys=_keys(), compared_on=compared_on)
    by_key = {figure.key: figure for figure in measured}
    sections = tuple(
        Section(
            str(chapter.title), tuple(_runs(str(sentence), name, by_key) for sentence in chapter.sentences)
        )
        for chapter in texts.CHAPTERS
    )
    return Brief(
        place_code, name, scope.on, scope.since, compared_on, clock.now(), str(texts.TITLE).format(place=name),
        sections, _breaks(place_code, scope.on),
    )  # fmt: skip


def _keys() -> list[str]:
    found: list[str] = []
    for chapter in texts.CHAPTERS:
        for sentence in chapter.sentences:
            found += [
                token for token in _TOKEN.findall(str(sentence)) if token != "place" and token not in found
            ]
    return found


def _runs(sentence: str, place: str, by_key: dict[str, Figure]) -> tuple[str | Figure, ...]:
    runs: list[str | Figure] = []
    for number, part in enumerate(_TOKEN.split(sentence)):
        if number % 2 == 0:
            runs.append(part)
        else:
            runs.append(place if part == "place" else by_key[part])
    return tuple(run for run in runs if run != "")


def _breaks(place_code: str, on: dt.date) -> tuple[Break, ...]:
    counted = (
        (
            finding,
            finding.rows(on).filter(within(finding.place_field, [place_code])).aggregate(n=Count("pk"))["n"],
        )
        for finding in all_findings()
    )
    return tuple(Break(finding, count) for finding, count in counted if count)


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
