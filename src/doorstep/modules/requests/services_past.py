"""An office's past requests and whistles: the kernel walks each through its law; here is what the module adds to them.

Every rule of the live path holds: items of the day, call-backs by somebody else than the handler, one valid call-back
and one rating for an outcome, dissatisfaction followed by a reopening asked.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.declarations.registers import Problem
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.selectors import rulebook_for
from doorstep.kernel.matters.services_past import Brought, PastMatter, bring_past
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import copy_rows
from doorstep.modules.requests.models import (
    GRADES,
    CallBack,
    EventItem,
    Rating,
    Request,
    Whistle,
    WhistleCall,
)
from doorstep.modules.requests.models_whistle import GROUNDS, WHISTLE_GRADES
from doorstep.modules.requests.services_calls import CallTerms
from doorstep.modules.requests.services_feedback import CLOSING, DISSATISFIED, HANDLING
from doorstep.modules.requests.services_whistle import arrival

Progress = Callable[[Brought], None]


@dataclass(frozen=True, kw_only=True)
class PastCallBack:
    """A call-back as the office recorded it. `invalid_reason` "" for a valid one, which has the three answers."""

    at: dt.datetime
    person_id: int
    invalid_reason: str = ""
    contacted: bool | None = None
    solved: bool | None = None
    satisfaction: int | None = None


@dataclass(frozen=True, kw_only=True)
class PastRating:
    """What the reporter said of an outcome."""

    at: dt.datetime
    solved: bool
    satisfaction: int
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class PastRequest:
    """A past request: its matter (kind "request", item and class as on the list of its day) and what was said of it.

    own_number: of the office whose list it stood on. for_whom: a name somebody left without a number.
    """

    matter: PastMatter
    anonymous: bool = False
    own_number: str = ""
    for_whom: str = ""
    hotline_number: str = ""
    routing: str = ""
    call_backs: tuple[PastCallBack, ...] = ()
    ratings: tuple[PastRating, ...] = ()

    @property
    def on_the_spot(self) -> bool:
        return any(step.name == "on_the_spot" for step in self.matter.steps)

    def closing_before(self, at: dt.datetime) -> int:
        """Number of the history row that had closed it last at that time; 0 where none had."""
        numbers = [
            number
            for number, step in enumerate(self.matter.steps, start=2)
            if step.name in CLOSING and step.at <= at
        ]
        return max(numbers, default=0)


def bring_requests(
    *, actor: Actor, cases: Iterable[PastRequest], progress: Progress = lambda brought: None
) -> Brought:
    """Bring past requests in; wrong ones are told by row and left out, known ones are passed over."""
    work = _Requests(actor)
    brought = bring_past(actor=actor, cases=work.passing(cases), written=work.write, progress=progress)
    brought.problems += work.problems
    return brought


@dataclass
class _Requests:
    """One run: the list of items on every day, what waits to be written, what was wrong."""

    actor: Actor
    problems: list[Problem] = field(default_factory=list)
    waiting: dict[UUID, PastRequest] = field(default_factory=dict)
    items: dict[str, list[EventItem]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for item in EventItem.objects.all():
            self.items[item.code].append(item)

    def passing(self, cases: Iterable[PastRequest]) -> Iterator[PastMatter]:
        for case in cases:
            trouble = self.trouble_with(case)
            if trouble:
                self.problems.append(Problem(case.matter.number, trouble))
                continue
            self.waiting[case.matter.new.key] = case
            yield case.matter

    def trouble_with(self, case: PastRequest) -> str:
        if case.matter.new.kind != "request":
            return _("这不是诉求。")
        if case.matter.new.item and self.item_of(case) is None:
            return _("登记当天的事项目录里没有“%s”。") % case.matter.new.item
        handlers = {step.person_id for step in case.matter.steps if step.name in HANDLING}
        for row in case.call_backs:
            if row.person_id in handlers:
                return _("回访须由办理人以外的人来做。")
            if (words := self._answers_wrong(case, row)) or (words := self._unanswered(case, row)):
                return words
        for rating in case.ratings:
            if not case.closing_before(rating.at) or rating.satisfaction not in dict(GRADES):
                return _("评价须在结案之后，并有满意程度。")
        return self._twice(case)

    def _answers_wrong(self, case: PastRequest, row: PastCallBack) -> str:
        answers = (row.contacted, row.solved, row.satisfaction)
        if not case.closing_before(row.at):
            return _("回访须在结案之后。")
        if row.invalid_reason:
            wrong = row.invalid_reason not in dict(CallBack.INVALID) or answers != (None, None, None)
        else:
            wrong = None in answers or row.satisfaction not in dict(GRADES)
        return _("回访的结果不完整。") if wrong else ""

    def _unanswered(self, case: PastRequest, row: PastCallBack) -> str:
        if row.invalid_reason or (row.solved and (row.satisfaction or 0) > DISSATISFIED):
            return ""
        asked = any(step.name == "ask_reopen" and step.at >= row.at for step in case.matter.steps)
        return "" if asked else _("回访不满意的，须有要求重办的一步。")

    def _twice(self, case: PastRequest) -> str:
        valid = [case.closing_before(row.at) for row in case.call_backs if not row.invalid_reason]
        rated = [case.closing_before(row.at) for row in case.ratings]
        if len(set(valid)) < len(valid) or len(set(rated)) < len(rated):
            return _("同一次办理结果只能有一次有效回访、一次评价。")
        return ""

    def item_of(self, case: PastRequest) -> EventItem | None:
        new, day = case.matter.new, clock.day_of(case.matter.at)
        fitting = (
            item
            for item in self.items.get(new.item, [])
            if item.holds_on(day) and new.place_code.startswith(item.place_code)
        )
        return max(fitting, key=lambda item: len(item.place_code), default=None)

    def write(self, portion: Sequence[tuple[PastMatter, Matter]]) -> None:
        """The module's rows of a portion, in the portion's own transaction."""
        pairs = [(self.waiting[past.new.key], matter) for past, matter in portion]
        copy_rows([self._request(case, matter) for case, matter in pairs])
        called = [
            (matter, self._call_back(case, matter, row)) for case, matter in pairs for row in case.call_backs
        ]
        copy_rows([row for _matter, row in called])
        copy_rows([self._rating(case, matter, row) for case, matter in pairs for row in case.ratings])
        record_many(
            self.actor,
            [
                Act("requests.call_back", matter, matter.place_code,
                    {"valid": row.valid, "solved": row.solved, "closing": row.closing, "brought": True})
                for matter, row in called
            ],
        )  # fmt: skip
        for past, _matter in portion:
            self.waiting.pop(past.new.key, None)

    def _request(self, case: PastRequest, matter: Matter) -> Request:
        item = self.item_of(case) if matter.item else None
        return Request(
            matter=matter, item=item, item_from=Request.CHOSEN if item else Request.UNKNOWN,
            on_the_spot=case.on_the_spot, anonymous=case.anonymous, hotline_number=case.hotline_number or None,
            routed_to_id=case.matter.new.holder_id, routing=case.routing[:300], own_number=case.own_number[:40],
            for_whom=case.for_whom[:60],
        )  # fmt: skip

    def _call_back(self, case: PastRequest, matter: Matter, row: PastCallBack) -> CallBack:
        return CallBack(
            request_id=matter.pk, closing=case.closing_before(row.at), place_code=matter.place_code, at=row.at,
            person_id=row.person_id, valid=not row.invalid_reason, invalid_reason=row.invalid_reason,
            contacted=row.contacted, solved=row.solved, satisfaction=row.satisfaction,
        )  # fmt: skip

    def _rating(self, case: PastRequest, matter: Matter, row: PastRating) -> Rating:
        return Rating(
            request_id=matter.pk, closing=case.closing_before(row.at), at=row.at, solved=row.solved,
            satisfaction=row.satisfaction, words=row.words[:500],
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PastCall:
    """One department's side of a past whistle. `released_at`: when another took its place, or it was let go."""

    unit_id: int
    lead: bool = False
    accepted_at: dt.datetime | None = None
    objected_at: dt.datetime | None = None
    objection: str = ""
    arrived_at: dt.datetime | None = None
    released_at: dt.datetime | None = None
    grade: int | None = None
    graded_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PastWhistle:
    """A past whistle: its matter (kind "whistle", `called` naming the same units) and each department's side. One that
    was never issued called nobody."""

    matter: PastMatter
    ground: str
    street_id: int
    arrive_by: dt.datetime
    called_at: dt.datetime
    calls: tuple[PastCall, ...]


