"""A matter as its readers follow it: what happened, by whom, from which unit; what comes next, by when.

One reading for phone and desk; what is said among staff is in it for those in office in the matter alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.laws import Text, law_of, note_of, step_words
from doorstep.kernel.matters.models import Attachment, Deadline, History, Matter, Remark, SupervisionOrder
from doorstep.kernel.matters.notices import when_of
from doorstep.kernel.matters.selectors_links import Linked, linked_to
from doorstep.kernel.matters.standing import is_insider, is_reporter
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock

TOGETHER = dt.timedelta(minutes=10)  # files somebody adds one after another are one line
Row = History | Remark | Attachment | SupervisionOrder


@dataclass
class Entry:
    """One line: when, who from which unit, what. `internal`: said among staff. `done_at`: when it was done on a phone
    that had no network and sent it later."""

    at: dt.datetime
    who: str
    unit: str
    words: Text
    note: str = ""
    internal: str = ""
    clause: Text = ""
    files: list[Attachment] = field(default_factory=list)
    for_staff: bool = False
    done_at: dt.datetime | None = None


@dataclass(frozen=True)
class Promise:
    """A promise in words. `state`: running, late, met, met_late, paused, stopped."""

    name: Text
    when: str
    state: str
    words: str
    provisional: bool


@dataclass(frozen=True)
class Timeline:
    """`entries`: the latest first."""

    matter: Matter
    state: Text
    next_step: Text
    holder: str
    asked: str
    promises: list[Promise]
    links: list[Linked]
    entries: list[Entry]
    insider: bool


def timeline_of(actor: Actor, matter: Matter) -> Timeline:
    """Of a matter that exists for the actor (the caller has made sure). About a dozen queries, whatever its length."""
    insider = is_insider(actor, matter)
    rows = _rows(matter, insider)
    units = versions_of(
        {unit for row in rows if (unit := _unit_of(matter, row))}
        | {unit for unit in (matter.holder_id, matter.asked_id) if unit is not None}
    )
    state = law_of(matter.kind).by_code[matter.state]
    entries = sorted(_entries(actor, matter, rows, units, insider), key=lambda entry: entry.at, reverse=True)
    deadlines = matter.deadlines.order_by("started_at", "pk")
    return Timeline(
        matter=matter, state=state.name, next_step=state.next_step, holder=_name(units, matter.holder_id),
        asked=_name(units, matter.asked_id), promises=[_promise(row) for row in deadlines],
        links=linked_to(actor, matter), entries=_gathered(entries), insider=insider,
    )  # fmt: skip


def _rows(matter: Matter, insider: bool) -> list[Row]:
    rows: list[Row] = list(History.objects.filter(matter=matter).select_related("person").order_by("number"))
    remarks = Remark.objects.filter(matter=matter).select_related("person").order_by("pk")
    files = Attachment.objects.filter(matter=matter, removed_at__isnull=True).select_related("person")
    if not insider:
        return [*rows, *remarks.filter(internal=False), *files.filter(internal=False).order_by("pk")]
    orders = SupervisionOrder.objects.filter(matter=matter).select_related(
        "ordered_by", "replied_by", "closed_by"
    )
    return [*rows, *remarks, *files.order_by("pk"), *orders.order_by("pk")]


def _unit_of(matter: Matter, row: Row) -> int | None:
    """Whose act it was; of a step of the platform that must name a unit, the unit's that it follows."""
    if isinstance(row, History) and row.unit_id is None and row.person_id is None:
        step = law_of(matter.kind).by_name.get(row.name)
        return row.data.get("unit") if step and "unit" in step.requires else None
    return row.unit_id


def _name(units: dict[int, UnitVersion], unit_id: int | None) -> str:
    unit = units.get(unit_id or 0)
    return unit.name if unit else ""


