"""What goes back to the hotline: its tickets in its own columns, with the answer and what the call-back found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.models import URGENCIES, History
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.people.masking import mask_name
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import masked
from doorstep.kernel.people.services import reveal_many
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.kernel.web.frame.naming import names_of
from doorstep.kernel.web.register_pages.paging import pages_of
from doorstep.modules.requests.models import GRADES, CallBack, Request
from doorstep.modules.requests.policies import BRING_HOTLINE
from doorstep.modules.requests.selectors_rates import CLOSING

FIRST_CHUNK, CHUNK = 200, 1000
CLOSED, OPEN, EVERY = "closed", "open", "every"
WHICH: dict[str, Any] = {
    CLOSED: gettext_lazy("这些天办结的"), OPEN: gettext_lazy("还没有办结的"), EVERY: gettext_lazy("这些天收到的，不论办结"),
}  # fmt: skip
# heading and width in characters; the first eleven are those a batch comes in with
COLUMNS: list[tuple[Any, int]] = [
    (gettext_lazy("工单号"), 20), (gettext_lazy("来电人"), 12), (gettext_lazy("联系电话"), 16), (gettext_lazy("匿名"), 8),
    (gettext_lazy("事项"), 20), (gettext_lazy("标题"), 28), (gettext_lazy("诉求内容"), 48), (gettext_lazy("社区"), 18),
    (gettext_lazy("地址"), 28), (gettext_lazy("紧急程度"), 10), (gettext_lazy("收到时间"), 18), (gettext_lazy("平台编号"), 12),
    (gettext_lazy("承办单位"), 24), (gettext_lazy("办理状态"), 14), (gettext_lazy("答复内容"), 48), (gettext_lazy("办结时间"), 18),
    (gettext_lazy("回访时间"), 18), (gettext_lazy("回访情况"), 14), (gettext_lazy("是否解决"), 10), (gettext_lazy("满意程度"), 12),
]  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Which tickets, of which days (both included; open ones of any day). `purpose`: for which callers are named in
    full; "" masks them."""

    which: str
    since: dt.date
    until: dt.date
    purpose: str = ""


def tickets(actor: Actor, asked: Asked) -> QuerySet[Request]:
    """The hotline's tickets over the places for which the actor deals with it."""
    places = actor.places_for(BRING_HOTLINE)
    rows: QuerySet[Request] = policy_for(Request).visible_to(actor)
    rows = rows.filter(within("matter__place_code", places), hotline_number__isnull=False)
    begin, end = (
        dt.datetime.combine(day, dt.time(), clock.DISTRICT_ZONE)
        for day in (asked.since, asked.until + dt.timedelta(days=1))
    )
    if asked.which == OPEN:
        return rows.filter(matter__is_open=True)
    field = "closed_at" if asked.which == CLOSED else "opened_at"
    return rows.filter(**{f"matter__{field}__gte": begin, f"matter__{field}__lt": end})


def lines(actor: Actor, asked: Asked) -> Iterator[list[Any]]:
    """Typed values of COLUMNS, in the order of the platform's numbers. Five queries for each page of rows.

    Where callers are named, each page of them is in the audit before it leaves.
    """
    rows = tickets(actor, asked).select_related("matter__reporter__key", "item")
    for page in pages_of(rows, ("matter_id",), FIRST_CHUNK, CHUNK):
        yield from _lines_of(actor, asked, page)


def _lines_of(actor: Actor, asked: Asked, page: Sequence[Request]) -> Iterator[list[Any]]:
    matters = {row.matter_id: row.matter for row in page}
    units = last_names(
        {unit for matter in matters.values() for unit in (matter.holder_id, matter.asked_id) if unit}
    )
    places = names_of({_community(matter.place_code) for matter in matters.values()})
    answers = {
        step.matter_id: step
        for step in History.objects.filter(matter_id__in=matters, name__in=CLOSING).order_by("number")
    }
    calls = _last_calls(page, answers)
    callers = _callers(actor, asked, [matter.reporter for matter in matters.values() if matter.reporter])
    for row in page:
        matter, answer, call = row.matter, answers.get(row.matter_id), calls.get(row.matter_id)
        name, phone = callers.get(matter.reporter_id or 0, (_name(asked, row.for_whom), ""))
        yield [
            row.hotline_number, name, phone, _("是") if row.anonymous else _("否"),
            row.item.name if row.item else "", matter.title, matter.text, places.get(_community(matter.place_code), ""),
            matter.address, str(dict(URGENCIES)[matter.urgency]), _local(matter.opened_at), matter.number,
            units.get(matter.asked_id or matter.holder_id or 0, ""), str(matter.state_name),
            answer.note if answer and not matter.is_open else "", _local(matter.closed_at), *_called(call),
        ]  # fmt: skip


def _callers(actor: Actor, asked: Asked, persons: Sequence[Person]) -> dict[int, tuple[str, str]]:
    """Name and number by person: as everybody sees them, or in full where a purpose was given and the actor may."""
    found = {row.pk: (mask_name(row.name), masked(row, "phone")) for row in persons if row.erased_at is None}
    if asked.purpose and found:
        names = {row.pk: row.name for row in persons}
        shown = reveal_many(actor=actor, person_ids=found, field="phone", purpose=asked.purpose)
        found |= {pk: (names[pk], number) for pk, number in shown.items()}
    return found


def _name(asked: Asked, words: str) -> str:
    return words if asked.purpose or not words else mask_name(words)


def _last_calls(page: Sequence[Request], answers: dict[int, History]) -> dict[int, CallBack]:
    """The last call-back about the last answer, a valid one before others."""
    rows = CallBack.objects.filter(request__in=page).order_by("valid", "at", "pk")
    return {
        row.request_id: row
        for row in rows
        if row.request_id in answers and answers[row.request_id].number == row.closing
    }


def _called(call: CallBack | None) -> list[Any]:
    if call is None:
        return ["", "", "", ""]
    if not call.valid:
        return [_local(call.at), str(call.get_invalid_reason_display()), "", ""]
    solved = _("已解决") if call.solved else _("未解决")
    return [_local(call.at), _("有效"), solved, str(dict(GRADES).get(call.satisfaction or 0, ""))]


def _community(place_code: str) -> str:
    """The hotline knows communities, no grids."""
    return place_code[: LENGTHS["community"]]


def _local(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.astimezone(clock.DISTRICT_ZONE).replace(tzinfo=None) if moment else None


def waiting(actor: Actor) -> dict[str, int]:
    """How many tickets are open, and of those past their deadline. One query."""
    rows = tickets(actor, Asked(OPEN, clock.today(), clock.today()))
    late = Q(matter__due_at__lt=clock.now())
    return {"open": rows.count(), "late": rows.filter(late).count()}