def bring_whistles(
    *, actor: Actor, cases: Iterable[PastWhistle], progress: Progress = lambda brought: None
) -> Brought:
    """Bring past whistles in, as requests are."""
    waiting: dict[UUID, PastWhistle] = {}
    problems: list[Problem] = []
    rulebook = rulebook_for("whistle")

    def passing() -> Iterator[PastMatter]:
        for case in cases:
            if words := _trouble_with(case):
                problems.append(Problem(case.matter.number, words))
                continue
            waiting[case.matter.new.key] = case
            yield _with_arrivals(case)

    def write(portion: Sequence[tuple[PastMatter, Matter]]) -> None:
        pairs = [(waiting[past.new.key], matter) for past, matter in portion]
        copy_rows([
            Whistle(matter=matter, ground=case.ground, street_id=case.street_id, arrive_by=case.arrive_by)
            for case, matter in pairs
        ])  # fmt: skip
        copy_rows([
            _call(case, matter, call, CallTerms(matter, rulebook)) for case, matter in pairs for call in case.calls
        ])  # fmt: skip

    brought = bring_past(actor=actor, cases=passing(), written=write, progress=progress)
    brought.problems += problems
    return brought


def _with_arrivals(case: PastWhistle) -> PastMatter:
    """Its steps that call a lead, each with the moment at which the lead was to be there."""
    steps = tuple(
        replace(step, inputs=replace(step.inputs, end=arrival(case.arrive_by, case.matter.at, step.at)))
        if step.name in ("issue", "reassign", "decide") else step
        for step in case.matter.steps
    )  # fmt: skip
    return replace(case.matter, steps=steps)


