"""What the desk shows of whistles: the board by stage, one whistle's departments with what each may still do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.policies import HANDLE, handling_units
from doorstep.kernel.matters.selectors import Count, visible_matter
from doorstep.kernel.matters.wording import clock_words, length_words, time_left
from doorstep.kernel.organisations.selectors import last_names
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.modules.requests import selectors_whistle as selectors
from doorstep.modules.requests.models import Whistle, WhistleCall
from doorstep.modules.requests.states_whistle import ISSUE, LAW, OPEN, VERIFY, VIEW
from doorstep.surfaces.desk.forms_whistles import AnswerForm, CallMoreForm, ExcuseForm, GradeForm

SHOWN = 8  # of each stage on the whole board
PAGE = 50  # of one stage alone
OWN_CALLS = 20
RUNNING = ("issued", "accepted", "arrived", "planned")


def may_open(actor: Actor) -> bool:
    """Sees the board: over places, or because a unit of theirs can be called."""
    return actor.holds_somewhere(VIEW) or actor.holds_somewhere(HANDLE)


@dataclass(frozen=True)
class Line:
    """One whistle on the board. `clock`: the arrival while one is waited for, else the promise of the law."""

    matter: Matter
    url: str
    where: str
    ground: str
    lead: str
    answer: str
    helping: str
    clock: str
    clock_words: str


@dataclass(frozen=True)
class Stage:
    key: str
    name: str | Promise
    next_step: str | Promise
    count: int
    chosen: bool
    lines: tuple[Line, ...]

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


@dataclass(frozen=True)
class OwnCall:
    """A call to the reader's unit, and what it waits for."""

    call: WhistleCall
    matter: Matter
    url: str
    unit: str
    where: str
    state: str
    action: str
    clock: str
    clock_words: str


@dataclass(frozen=True)
class BoardPage:
    stages: tuple[Stage, ...]
    own: tuple[OwnCall, ...]
    own_count: Count
    may_open: bool
    may_propose: bool
    chosen: str

    @property
    def is_empty(self) -> bool:
        return not self.own and not any(stage.count for stage in self.stages)


def board_page(actor: Actor, place_code: str, chosen: str = "") -> BoardPage:
    """All stages, or one of them with more of its rows."""
    keys = (*selectors.STAGES, selectors.OVER)
    wanted = (chosen,) if chosen else keys
    found = selectors.board(actor, place_code, wanted, PAGE if chosen else SHOWN)
    own, own_count = selectors.own_calls(actor, OWN_CALLS)
    matters = [row.matter for rows in found.rows.values() for row in rows]
    places = full_names_of(
        {matter.place_code for matter in [*matters, *(call.whistle.matter for call in own)]}
    )
    stages = []
    for key in keys:
        name, following = _words_of(key)
        lines = tuple(_line(row, places) for row in found.rows.get(key, []))
        stages.append(Stage(key, name, following, found.counts.get(key, 0), key == chosen, lines))
    names = last_names({call.unit_id for call in own}) if own else {}
    return BoardPage(
        stages=tuple(stages), own=tuple(_own(call, names, places) for call in own), own_count=own_count,
        may_open=actor.holds_somewhere(OPEN), may_propose=not actor.holds_somewhere(ISSUE), chosen=chosen,
    )  # fmt: skip


def _words_of(key: str) -> tuple[str | Promise, str | Promise]:
    if key == selectors.OVER:
        return gettext_lazy("近 30 天了结"), ""
    state = LAW.by_code[key]
    return state.name, state.next_step


def _line(row: selectors.OnBoard, places: dict[str, str]) -> Line:
    matter = row.matter
    lead = next((each for each in row.calls if each.call.lead), None)
    helping = [each for each in row.calls if not each.call.lead]
    waits_for_arrival = matter.state in ("issued", "accepted")
    kind, words = _arrival(row.whistle.arrive_by) if waits_for_arrival else _waited(matter)
    return Line(
        matter=matter, url=reverse("desk:matter", args=[matter.number]), where=places.get(matter.place_code, ""),
        ground=row.whistle.get_ground_display(), lead=lead.name if lead else "",
        answer=call_state(lead.call)[1] if lead else "", helping=_helping(helping), clock=kind, clock_words=words,
    )  # fmt: skip


