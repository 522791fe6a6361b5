"""One step of one matter, in memory: the rules of the table, the history row, the clocks. No queries.

The live path and the path that brings an office's past cases both walk through here, so both keep every rule.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.laws import Law, Part, Transition, law_of
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.matters.models_deadlines import Deadline, Pause, TimeLimit
from doorstep.kernel.matters.policies import HANDLE
from doorstep.kernel.matters.working_days import (
    Calendar,
    Due,
    due_after,
    end_of,
    last_day,
    recounted,
    resumed,
)
from doorstep.kernel.shared.clock import DISTRICT_ZONE, day_of
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation

INPUT_NAMES = {
    "note": gettext_lazy("给报告人的说明"), "internal": gettext_lazy("内部说明"), "unit_id": gettext_lazy("承办单位"),
    "person_id": gettext_lazy("承办人"), "place_code": gettext_lazy("地方"), "until": gettext_lazy("到哪一天为止"),
}  # fmt: skip


# Where the table of terms says nothing else (a term of the clock "remind"). A recommendation, not a rule of law.
REMINDED_BEFORE = dt.timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What somebody gives with a step. `end`: the moment that what it starts ends, where the row `ends` it so. `data`:
    codes and numbers of the kind's own, never words about a person."""

    note: str = ""
    internal: str = ""
    unit_id: int | None = None
    person_id: int | None = None
    place_code: str = ""
    until: dt.date | None = None
    end: dt.datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def given(self, name: str) -> Any:
        return getattr(self, name) if name in INPUT_NAMES else self.data.get(name)


@dataclass(frozen=True)
class Doer:
    """Who does a step, when. `parts`: theirs in this matter."""

    at: dt.datetime
    account_id: int | None = None
    person_id: int | None = None
    unit_id: int | None = None
    parts: frozenset[Part] = frozenset()


@dataclass
class Case:
    """A matter on the table, with its running promises, and what the steps add to it. `freed_id`: who handled it until the step
    that freed them, and hears of that step as the handler."""

    matter: Matter
    deadlines: list[Deadline] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    called: frozenset[int] = frozenset()
    freed_id: int | None = None
    handled: frozenset[int] = frozenset()
    done: Counter[tuple[str, int | None]] = field(default_factory=Counter)
    rounds: Counter[str] = field(default_factory=Counter)
    history: list[History] = field(default_factory=list)
    changed: list[Deadline] = field(default_factory=list)
    new_pauses: list[Pause] = field(default_factory=list)

    @property
    def law(self) -> Law:
        return law_of(self.matter.kind)

    def is_used_up(self, row: Transition, unit_id: int | None) -> bool:
        """Whether the unit has taken the step as often as it may."""
        return bool(row.at_most) and self.done[row.name, unit_id] >= row.at_most

    def running(self, clock: str) -> Deadline | None:
        rows = (row for row in self.deadlines if row.clock == clock and not (row.met_at or row.stopped_at))
        return next(rows, None)


@dataclass(frozen=True)
class Rulebook:
    """Terms of a kind, on every day they held, and the calendar."""

    limits: tuple[TimeLimit, ...]
    calendar: Calendar

    def lead_for(self, matter: Matter, start: dt.datetime, due: dt.datetime) -> dt.timedelta:
        """How long before its end a promise is reminded of: as the table says, never more than a quarter of the term."""
        limit = self.limit_for(matter, "remind", start)
        return min(dt.timedelta(hours=limit.amount) if limit else REMINDED_BEFORE, (due - start) / 4)

    @cached_property
    def _by_category(self) -> dict[tuple[str, str, str], list[TimeLimit]]:
        found: dict[tuple[str, str, str], list[TimeLimit]] = defaultdict(list)
        for row in self.limits:
            found[row.kind, row.clock, row.category].append(row)
        return dict(found)

    def limit_for(self, matter: Matter, clock: str, at: dt.datetime) -> TimeLimit | None:
        """The most specific term in force: category and urgency, then category, then urgency, then any."""
        day = at.astimezone(DISTRICT_ZONE).date()
        for category in dict.fromkeys((matter.category, "")):
            fitting = [
                row
                for row in self._by_category.get((matter.kind, clock, category), ())
                if row.urgency in ("", matter.urgency) and row.holds_on(day)
            ]
            if fitting:
                return max(fitting, key=lambda row: row.urgency != "")
        return None


