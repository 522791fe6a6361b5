"""A figure as people meet it: value, unit, trend, change in words, day, and the way to its rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

Number = int | float | Decimal
Text = str | Promise


def number_text(value: Number) -> str:
    """Thousands separated, at most two decimals, none that say nothing: 1234.50 → 1,234.5."""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


@dataclass(frozen=True)
class FigureView:
    """What the figure component shows.

    value: None means "no records yet", never zero; `recorded_by` then says who would make them.
    trend: up to 12 periods, oldest first, None for a period without records.
    before: the value one period earlier; `before_name` names that period ("上月").
    rows_url: page with the rows that make the figure; empty where the reader may not see them.
    sentence: "figure = count of … as of …".
    """

    key: str
    label: Text
    value: Number | None
    unit: Text
    as_of: dt.date
    rows_url: str = ""
    trend: Sequence[Number | None] = ()
    before: Number | None = None
    before_name: Text = ""
    sentence: Text = ""
    recorded_by: Text = ""

    @property
    def value_text(self) -> str:
        return "" if self.value is None else number_text(self.value)

    @property
    def change_words(self) -> str:
        """The change since the period before, in words; empty where there is nothing to compare."""
        if self.value is None or self.before is None:
            return ""
        period = self.before_name or _("上期")
        difference = Decimal(str(self.value)) - Decimal(str(self.before))
        if difference == 0:
            return _("与%(period)s持平") % {"period": period}
        words = _("比%(period)s多 %(n)s %(unit)s") if difference > 0 else _("比%(period)s少 %(n)s %(unit)s")
        return words % {"period": period, "n": number_text(abs(difference)), "unit": self.unit}


@dataclass(frozen=True)
class Sparkline:
    """Points of a trend in a box of `width` by `height`; a gap where a period has no records."""

    lines: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]
    words: str
    width: int = 88
    height: int = 28


def sparkline(values: Sequence[Number | None], width: int = 88, height: int = 28) -> Sparkline | None:
    """The drawing of `values`, oldest first; None where fewer than two periods have records."""
    known = [float(value) for value in values if value is not None]
    if len(known) < 2:
        return None
    least, span = min(known), (max(known) - min(known)) or 1.0
    inset = 3.0
    step = (width - 2 * inset) / (len(values) - 1)
    runs: list[list[tuple[str, str]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        y = (
            height / 2
            if max(known) == least
            else height - inset - (float(value) - least) / span * (height - 2 * inset)
        )
        runs[-1].append((f"{inset + index * step:.1f}", f"{y:.1f}"))
    lines = tuple(" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1)
    dots = tuple(run[0] for run in runs if len(run) == 1)
    if runs[-1]:
        dots = (*dots, runs[-1][-1])
    words = _("近 %(n)d 期：%(values)s") % {
        "n": len(values),
        "values": "、".join("—" if value is None else number_text(value) for value in values),
    }
    return Sparkline(lines=lines, dots=dots, words=words, width=width, height=height)