def _arrival(by: dt.datetime) -> tuple[str, str]:
    kind, words = time_left(by)
    return kind, _("到场%(time)s") % {"time": words}


def _owed(call: WhistleCall) -> tuple[str, str]:
    """What a department owes next: its answer, then to be there."""
    if call.owes_answer and call.answer_by is not None:
        kind, words = time_left(call.answer_by)
        return kind, _("应哨%(time)s") % {"time": words}
    return _arrival(call.arrive_by)


def _waited(matter: Matter) -> tuple[str, str]:
    """The promise that runs; where none does, how long it has waited in this stage."""
    if matter.is_open and matter.due_at is None:
        return "", _("已等 %(time)s") % {"time": length_words(clock.now() - matter.state_since)}
    return clock_words(matter)


def _helping(calls: list[selectors.Called]) -> str:
    if not calls:
        return ""
    come = sum(1 for each in calls if each.call.arrived_at)
    return _("协办 %(number)d 个，到场 %(come)d 个") % {"number": len(calls), "come": come}


def call_state(call: WhistleCall) -> tuple[str, str]:
    """(class, words): where one department's side stands."""
    if call.released_at:
        return "", _("已解除")
    if call.grade:
        return "done", _("已评价")
    if call.arrived_at:
        late = call.arrived_at - call.arrive_by
        if late > dt.timedelta():
            return "late", _("晚到 %(time)s") % {"time": length_words(late)}
        return "done", _("按时到场")
    overdue = call.arrive_by < clock.now()
    if call.objected_at:
        return "soon", _("提出异议")
    if call.accepted_at:
        return ("late", _("已应哨，过时未到")) if overdue else ("soon", _("已应哨，未到场"))
    return ("late", _("过时未答复")) if call.due_at < clock.now() else ("soon", _("等待答复"))


def _own(call: WhistleCall, names: dict[int, str], places: dict[str, str]) -> OwnCall:
    matter = call.whistle.matter
    _kind, state = call_state(call)
    waits = call.arrived_at is None
    kind, words = _owed(call) if waits else _waited(matter)
    if call.objected_at:
        action = _("看进展")
    elif not call.accepted_at:
        action = _("去答复")
    else:
        action = _("去签到") if waits else _("去办理")
    return OwnCall(
        call=call, matter=matter, url=reverse("desk:matter", args=[matter.number]), unit=names.get(call.unit_id, ""),
        where=places.get(matter.place_code, ""), state=state, action=action, clock=kind,
        clock_words=words,
    )  # fmt: skip


@dataclass(frozen=True)
class Act:
    """A form of one department's row: `address` takes it."""

    name: str
    words: str
    form: Form
    address: str
    opened: bool = False
    main: bool = False


@dataclass(frozen=True)
class CallLine:
    """One department on the page of a whistle."""

    call: WhistleCall
    unit: str
    kind: str
    state: str
    grade: str
    said: str
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Side:
    """What a whistle's page has beside the matter's."""

    whistle: Whistle
    ground: str
    clause: str
    street: str
    kind: str
    clock_words: str
    calls: tuple[CallLine, ...]
    call_more: Act | None
    request: Matter | None
    waiting_grades: int = 0
    unplaced: Form | None = None  # refused, and not among what may be done any more: shown by itself


@dataclass(frozen=True)
class Bound:
    """A form that was sent and refused: it is shown again with its words."""

    act: str
    unit_id: int
    form: Form