def _trouble_with(case: PastWhistle) -> str:
    if case.matter.new.kind != "whistle" or case.ground not in dict(GROUNDS):
        return _("吹哨须有法定事由：突出公共问题、联合执法、应急处置或者重点工作。")
    units = {call.unit_id for call in case.calls}
    issued = any(step.name == "issue" for step in case.matter.steps)
    leads = sum(call.lead for call in case.calls if call.released_at is None)
    if units != {unit for unit, _part in case.matter.called} or leads != issued or bool(units) != issued:
        return _("被叫的部门与记录不符，或者牵头部门不是一个。")
    for call in case.calls:
        judged = call.grade in dict(WHISTLE_GRADES) if call.graded_at else call.grade is None
        if (
            not judged
            or (call.objected_at and not call.objection)
            or (call.arrived_at and not call.accepted_at)
        ):
            return _("部门应哨、到场或评价的记录不完整。")
    return ""


def _call(case: PastWhistle, matter: Matter, call: PastCall, terms: CallTerms) -> WhistleCall:
    return WhistleCall(
        whistle_id=matter.pk, unit_id=call.unit_id, lead=call.lead, called_at=case.called_at,
        answer_by=terms.answer_by(case.called_at), arrive_by=case.arrive_by,
        accepted_at=call.accepted_at, objected_at=call.objected_at, objection=call.objection,
        arrived_at=call.arrived_at, released_at=call.released_at, grade=call.grade, graded_at=call.graded_at,
    )  # fmt: skip