def parts_of(actor: Actor, case: Case) -> frozenset[Part]:
    """The actor's parts in the matter."""
    matter = case.matter
    if actor.is_system:
        return frozenset({"platform"})
    parts: set[Part] = set()
    if actor.person_id is not None and actor.person_id == matter.reporter_id:
        parts.add("reporter")
    if actor.person_id is not None and actor.person_id == matter.handler_id:
        parts.add("handler")
    if actor.person_id in case.handled:
        parts.add("handled")
    for grant in actor.grants:
        if HANDLE not in grant.capabilities:
            continue
        if grant.unit_id == matter.holder_id and grant.covers(matter.place_code):
            parts.add("holder")
        if grant.unit_id == matter.asked_id and grant.covers(matter.place_code):
            parts.add("asked")
        if grant.unit_id in case.called:
            parts.add("called")
    return frozenset(parts)


def open_case(matter: Matter, doer: Doer, rulebook: Rulebook, inputs: Inputs) -> Case:
    """Begin: the first row of the history and the clocks that run from the first moment."""
    case = Case(matter)
    law = case.law
    matter.state, matter.is_open, matter.version = law.first, not law.is_over(law.first), 1
    matter.opened_at = matter.state_since = doer.at
    case.history.append(_row(case, "open", "", doer, inputs, None))
    for clock in law.opening:
        _start(case, clock, doer.at, rulebook)
    _settle(case)
    return case


def take_step(case: Case, name: str, doer: Doer, rulebook: Rulebook, inputs: Inputs) -> Transition:
    """Do one row of the table. Raises RuleViolation or NotAllowed, and then nothing has changed."""
    matter, law = case.matter, case.law
    row = law.by_name.get(name)
    if row is None or matter.state not in row.sources:
        raise wrong_state(matter, row)
    check_parts(row, doer.parts)
    _check_inputs(row, inputs)
    _check_until(case, row, doer.at, rulebook, inputs.until)
    if case.is_used_up(row, doer.unit_id):
        raise RuleViolation(
            _("一个单位「%(step)s」一件事最多 %(number)d 次，已经用过。")
            % {"step": row.words, "number": row.at_most},
            clause=row.clause,
        )
    source, since = matter.state, matter.state_since
    had_id = matter.asked_id or matter.holder_id
    case.freed_id = matter.handler_id if row.frees_handler else None
    _apply(matter, law, row, doer, inputs)
    step = _row(case, name, source, doer, inputs, since if row.target else None)
    step.had_id = had_id
    case.history.append(step)
    case.done[name, doer.unit_id] += 1
    if row.does_the_work and doer.person_id is not None:
        case.handled |= {doer.person_id}
    _turn_clocks(case, row, doer, rulebook, inputs)
    _settle(case)
    return row


def take_note(case: Case, row: Transition, doer: Doer, inputs: Inputs) -> None:
    """Write a declared note into the history: the version moves on, the state does not."""
    check_parts(row, doer.parts)
    _check_inputs(row, inputs)
    case.matter.version += 1
    case.history.append(_row(case, row.name, case.matter.state, doer, inputs, None))
    _settle(case)


def wrong_state(matter: Matter, row: Transition | None) -> RuleViolation:
    state = law_of(matter.kind).by_code[matter.state].name
    if row is None:
        return RuleViolation(_("没有这一步。请刷新页面后重试。"))
    return RuleViolation(
        _("这件事现在是「%(state)s」，不能「%(step)s」。可能有人刚办过，请刷新后看最新进展。")
        % {"state": state, "step": row.words},
        clause=row.clause,
    )


def check_parts(row: Transition, parts: frozenset[Part]) -> None:
    for part in row.never_by:
        if part in parts:
            raise NotAllowed(_REFUSED[part] % {"step": row.words}, clause=row.clause)


_REFUSED: dict[str, Any] = {
    "handler": gettext_lazy("您是办理人，「%(step)s」须由他人来做。"),
    "handled": gettext_lazy("您办理过这件事，「%(step)s」须由他人来做。"),
    "asked": gettext_lazy("被派办的单位不能自己「%(step)s」。"),
    "reporter": gettext_lazy("您是报告人，「%(step)s」须由他人来做。"),
    "holder": gettext_lazy("承办单位不能自己「%(step)s」。"),
    "called": gettext_lazy("协办单位不能「%(step)s」。"),
    "platform": gettext_lazy("「%(step)s」须由人来做。"),
}