def side_of(actor: Actor, matter: Matter, bound: Bound | None = None) -> Side:
    """Called departments, each with its answer, arrival and judgement, and what the reader may do there."""
    whistle = Whistle.objects.select_related("matter").get(pk=matter.pk)
    calls = selectors.calls_of(whistle)
    ground = next((each for each in selectors.grounds_in_force() if each.code == whistle.ground), None)
    kind, words = time_left(whistle.arrive_by)
    arrived = any(each.call.lead and each.call.arrived_at for each in calls)
    sees_all = selectors.sees_both_sides(actor, matter)
    own = set(handling_units(actor))
    lines = tuple(_call_line(actor, matter, each, sees_all or each.unit_id in own, bound) for each in calls)
    call_more = _call_more(actor, matter, calls, bound)
    placed = any(act.opened for line in lines for act in line.acts) or (call_more and call_more.opened)
    return Side(
        whistle=whistle, ground=whistle.get_ground_display(), clause=ground.clause if ground else "",
        street=last_names([whistle.street_id]).get(whistle.street_id, ""),
        kind="" if arrived or not matter.is_open else kind, clock_words="" if arrived or not matter.is_open else words,
        calls=lines, call_more=call_more, request=_request_of(actor, whistle),
        waiting_grades=sum(1 for each in calls if not each.call.released_at and not each.call.grade)
        if matter.state == "verified" else 0,
        unplaced=bound.form if bound is not None and not placed else None,
    )  # fmt: skip


def _request_of(actor: Actor, whistle: Whistle) -> Matter | None:
    if whistle.request_id is None:
        return None
    try:
        return visible_matter(actor, whistle.request_id)
    except NotVisible:
        return None


def _call_line(
    actor: Actor, matter: Matter, each: selectors.Called, sees_grade: bool, bound: Bound | None
) -> CallLine:
    call = each.call
    kind, state = call_state(call)
    return CallLine(
        call=call, unit=each.name, kind=kind, state=state,
        grade=str(call.get_grade_display()) if sees_grade and call.grade else "", said=call.words if sees_grade else "",
        acts=tuple(_acts(actor, matter, call, bound)) if matter.is_open and not call.released_at else (),
    )  # fmt: skip


def _acts(actor: Actor, matter: Matter, call: WhistleCall, bound: Bound | None) -> Iterable[Act]:
    serves = call.unit_id in handling_units(actor)
    judges = actor.holds(VERIFY, matter.place_code) and not any(
        grant.unit_id == call.unit_id for grant in actor.grants
    )
    if serves and not call.lead:  # the lead's answers are steps of the law, in the panel of steps
        answered = call.accepted_at or call.objected_at
        if not answered:
            yield _act(matter, call, "join", _("应哨"), AnswerForm(), bound, main=True)
            yield _act(matter, call, "excuse", _("提出异议"), ExcuseForm(), bound)
        elif call.accepted_at and not call.arrived_at:
            yield _act(matter, call, "arrive", _("到场签到"), AnswerForm(), bound, main=True)
    if judges and matter.state == "verified" and not call.grade:
        form = GradeForm(auto_id=f"grade_{call.unit_id}_%s")
        yield _act(matter, call, "grade", _("评价"), form, bound, main=True)
    if actor.holds(ISSUE, matter.place_code) and not call.lead and not call.grade and not call.arrived_at:
        yield _act(matter, call, "release", _("解除"), AnswerForm(), bound)


def _act(
    matter: Matter, call: WhistleCall, name: str, words: str, form: Form, bound: Bound | None, main: bool = False
) -> Act:  # fmt: skip
    sent = bound is not None and (bound.act, bound.unit_id) == (name, call.unit_id)
    address = reverse("desk:whistle_act", args=[matter.number, name])
    return Act(name, words, bound.form if sent and bound else form, address, opened=sent, main=main)


def _call_more(
    actor: Actor, matter: Matter, calls: list[selectors.Called], bound: Bound | None
) -> Act | None:
    if matter.state not in RUNNING or not actor.holds(ISSUE, matter.place_code):
        return None
    called = {each.unit_id for each in calls if not each.call.released_at}
    units = [unit for unit in selectors.units_to_call(matter.place_code) if unit.unit_id not in called]
    sent = bound is not None and bound.act == "call"
    form: Any = bound.form if sent and bound else CallMoreForm(units)
    return Act(
        "call",
        _("再叫协办单位"),
        form,
        reverse("desk:whistle_act", args=[matter.number, "call"]),
        opened=sent,
    )
