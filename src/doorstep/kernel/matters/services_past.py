"""Bringing an office's past cases in: every rule, history row and audit row of the live path, written by COPY.

Each case walks through the same table in memory (`steps`): its states, inputs, who may never do a step, how often, the
terms that were in force at the time. What differs: the importing actor's right stands for the rights of the posts of
that time, nobody is told anything, and steps carry the times they had.

Cases are taken in portions, each a transaction of its own, and known by their keys: an import that was cut off is run
again and goes on where it stopped.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from django.db import connection, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import record_many
from doorstep.kernel.declarations.registers import Problem
from doorstep.kernel.matters.laws import Part, Transition, law_of
from doorstep.kernel.matters.models import Link, Matter, Participation
from doorstep.kernel.matters.models_deadlines import Deadline
from doorstep.kernel.matters.policies import BRING_PAST
from doorstep.kernel.matters.rules import checked_text
from doorstep.kernel.matters.selectors import rulebook_for
from doorstep.kernel.matters.services import NewMatter, act_of, made
from doorstep.kernel.matters.steps import (
    Case,
    Doer,
    Inputs,
    Rulebook,
    open_case,
    take_step,
    wrong_state,
)
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import copy_rows, take_numbers
from doorstep.kernel.shared.errors import NotAllowed, Refused, RuleViolation
from doorstep.kernel.shared.place_codes import is_code

PORTION = 1000
ONE_AT_A_TIME = 0x6D617474  # advisory lock of a portion: two imports never look for the same keys at once
LARGER_PORTIONS = "SET LOCAL gin_pending_list_limit = '32MB'; SET LOCAL work_mem = '64MB'"


@dataclass(frozen=True, kw_only=True)
class PastStep:
    """One step as the office's records tell it: its name in the law, when, by whom, for which unit."""

    name: str
    at: dt.datetime
    person_id: int | None = None
    unit_id: int | None = None
    inputs: Inputs = field(default_factory=Inputs)


@dataclass(frozen=True, kw_only=True)
class PastMatter:
    """One case: what was opened, when, by whom, and its steps in order.

    number: its row in the office's list, for problems. `new.key` must be the same each time the list is brought:
    `key_of` makes one from the office's own number. called: units called to it, with their part. main_key: the case it
    was merged into by its step `merge`; that one comes before it in the list, or was brought before.
    """

    number: int
    new: NewMatter
    at: dt.datetime
    person_id: int | None = None
    unit_id: int | None = None
    steps: tuple[PastStep, ...] = ()
    called: tuple[tuple[int, str], ...] = ()
    main_key: uuid.UUID | None = None


@dataclass
class Brought:
    """What became of the cases: added, known already by their keys, or wrong (one problem each, by row)."""

    added: int = 0
    known: int = 0
    problems: list[Problem] = field(default_factory=list)


Written = Callable[[Sequence[tuple[PastMatter, Matter]]], None]