def _check_inputs(row: Transition, inputs: Inputs) -> None:
    for name in row.requires:
        value = inputs.given(name)
        if value is None or value == "" or (isinstance(value, str) and not value.strip()):
            raise RuleViolation(
                _("请填写%(field)s，再「%(step)s」。") % {"field": INPUT_NAMES.get(name, name), "step": row.words},
                field=name, clause=row.clause,
            )  # fmt: skip


def _check_until(
    case: Case, row: Transition, at: dt.datetime, rulebook: Rulebook, until: dt.date | None
) -> None:
    """A day somebody gives lies ahead, and within the term of what it ends: nothing is put off without end, be it in one
    piece or in several."""
    if "until" not in row.requires or until is None:
        return
    for clock in row.starts:
        limit = rulebook.limit_for(case.matter, clock, at)
        if limit is None:
            raise RuleViolation(
                _("时限表里没有「%(step)s」最长多久，暂时不能「%(step)s」；请区里先设定。") % {"step": row.words},
                field="until", clause=row.clause,
            )  # fmt: skip
        first = day_of(at) + dt.timedelta(days=1)
        last = last_day(_longest(case, clock, limit, at, rulebook.calendar).at)
        if last < first:
            raise RuleViolation(
                _("这件事的「%(step)s」已经用完规定的时间，不能再「%(step)s」（%(clause)s）。")
                % {"step": row.words, "clause": limit.clause},
                field="until", clause=row.clause,
            )  # fmt: skip
        if not first <= until <= last:
            raise RuleViolation(
                _("「%(step)s」须到 %(first)s 至 %(last)s 之间的一天为止（%(clause)s）。")
                % {"step": row.words, "first": first, "last": last, "clause": limit.clause},
                field="until", clause=row.clause,
            )  # fmt: skip


def _longest(case: Case, clock: str, limit: TimeLimit, at: dt.datetime, calendar: Calendar) -> Due:
    """How long what this clock counts may last from `at`: all of it in one matter shares one term, which stands still in
    between."""
    earlier = sorted(
        (row.started_at, row.met_at or row.stopped_at or at) for row in case.deadlines if row.clock == clock
    )
    begun = [*(start for start, _end in earlier), at]
    between = [(end, start) for (_start, end), start in zip(earlier, begun[1:], strict=True)]
    return recounted(begun[0], limit.amount, limit.measure, between, calendar)  # type: ignore[arg-type]  # a choice of the field


def _apply(matter: Matter, law: Law, row: Transition, doer: Doer, inputs: Inputs) -> None:
    allowed = {*row.requires, *row.takes}
    if row.asks:
        matter.asked_id = inputs.unit_id
    if row.refuses:
        matter.asked_id = None
    if row.takes_over and matter.asked_id is not None:
        if "asked" in doer.parts:
            matter.holder_id, matter.handler_id = matter.asked_id, None
        matter.asked_id = None
    if "person_id" in allowed and inputs.person_id is not None:
        matter.handler_id = inputs.person_id
    if "place_code" in allowed and inputs.place_code:
        matter.place_code = inputs.place_code
    if row.makes_handler:
        matter.handler_id = doer.person_id
    if row.frees_handler:
        matter.handler_id = None
    if row.target:
        matter.state, matter.state_since = row.target, doer.at
        matter.is_open = not law.is_over(row.target)
        matter.closed_at = None if matter.is_open else doer.at
    if not matter.is_open:
        matter.asked_id = None
    matter.version += 1


def _row(
    case: Case, name: str, source: str, doer: Doer, inputs: Inputs, since: dt.datetime | None
) -> History:
    matter = case.matter
    return History(
        matter=matter, number=matter.version, name=name, source=source, target=matter.state, at=doer.at, since=since,
        account_id=doer.account_id, person_id=doer.person_id, unit_id=doer.unit_id, asked_id=matter.asked_id, holder_id=matter.holder_id,
        note=inputs.note.strip(), internal=inputs.internal.strip(), data=_data(inputs),
    )  # fmt: skip


def _data(inputs: Inputs) -> dict[str, Any]:
    given = {"until": inputs.until, "end": inputs.end}
    return dict(inputs.data) | {name: value.isoformat() for name, value in given.items() if value is not None}


