"""What the desk shows of matters: the inbox by boxes, and one matter with its clock, its history and what may be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters import selectors
from doorstep.kernel.matters.laws import Transition, law_of, note_of, step_words
from doorstep.kernel.matters.models import Deadline, History, Matter
from doorstep.kernel.matters.services import next_steps
from doorstep.kernel.matters.services_deadlines import may_extend
from doorstep.kernel.matters.wording import clock_words
from doorstep.kernel.matters.working_days import last_day
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared import clock
from doorstep.kernel.web.frame.naming import full_names_of

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
    count: str
    chosen: bool


@dataclass(frozen=True)
class Inbox:
    tabs: tuple[Tab, ...]
    lines: tuple[Line, ...]
    count: selectors.Count
    after: str  # of the page's last row; "" on the last page


def inbox(actor: Actor, chosen: str, place_code: str, text: str, after: str) -> Inbox:
    """A page of a box. Raises RuleViolation for a search of one character."""
    rows = selectors.found_in(_rows(actor, chosen, place_code), text)
    if chosen == "all":
        page = list(_loaded(rows.order_by("-pk").filter(**_before(after)))[: PAGE + 1])
    else:
        page = selectors.page_by_deadline(_loaded(rows), PAGE + 1, selectors.after_cursor(after))
    more, page = len(page) > PAGE, page[:PAGE]
    tabs = tuple(
        Tab(key, str(name), "" if key == "all" else str(selectors.count_of(_rows(actor, key, place_code))), key == chosen)
        for key, name in BOXES.items()
    )  # fmt: skip
    return Inbox(
        tabs, tuple(lines_of(page)), selectors.count_of(rows), selectors.cursor_of(page[-1]) if more else ""
    )


def _rows(actor: Actor, key: str, place_code: str) -> Any:
    if key == "all":
        return selectors.all_visible(actor, place_code)
    return selectors.box(actor, key, place_code)  # type: ignore[arg-type]  # a key of BOXES


def _loaded(rows: Any) -> Any:
    return rows.select_related("handler").defer("text", "sought", "bigrams")


def _before(cursor: str) -> dict[str, int]:
    number = cursor.rpartition("_")[2]
    return {"pk__lt": int(number)} if number.isdigit() and len(number) < 19 else {}


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


@dataclass(frozen=True)
class Told:
    """A row of the history as people read it."""

    at: dt.datetime
    words: str
    who: str
    note: str
    internal: str
    clause: str


@dataclass(frozen=True)
class Promise:
    """A deadline as people read it. `day`: the last day, where it was counted in days."""

    name: str
    day: dt.date | None
    at: dt.datetime
    state: str
    kind: str
    provisional: bool
    rule: str


@dataclass(frozen=True)
class MatterPage:
    matter: Matter
    where: str
    holder: str
    asked: str
    clock: str
    clock_words: str
    next_step: str
    told: tuple[Told, ...]
    promises: tuple[Promise, ...]
    steps: tuple[Transition, ...]
    may_extend: bool = False


def matter_page(actor: Actor, number: str) -> MatterPage:
    """One matter whole. Raises NotVisible where it does not exist for the actor."""
    matter = selectors.visible_matter(actor, number)
    history = list(History.objects.filter(matter=matter).select_related("person").order_by("-number"))
    units = versions_of(
        {row.unit_id for row in history if row.unit_id}
        | {u for u in (matter.holder_id, matter.asked_id) if u}
    )
    name = lambda unit: units[unit].name if unit in units else ""  # noqa: E731  used thrice, here alone
    kind, words = clock_words(matter)
    deadlines = Deadline.objects.filter(matter=matter).select_related("limit").order_by("clock", "round")
    return MatterPage(
        matter=matter,
        where=full_names_of({matter.place_code}).get(matter.place_code, ""),
        holder=name(matter.holder_id),
        asked=name(matter.asked_id),
        clock=kind,
        clock_words=words,
        next_step=str(law_of(matter.kind).by_code[matter.state].next_step),
        told=tuple(_told(matter, row, name(row.unit_id)) for row in history),
        promises=tuple(_promise(row) for row in deadlines),
        steps=tuple(next_steps(actor, matter)),
        may_extend=may_extend(actor, matter) and any(row.waits for row in deadlines),
    )


def _told(matter: Matter, row: History, unit: str) -> Told:
    step = law_of(matter.kind).by_name.get(row.name) or note_of(row.name)
    who = row.person.name if row.person else _("居民") if row.name == "open" else _("平台")
    return Told(
        at=row.at, words=str(step_words(matter.kind, row.name)), who=" · ".join(filter(None, [unit, who])),
        note=row.note, internal=row.internal, clause=str(step.clause) if step else "",
    )  # fmt: skip


def _promise(row: Deadline) -> Promise:
    if row.stopped_at:
        kind, state = "", _("不再计时")
    elif row.met_at:
        kind, state = ("late", _("已办到，超期")) if row.breached_at else ("done", _("按期办到"))
    elif row.paused_at:
        kind, state = "", _("暂停中")
    elif row.due_at < clock.now():
        kind, state = "late", _("已超期")
    else:
        kind, state = "soon", _("计时中")
    rule = _("%(amount)d %(measure)s（%(clause)s）") % {
        "amount": row.amount, "measure": row.get_measure_display(), "clause": row.limit.clause,
    }  # fmt: skip
    return Promise(
        name=str(row.get_clock_display()), day=None if row.measure == "hours" else last_day(row.due_at),
        at=row.due_at, state=state, kind=kind, provisional=row.provisional, rule=rule,
    )  # fmt: skip
