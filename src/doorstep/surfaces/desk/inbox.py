"""The inbox: matters that wait, by box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters import selectors
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.wording import clock_words
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.surfaces.desk.inbox_filters import Asked

PAGE = 50
BOXES: dict[str, Any] = {
    "mine": gettext_lazy("交我办的"), "asked": gettext_lazy("等我单位接办"), "unit": gettext_lazy("我单位在办"),
    "overdue": gettext_lazy("已超期"), "place": gettext_lazy("辖区未结"), "all": gettext_lazy("全部"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One matter in a list."""

    matter: Matter
    url: str
    where: str
    holder: str
    clock: str
    clock_words: str


@dataclass(frozen=True)
class Tab:
    key: str
    name: str
    query: str
    count: str
    chosen: bool


@dataclass(frozen=True)
class Inbox:
    tabs: tuple[Tab, ...]
    lines: tuple[Line, ...]
    count: selectors.Count
    after: str  # of the page's last row; "" on the last page


def inbox(actor: Actor, asked: Asked, after: str) -> Inbox:
    """A page of a box. Raises RuleViolation for a search of one character."""
    rows = selectors.found_in(_rows(actor, asked.box, asked), asked.text)
    if asked.box == "all":
        page = list(_loaded(rows.order_by("-pk").filter(**_before(after)))[: PAGE + 1])
    else:
        page = selectors.page_by_deadline(_loaded(rows), PAGE + 1, selectors.after_cursor(after))
    more, page = len(page) > PAGE, page[:PAGE]
    counts = {key: selectors.count_of(_rows(actor, key, asked)) for key in BOXES if key != "all"}
    # what is searched for narrows the list, not the boxes
    count = None if asked.text else counts.get(asked.box)
    return Inbox(
        tuple(_tab(key, asked, counts.get(key)) for key in BOXES), tuple(lines_of(page)),
        count or selectors.count_of(rows), selectors.cursor_of(page[-1]) if more else "",
    )  # fmt: skip


def first_waiting(actor: Actor) -> str:
    """The box to open unasked: the first in which something waits, the unit's own where nothing does."""
    waiting = (key for key in BOXES if key != "all" and _box(actor, key).exists())
    return next(waiting, "unit")


def _tab(key: str, asked: Asked, count: selectors.Count | None) -> Tab:
    """A box with how much of it answers the conditions; those stay when another box is opened."""
    return Tab(
        key, str(BOXES[key]), asked.address(box=key), "" if count is None else str(count), key == asked.box
    )


def _rows(actor: Actor, key: str, asked: Asked) -> Any:
    if key == "all":
        return asked.narrowed(selectors.all_visible(actor))
    return asked.narrowed(_box(actor, key))


def _box(actor: Actor, key: str) -> Any:
    return selectors.box(actor, key)  # type: ignore[arg-type]  # a key of BOXES


def _loaded(rows: Any) -> Any:
    return rows.select_related("handler").defer("text", "sought", "bigrams")


def _before(cursor: str) -> dict[str, int]:
    number = whole_number(cursor.rpartition("_")[2])
    return {"pk__lt": number} if number is not None else {}


def lines_of(matters: Sequence[Matter]) -> Iterable[Line]:
    """Lists of matters as lines. Two queries for names."""
    places = full_names_of({matter.place_code for matter in matters})
    units = versions_of(unit for matter in matters for unit in (matter.holder_id, matter.asked_id) if unit)
    for matter in matters:
        holder = units.get(matter.asked_id or matter.holder_id or 0)
        kind, words = clock_words(matter)
        yield Line(
            matter, reverse("desk:matter", args=[matter.number]), places.get(matter.place_code, ""),
            holder.name if holder else "", kind, words,
        )  # fmt: skip