def _turn_clocks(case: Case, row: Transition, doer: Doer, rulebook: Rulebook, inputs: Inputs) -> None:
    for clock in row.meets:
        _finish(case, clock, met_at=doer.at)
    for clock in row.stops:
        _finish(case, clock, stopped_at=doer.at)
    for clock in row.pauses:
        _pause(case, clock, doer.at, inputs.note or inputs.internal)
    for clock in row.resumes:
        resume(case, clock, doer.at, rulebook.calendar)
    for clock in row.starts:
        if case.running(clock) is None:
            _start(case, clock, doer.at, rulebook, _given_end(row, clock, inputs))


def _given_end(row: Transition, clock: str, inputs: Inputs) -> dt.datetime | None:
    """When what the step starts ends, where somebody says so: at a moment, or with a day."""
    if clock in row.ends:
        return inputs.end
    return end_of(inputs.until) if "until" in row.requires and inputs.until is not None else None


def _start(
    case: Case, clock: str, at: dt.datetime, rulebook: Rulebook, end: dt.datetime | None = None
) -> None:
    """A clock without a term in force does not run: nothing is promised that no rule says. `end`: given, not counted."""
    limit = rulebook.limit_for(case.matter, clock, at)
    if limit is None:
        return
    due = due_after(at, limit.amount, limit.measure, rulebook.calendar)  # type: ignore[arg-type]  # a choice of the field
    if end is not None:
        due = Due(end, provisional=False)
    case.rounds[clock] += 1
    row = Deadline(
        matter=case.matter, clock=clock, round=case.rounds[clock], limit=limit, limit_version=limit.version,
        base_number=case.matter.version, started_at=at, amount=limit.amount, measure=limit.measure, due_at=due.at,
        first_due_at=due.at, provisional=due.provisional,
        remind_at=due.at - rulebook.lead_for(case.matter, at, due.at),
    )  # fmt: skip
    case.deadlines.append(row)


def _finish(case: Case, clock: str, **when: dt.datetime) -> None:
    row = case.running(clock)
    if row is None:
        return
    at = next(iter(when.values()))
    _mark_breach(row, row.paused_at or at)
    if row.paused_at is not None:
        _end_pause(case, row, at)
    for name, value in when.items():
        setattr(row, name, value)
    _mark(case, row)


def _mark_breach(row: Deadline, at: dt.datetime) -> None:
    if at > row.due_at and row.breached_at is None:
        row.breached_at = row.due_at


def _pause(case: Case, clock: str, at: dt.datetime, reason: str) -> None:
    row = case.running(clock)
    if row is None or row.paused_at is not None:
        return
    _mark_breach(row, at)
    if row.breached_at is not None and row.escalate_at is None and not row.level:
        row.escalate_at = row.due_at  # nobody has been told yet: the day it would be due again
    row.paused_at = at
    case.new_pauses.append(Pause(deadline=row, started_at=at, reason=reason[:200]))
    _mark(case, row)


def resume(case: Case, clock: str, at: dt.datetime, calendar: Calendar) -> None:
    """Let a paused promise run on with what was left of it."""
    row = case.running(clock)
    if row is None or row.paused_at is None:
        return
    due = resumed(row.due_at, row.paused_at, at, row.measure, calendar)  # type: ignore[arg-type]  # a choice of the field
    move(case, row, due)
    _end_pause(case, row, at)


def move(case: Case, row: Deadline, due: Due) -> None:
    """Let a promise end at another time; its reminder goes along, and one already given is given again."""
    shift = due.at - row.due_at
    if shift > dt.timedelta():
        row.reminded_at = None
    row.remind_at = row.remind_at and row.remind_at + shift
    row.escalate_at = row.escalate_at and row.escalate_at + shift
    row.due_at, row.provisional = due.at, due.provisional
    _mark(case, row)


def _end_pause(case: Case, row: Deadline, at: dt.datetime) -> None:
    row.paused_at = None
    for pause in [*case.pauses, *case.new_pauses]:
        if pause.ended_at is None and pause.deadline is row:
            pause.ended_at = at


def _mark(case: Case, row: Deadline) -> None:
    if row.pk is not None and row not in case.changed:
        case.changed.append(row)


def _settle(case: Case) -> None:
    """The nearest promise stands on the matter, where the lists are ordered by it; a paused one is not due."""
    owed = [row for row in case.deadlines if not (row.met_at or row.stopped_at)]
    running = [row for row in owed if not row.paused_at]
    nearest = min(running, key=lambda row: row.due_at, default=None)
    case.matter.due_at = nearest.due_at if nearest else None
    case.matter.due_is_provisional = nearest is not None and nearest.provisional
    case.matter.escalation = max((row.level for row in owed), default=0)