def key_of(office: str, number: str) -> uuid.UUID:
    """The key of an office's own case number: the same each time."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{office}/{number}")


def bring_past(
    *, actor: Actor, cases: Iterable[PastMatter], whole: bool = False,
    written: Written = lambda portion: None, progress: Callable[[Brought], None] = lambda brought: None,
) -> Brought:  # fmt: skip
    """Bring past cases in. Wrong ones are told by row and left out; with `whole` one wrong case keeps all out.

    `written` is called with each portion in its transaction, so that a module adds its own rows of the same cases.
    `progress` hears the outcome so far after each portion. Raises NotAllowed where the actor has no such right anywhere.
    """
    if not actor.holds_somewhere(BRING_PAST):
        raise NotAllowed(_("您的岗位不能导入历史事项。"))
    work = _Work(actor, written)
    if not whole:
        for portion in _portions(cases):
            with transaction.atomic():
                work.bring(portion)
            progress(work.brought)
        return work.brought
    with transaction.atomic():
        for portion in _portions(cases):
            work.bring(portion, writes=not work.brought.problems)
            progress(work.brought)
        if work.brought.problems:
            transaction.set_rollback(True)
            work.brought.added = 0
    return work.brought


def _portions(cases: Iterable[PastMatter]) -> Iterator[list[PastMatter]]:
    waiting = iter(cases)
    while portion := list(islice(waiting, PORTION)):
        yield portion


class _Work:
    """One run: what is known of units, persons and rules, and what became of the cases so far."""

    def __init__(self, actor: Actor, written: Written) -> None:
        self.actor, self.written = actor, written
        self.brought = Brought()
        self.now = clock.now()
        self.seen: dict[uuid.UUID, int] = {}
        self.units: set[int] = set()
        self.persons: set[int] = set()
        self.rulebooks: dict[str, Rulebook] = {}
        self.mains: dict[uuid.UUID, _Main] = {}

    def bring(self, portion: Sequence[PastMatter], writes: bool = True) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
            cursor.execute(LARGER_PORTIONS)
        known = set(
            Matter.objects.filter(key__in=[past.new.key for past in portion]).values_list("key", flat=True)
        )
        self._look_up(portion)
        numbers = iter(take_numbers(Matter, len(portion) - len(known)) if len(known) < len(portion) else ())
        walked: list[_Walked] = []
        for past in portion:
            try:
                self._check_key(past)
                if past.new.key in known:
                    self.brought.known += 1
                    continue
                walked.append(self._walk(past, next(numbers, None)))
            except Refused as refused:
                self.brought.problems.append(Problem(past.number, str(refused.message), refused.field))
        if writes and walked:
            self._write(walked)
            self.brought.added += len(walked)

    def _check_key(self, past: PastMatter) -> None:
        before = self.seen.setdefault(past.new.key, past.number)
        if before != past.number:
            raise RuleViolation(_("与第 %(row)d 行是同一件。") % {"row": before}, field="key")

    def _look_up(self, portion: Sequence[PastMatter]) -> None:
        """Which of the units, persons and main matters that these cases name there are. Three queries at most."""
        units: set[int | None] = set()
        persons: set[int | None] = set()
        for past in portion:
            units.update((past.unit_id, past.new.holder_id), (unit for unit, _part in past.called))
            persons.update((past.person_id, past.new.reporter_id, past.new.teller_id, past.new.handler_id))
            for step in past.steps:
                units.update((step.unit_id, step.inputs.unit_id))
                persons.update((step.person_id, step.inputs.person_id))
            if past.new.kind not in self.rulebooks:
                law_of(past.new.kind)
                self.rulebooks[past.new.kind] = rulebook_for(past.new.kind)
        new_units = {unit for unit in units if unit is not None} - self.units
        new_persons = {person for person in persons if person is not None} - self.persons
        wanted = {past.main_key for past in portion if past.main_key is not None} - self.mains.keys()
        self.mains.update((matter.key, _Main(matter)) for matter in Matter.objects.filter(key__in=wanted))
        self.units.update(Unit.objects.filter(pk__in=new_units).values_list("pk", flat=True))
        self.persons.update(Person.objects.filter(pk__in=new_persons).values_list("pk", flat=True))

    def _walk(self, past: PastMatter, number: int | None) -> _Walked:
        """The case after all its steps, in memory. Raises Refused naming the step."""
        new, rulebook = past.new, self.rulebooks[past.new.kind]
        self._check_place(new.place_code)
        self._check_there((new.holder_id, past.unit_id), (new.reporter_id, new.teller_id, new.handler_id))
        self._check_there([unit for unit, _part in past.called], [past.person_id])
        if past.at > self.now:
            raise RuleViolation(_("登记时间在将来。"), field="at")
        matter = made(new)
        matter.pk = number
        opening = Doer(at=past.at, person_id=past.person_id, unit_id=past.unit_id)
        case = open_case(matter, opening, rulebook, Inputs(data=new.data))
        case.called = frozenset(unit for unit, _part in past.called)
        walked = _Walked(past, case)
        before = past.at
        for place, step in enumerate(past.steps, start=1):
            try:
                self._check_times(before, step.at)
                self._take(walked, step, rulebook)
            except Refused as refused:
                words = _("第 %(number)d 步（%(step)s）：%(reason)s") % {
                    "number": place, "step": step.name, "reason": refused.message,
                }  # fmt: skip
                raise RuleViolation(words, field=refused.field, clause=refused.clause) from None
            before = step.at
        self.mains[new.key] = _Main(matter)
        return walked

    def _take(self, walked: _Walked, step: PastStep, rulebook: Rulebook) -> None:
        case, inputs = walked.case, step.inputs
        row = case.law.by_name.get(step.name)
        if row is None or case.matter.state not in row.sources:
            raise wrong_state(case.matter, row)
        if row.name == "merge":
            inputs = self._merge(walked, step)
        elif row.name == "unmerge":
            walked.unmerge(step.at)
        self._check_there((step.unit_id, inputs.unit_id), (step.person_id, inputs.person_id))
        if inputs.place_code:
            self._check_place(inputs.place_code)
        checked_text(inputs.note, "note", 2000)
        checked_text(inputs.internal, "internal", 2000)
        parts = _parts(case, step)
        _check_doer(row, step, parts)
        doer = Doer(at=step.at, person_id=step.person_id, unit_id=step.unit_id, parts=parts)
        take_step(case, step.name, doer, rulebook, inputs)

    def _merge(self, walked: _Walked, step: PastStep) -> Inputs:
        """Stand the matter under the main one, which its reporter follows from then on (services_links)."""
        matter, key = walked.case.matter, walked.past.main_key
        main = self.mains.get(key) if key is not None else None
        if main is None or main.kind != matter.kind or main.main_id is not None:
            raise RuleViolation(_("没有找到所并入的事项，或它自己已并入别的。"), field="main_id")
        if main.closed_at is not None and main.closed_at <= step.at:
            raise RuleViolation(_("所并入的事项那时已经办结。"), field="main_id")
        matter.main_id, walked.main = main.pk, main
        walked.links.append(
            Link(
                matter=matter, other_id=main.pk, kind=Link.DUPLICATE, at=step.at, account_id=self.actor.account_id,
                reason=step.inputs.internal[:200],
            )
        )  # fmt: skip
        return replace(step.inputs, data={**step.inputs.data, "main_id": main.pk})

    def _check_times(self, before: dt.datetime, at: dt.datetime) -> None:
        if at < before:
            raise RuleViolation(_("时间早于上一步。"), field="at")
        if at > self.now:
            raise RuleViolation(_("时间在将来。"), field="at")

    def _check_place(self, place_code: str) -> None:
        if not is_code(place_code) or not self.actor.holds(BRING_PAST, place_code):
            raise RuleViolation(_("%(code)s 不在您的管理范围内。") % {"code": place_code}, field="place_code")

    def _check_there(self, units: Iterable[int | None], persons: Iterable[int | None]) -> None:
        if any(unit is not None and unit not in self.units for unit in units):
            raise RuleViolation(_("没有这个单位。"), field="unit_id")
        if any(person is not None and person not in self.persons for person in persons):
            raise RuleViolation(_("没有这个人。"), field="person_id")

    def _write(self, walked: Sequence[_Walked]) -> None:
        """All rows of a portion by COPY, then the audit and the module's own rows."""
        cases = [one.case for one in walked]
        history = [row for case in cases for row in case.history]
        deadlines = [row for case in cases for row in case.deadlines]
        copy_rows([case.matter for case in cases])
        copy_rows(history)
        pauses = [pause for case in cases for pause in case.new_pauses]
        if pauses:
            for row, number in zip(deadlines, take_numbers(Deadline, len(deadlines)), strict=True):
                row.pk = number
            for pause in pauses:
                pause.deadline_id = pause.deadline.pk
        copy_rows(deadlines)
        copy_rows(pauses)
        copy_rows([link for one in walked for link in one.links])
        Participation.objects.bulk_create(
            [row for one in walked for row in one.participations()], ignore_conflicts=True
        )
        record_many(self.actor, [act_of(row, brought=True) for row in history])
        self.written([(one.past, one.case.matter) for one in walked])