def _entries(
    actor: Actor, matter: Matter, rows: list[Row], units: dict[int, UnitVersion], insider: bool
) -> Iterable[Entry]:
    def who(person: Person | None, unit_id: int | None) -> str:
        return _who(actor, matter, person, unit_id)

    for row in rows:
        whose = _unit_of(matter, row)
        unit = _name(units, whose)
        if isinstance(row, History):
            step = law_of(matter.kind).by_name.get(row.name) or note_of(row.name)
            yield Entry(
                row.at, who(row.person, whose), unit, step_words(matter.kind, row.name), note=row.note,
                internal=row.internal if insider else "", clause=step.clause if step else "", done_at=_done_at(row),
            )  # fmt: skip
        elif isinstance(row, Remark):
            said, inner = ("", row.text) if row.internal else (row.text, "")
            yield Entry(
                row.at, who(row.person, row.unit_id), unit, _("留言"), note=said, internal=inner,
                for_staff=row.internal,
            )  # fmt: skip
        elif isinstance(row, Attachment):
            yield Entry(
                row.at, who(row.person, row.unit_id), unit, _("添加附件"), files=[row], for_staff=row.internal
            )
        else:
            yield from _of_order(row, unit, who)


def _done_at(row: History) -> dt.datetime | None:
    text = row.data.get("done_at", "")
    return dt.datetime.fromisoformat(text) if text else None


def _of_order(
    row: SupervisionOrder, unit: str, who: Callable[[Person | None, int | None], str]
) -> Iterable[Entry]:
    due = _("请在 %(when)s 前回复。") % {"when": when_of(row.reply_due)}
    yield Entry(
        row.ordered_at, who(row.ordered_by, row.unit_id), unit, _("督办"), internal=f"{row.reason}\n{due}",
        for_staff=True,
    )  # fmt: skip
    if row.replied_at is not None:
        words = _("回复督办（晚于期限）") if row.replied_at > row.reply_due else _("回复督办")
        name = who(row.replied_by, row.replied_unit_id)
        yield Entry(row.replied_at, name, "", words, internal=row.reply, for_staff=True)
    if row.closed_at is not None:
        name = who(row.closed_by, row.unit_id)
        yield Entry(row.closed_at, name, unit, _("结束督办"), internal=row.closing, for_staff=True)


def _who(actor: Actor, matter: Matter, person: Person | None, unit_id: int | None) -> str:
    """Staff by name, with their unit beside it; a reporter as such: a page is looked at over shoulders."""
    if person is not None and person.pk == actor.person_id:
        return _("您") if is_reporter(actor, matter) and unit_id is None else person.name
    if unit_id is None:
        told = person is not None and person.pk in (matter.reporter_id, matter.teller_id)
        return _("报告人") if told or matter.erased_at else (person.name if person else _("平台"))
    return person.name if person is not None else ""


def _gathered(entries: list[Entry]) -> list[Entry]:
    """Files that somebody added one after another, as one line."""
    found: list[Entry] = []
    for entry in entries:
        last = found[-1] if found else None
        together = (
            last is not None
            and bool(entry.files and last.files)
            and (entry.who, entry.unit, entry.for_staff) == (last.who, last.unit, last.for_staff)
            and last.at - entry.at <= TOGETHER
        )
        if together and last is not None:
            last.files = [*entry.files, *last.files]
        else:
            found.append(entry)
    return found


def _promise(row: Deadline) -> Promise:
    state, words = _standing(row)
    return Promise(row.promise, when_of(row.due_at), state, words, row.provisional)


def _standing(row: Deadline) -> tuple[str, str]:
    late = row.breached_at is not None
    if row.stopped_at is not None:
        return "stopped", _("不再计时")
    if row.met_at is not None:
        return ("met_late", _("已办到，超期")) if late else ("met", _("按期办到"))
    if row.paused_at is not None:
        return "paused", _("暂停中")
    if row.due_at < clock.now():
        return "late", _("已超期")
    return "running", _("计时中")