class _Main:
    """What a later duplicate asks about a case; the case itself would fill the memory of a long import."""

    __slots__ = ("closed_at", "kind", "main_id", "persons", "pk")

    def __init__(self, matter: Matter) -> None:
        self.pk, self.kind, self.main_id = matter.pk, matter.kind, matter.main_id
        self.closed_at, self.persons = matter.closed_at, {matter.reporter_id, matter.teller_id}


@dataclass
class _Walked:
    """A case after its steps, with the links they made."""

    past: PastMatter
    case: Case
    links: list[Link] = field(default_factory=list)
    main: _Main | None = None

    def unmerge(self, at: dt.datetime) -> None:
        self.case.matter.main_id = self.main = None
        for link in self.links:
            link.ended_at = link.ended_at or at

    def participations(self) -> Iterator[Participation]:
        """Units called; and who reported a duplicate follows the main matter."""
        matter, main = self.case.matter, self.main
        for unit, part in self.past.called:
            yield Participation(matter=matter, unit_id=unit, part=part, at=self.past.at)
        if main is not None:
            for person in {matter.reporter_id, matter.teller_id} - main.persons - {None}:
                yield Participation(
                    matter_id=main.pk, person_id=person, part=Participation.FOLLOWS, at=self.links[-1].at
                )


def _parts(case: Case, step: PastStep) -> frozenset[Part]:
    """The parts that whoever did the step had in the matter then."""
    matter = case.matter
    if step.person_id is None and step.unit_id is None:
        return frozenset({"platform"})
    parts: set[Part] = set()
    if step.person_id is not None:
        if step.person_id == matter.reporter_id:
            parts.add("reporter")
        if step.person_id == matter.handler_id:
            parts.add("handler")
        if step.person_id in case.handled:
            parts.add("handled")
    if step.unit_id is not None:
        if step.unit_id == matter.holder_id:
            parts.add("holder")
        if step.unit_id == matter.asked_id:
            parts.add("asked")
        if step.unit_id in case.called:
            parts.add("called")
    return frozenset(parts)


def _check_doer(row: Transition, step: PastStep, parts: frozenset[Part]) -> None:
    """Whose step it was: a part that the table names, or an office whose right the importing actor stands for."""
    if step.person_id is None and (row.makes_handler or "handler" in row.never_by):
        raise RuleViolation(_("须写明办理这一步的人。"), field="person_id", clause=row.clause)
    if parts & set(row.parts) or (row.offered and step.person_id is not None):
        return
    if not row.by or "platform" in parts:
        raise NotAllowed(_("这一步不是这个单位或这个人能做的。"), field="unit_id", clause=row.clause)


def counted(problems: Sequence[Problem]) -> Counter[str]:
    """How often each reason occurs, for a summary of a long list."""
    return Counter(str(problem.message) for problem in problems)
