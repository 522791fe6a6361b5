"""The only writer of matters: opening them and taking steps. One transaction: lock, authorise, check, write, history.

Bringing past cases: services_past. Promises moved by an officer or the calendar: services_deadlines.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import Count, Model
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.matters import notes
from doorstep.kernel.matters.laws import Transition, law_of, note_names, step_words
from doorstep.kernel.matters.messages import tell
from doorstep.kernel.matters.models import History, Link, Matter, Participation
from doorstep.kernel.matters.models_deadlines import Deadline, Pause
from doorstep.kernel.matters.rules import bigrams_of, checked_text, sought_of
from doorstep.kernel.matters.selectors import rulebook_for
from doorstep.kernel.matters.steps import (
    Case,
    Doer,
    Inputs,
    Rulebook,
    open_case,
    parts_of,
    take_note,
    take_step,
    wrong_state,
)
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import in_one_message, insert_rows, set_rows
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.kernel.shared.kept import steady
from doorstep.kernel.shared.ready import ask


@dataclass(frozen=True, kw_only=True)
class NewMatter:
    """What is known when a matter is opened. `key` makes opening it again the same opening (a phone sends twice)."""

    kind: str
    place_code: str
    title: str
    source: str
    text: str = ""
    item: str = ""
    category: str = ""
    urgency: str = "normal"
    confidentiality: str = Matter.INTERNAL
    reporter_id: int | None = None
    teller_id: int | None = None
    address: str = ""
    longitude: float | None = None
    latitude: float | None = None
    holder_id: int | None = None
    handler_id: int | None = None
    key: uuid.UUID = field(default_factory=uuid.uuid4)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Opened:
    """A matter, and whether this call opened it or found it opened already; what it promised by opening it."""

    matter: Matter
    is_new: bool
    promised: tuple[Deadline, ...] = ()


_NUMBER = """SELECT nextval('matters_matter_id_seq')
    WHERE NOT EXISTS (SELECT FROM matters_matter WHERE key = %s)"""


def number_for(key: uuid.UUID) -> int | None:
    """The number of a matter to be opened with this key; None where there is one already."""
    found = ask(_NUMBER, [key])
    return found[0][0] if found else None


def open_matter(
    *,
    actor: Actor,
    new: NewMatter,
    number: int | None = None,
    beside: Sequence[Model] = (),
    told: bool = True,
) -> Opened:
    """Open one matter, exactly once for its key, in one statement. Raises NotAllowed, NotVisible or RuleViolation naming the
    field.

    `number`: what `number_for` gave the caller just now; a matter of the key that came in meanwhile is found all the same.
    `beside`: rows of the kind's own, which name the matter as `matter` and are written with it. `told`: not where a step that
    tells the same people follows in the same transaction.
    """
    may_open(actor, new)
    number = number or number_for(new.key)
    if number is not None:
        matter = made(new)
        matter.pk = number
        case = _open(actor, matter, new, beside, told)
        if case is not None:
            return Opened(matter, is_new=True, promised=tuple(case.deadlines))
    found = _opened_before(new)  # perhaps the same key came twice at the same moment, and the other was first
    return Opened(found, is_new=False)


def may_open(actor: Actor, new: NewMatter) -> None:
    law = law_of(new.kind)
    if actor.holds(law.opens, new.place_code):
        return
    own = actor.person_id is not None and actor.person_id in (new.reporter_id, new.teller_id)
    unknown = actor.is_anonymous and new.reporter_id is None and new.teller_id is None
    if (law.residents_open and own) or (law.strangers_open and unknown):
        return
    raise NotAllowed(_("您不能在这里登记%(kind)s。") % {"kind": law.name})


def _opened_before(new: NewMatter) -> Matter:
    found = Matter.objects.get(key=new.key)
    if (found.kind, found.reporter_id) != (new.kind, new.reporter_id):
        raise RuleViolation(_("这份上报的编号已被使用。请重新填写后提交。"), field="key")
    return found


def _open(actor: Actor, matter: Matter, new: NewMatter, beside: Sequence[Model], told: bool) -> Case | None:
    """None where a matter of its key is there: nothing is written then."""
    doer = doer_of(actor, Case(matter))
    case = open_case(matter, doer, rulebook_for(matter.kind), Inputs(data=new.data))
    with in_one_message(once=matter, unique="key") as message:
        _write_steps(actor, [case])
        for row in beside:
            row.matter = matter  # type: ignore[attr-defined]  # as the caller promises
            insert_rows([row])
        if told:
            tell(actor, [(case, None)])
    return case if message.is_written else None


def made(new: NewMatter) -> Matter:
    """The row, checked, not saved."""
    title = checked_text(new.title, "title", 80, required=True)
    text = checked_text(new.text, "text", 5000)
    address = checked_text(new.address, "address", 120)
    sought = sought_of(title, text, address)
    return Matter(
        kind=new.kind, place_code=new.place_code, title=title, text=text, item=new.item, category=new.category,
        urgency=new.urgency, confidentiality=new.confidentiality, source=new.source, reporter_id=new.reporter_id,
        teller_id=new.teller_id, address=address, longitude=new.longitude, latitude=new.latitude,
        holder_id=new.holder_id, handler_id=new.handler_id, key=new.key, sought=sought, bigrams=bigrams_of(sought),
    )  # fmt: skip


def apply_transition(
    *, actor: Actor, matter_id: int, name: str, inputs: Inputs | None = None, expected_version: int | None = None,
    at: dt.datetime | None = None,
) -> Matter:  # fmt: skip
    """Take one step of one matter; the only way its state changes.

    Raises NotVisible where it does not exist for the actor, NotAllowed where the step is not theirs, RuleViolation
    for a wrong state or missing input, Conflict where it changed since `expected_version` was read.
    """
    versions = {} if expected_version is None else {matter_id: expected_version}
    return apply_transitions(
        actor=actor, matter_ids=[matter_id], name=name, inputs=inputs, expected_versions=versions, at=at
    )[0]


@transaction.atomic
@steady()
def apply_transitions(
    *, actor: Actor, matter_ids: Sequence[int], name: str, inputs: Inputs | None = None,
    expected_versions: dict[int, int] | None = None, at: dt.datetime | None = None,
) -> list[Matter]:  # fmt: skip
    """The same step for many matters, all or none. A refusal names the matter it stands for."""
    cases = locked_cases(actor, matter_ids)
    for case in cases:
        check_version(case.matter, (expected_versions or {}).get(case.matter.pk))
        row = case.law.by_name.get(name)
        if row is not None and row.links:
            raise RuleViolation(
                _("「%(step)s」须说明是与哪一件。请在关联处办理。") % {"step": row.words}, clause=row.clause
            )
    take_steps(actor, cases, name, inputs or Inputs(), at)
    return [case.matter for case in cases]


def take_steps(
    actor: Actor, cases: Sequence[Case], name: str, inputs: Inputs, at: dt.datetime | None = None
) -> None:
    """The step for matters that are locked: authorise, check, write, tell."""
    note, internal = (checked_text(getattr(inputs, name), name, 2000) for name in ("note", "internal"))
    inputs = replace(inputs, note=note, internal=internal)
    _complete(cases, [row for case in cases if (row := case.law.by_name.get(name))])
    told = [(case, authorised(actor, case, name)) for case in cases]
    _refuse_with_open_parts(told)
    at = at or clock.now()
    rulebooks = {kind: rulebook_for(kind) for kind in {case.matter.kind for case in cases}}
    for case, row in told:
        take_step(case, name, doer_of(actor, case, row.by, at), rulebooks[case.matter.kind], inputs)
    save_cases(actor, cases)
    tell(actor, told)


def _refuse_with_open_parts(told: Sequence[tuple[Case, Transition]]) -> None:
    """What was split to several units is over when all its parts are."""
    ending = [case.matter.pk for case, row in told if row.target and case.law.is_over(row.target)]
    if not ending:
        return
    parts = Link.objects.filter(
        matter_id__in=ending, kind=Link.SPLIT, ended_at__isnull=True, other__is_open=True
    )
    part = parts.select_related("other").order_by("pk").first()
    if part is not None:
        raise RuleViolation(
            _("这件事拆分出的 %(number)s 还没有办结。各部分都办结后才能结束这一件。")
            % {"number": part.other.number}
        )


def note_cases(
    actor: Actor,
    cases: Sequence[Case],
    row: Transition,
    inputs: Mapping[int, Inputs] | Inputs,
    at: dt.datetime,
) -> None:
    """Write a declared note into the history of locked matters, with what else was changed on them, and tell it.

    The state stays; the version moves on with the row, so that the database can hold both to each other. `inputs` are
    the same for all, or by the matter's id. The caller has locked the matters and asked whether the actor may.
    """
    for case in cases:
        given = inputs if isinstance(inputs, Inputs) else inputs[case.matter.pk]
        take_note(case, row, doer_of(actor, case, row.by, at), given)
    save_cases(actor, cases)
    if row.tells:
        tell(actor, [(case, row) for case in cases])


def locked_cases(actor: Actor, matter_ids: Iterable[int]) -> list[Case]:
    """Lock matters in the order of their numbers (so that two bulk steps never wait for each other in a ring).

    Raises NotVisible where one does not exist for the actor. Three queries, whatever their number.
    """
    wanted = sorted(set(matter_ids))
    seen = policy_for(Matter).visible_to(actor).filter(pk__in=wanted).values("pk")
    matters = list(Matter.objects.select_for_update().filter(pk__in=seen).order_by("pk"))
    if len(matters) != len(wanted):
        raise NotVisible(_("没有找到这件事。"))
    cases = {matter.pk: Case(matter) for matter in matters}
    paused: list[Deadline] = []
    for row in Deadline.objects.filter(matter_id__in=wanted):
        case = cases[row.matter_id]
        row.matter = case.matter
        case.deadlines.append(row)
        case.rounds[row.clock] = max(case.rounds[row.clock], row.round)
        if row.paused_at is not None:
            paused.append(row)
    if paused:
        for pause in Pause.objects.filter(deadline__in=paused, ended_at__isnull=True):
            row = next(each for each in paused if each.pk == pause.deadline_id)
            pause.deadline = row
            cases[row.matter_id].pauses.append(pause)
    return list(cases.values())


def authorised(actor: Actor, case: Case, name: str) -> Transition:
    """The row of the table, if the step is the actor's. Raises RuleViolation for a wrong state, else NotAllowed."""
    row = case.law.by_name.get(name)
    if row is None or case.matter.state not in row.sources:
        raise wrong_state(case.matter, row)
    if row.by and actor.holds(row.by, case.matter.place_code):
        return row
    if parts_of(actor, case) & set(row.parts):
        return row
    raise NotAllowed(_("您的岗位不能「%(step)s」这件事。") % {"step": row.words}, clause=row.clause)


def _complete(cases: Sequence[Case], rows: Iterable[Transition]) -> None:
    """Look up what these rows of the table ask about: how often each unit took them, who did the
    work before, which units were called."""
    rows = list(rows)
    by_id = {case.matter.pk: case for case in cases}
    limited = [row.name for row in rows if row.at_most]
    if limited:
        taken = History.objects.filter(matter_id__in=by_id, name__in=limited)
        counted = taken.values_list("matter_id", "name", "unit_id").annotate(Count("pk"))
        for matter_id, name, unit_id, number in counted:
            by_id[matter_id].done[name, unit_id] = number
    if any("handled" in row.never_by for row in rows):
        works = {name for case in cases for name in case.law.works}
        worked = History.objects.filter(matter_id__in=by_id, name__in=works, person__isnull=False)
        for matter_id, person_id in worked.values_list("matter_id", "person_id").distinct():
            by_id[matter_id].handled |= {person_id}
    if any("called" in {*row.parts, *row.never_by} for row in rows):
        called = Participation.objects.filter(matter_id__in=by_id, unit__isnull=False)
        for matter_id, unit_id in called.values_list("matter_id", "unit_id"):
            by_id[matter_id].called |= {unit_id}


def doer_of(actor: Actor, case: Case, capability: str = "", at: dt.datetime | None = None) -> Doer:
    """Which of the actor's offices acts: the one that holds the matter, else one that grants the capability here, else one that was
    called to it."""
    unit, matter = None, case.matter
    for grant in actor.grants:
        if not grant.covers(matter.place_code):
            continue
        if grant.unit_id == matter.holder_id:
            unit = grant.unit_id
            break
        if unit is None and (not capability or capability in grant.capabilities):
            unit = grant.unit_id
    if unit is None:  # a unit called from elsewhere acts in its own name
        unit = next((grant.unit_id for grant in actor.grants if grant.unit_id in case.called), None)
    return Doer(
        at=at or clock.now(),
        account_id=actor.account_id,
        person_id=actor.person_id,
        unit_id=unit,
        parts=parts_of(actor, case),
    )


def check_version(matter: Matter, expected: int | None) -> None:
    if expected is None or matter.version == expected:
        return
    steps = History.objects.filter(matter=matter, number__gt=expected).exclude(name__in=note_names())
    last = steps.select_related("person").order_by("-number").first()
    if last is None:  # notes alone: what was read still holds
        return
    raise Conflict(
        _("您看到的是旧内容：%(who)s 刚刚办了「%(step)s」，现在是「%(state)s」。请刷新后再办。")
        % {
            "who": last.person.name if last.person else _("系统"),
            "step": step_words(matter.kind, last.name),
            "state": matter.state_name,
        }
    )


_CHANGED = [
    "state", "is_open", "place_code", "holder", "asked", "handler", "state_since", "closed_at", "due_at",
    "due_is_provisional", "escalation", "version", "main",
]  # fmt: skip
_TURNED = [
    "due_at", "provisional", "paused_at", "met_at", "stopped_at", "breached_at", "remind_at", "reminded_at",
    "escalate_at", "level", "extended_by", "extended_at", "extended_to",
]  # fmt: skip


def save_cases(actor: Actor, cases: Sequence[Case]) -> None:
    """Write what steps and notes made of locked matters: rows, history, promises, audit. A few queries for any number."""
    if len(cases) == 1:
        cases[0].matter.save(update_fields=_CHANGED)
    else:
        set_rows([case.matter for case in cases], _CHANGED)
    _write_steps(actor, cases)


def _write_steps(actor: Actor, cases: Sequence[Case]) -> None:
    history = [row for case in cases for row in case.history]
    insert_rows(history)
    changed = [row for case in cases for row in case.changed]
    set_rows(changed, _TURNED)  # first: what ends makes room for what starts anew
    new = [row for case in cases for row in case.deadlines if row.pk is None]
    insert_rows(new)
    pauses = [pause for case in cases for pause in case.new_pauses]
    if pauses:
        Pause.objects.bulk_create(pauses)
    ended = [pause for case in cases for pause in case.pauses if pause.ended_at is not None]
    set_rows(ended, ["ended_at"])
    record_many(actor, [act_of(row) for row in history])


def act_of(row: History, brought: bool = False) -> Act:
    """The audit's line: codes only; what was said stays with the matter, where its term ends it.

    brought: an office's past step, brought in now; the line says when it was done.
    """
    changes: dict[str, Any] = {"state": [row.source or None, row.target], "version": row.number}
    if brought:
        changes["brought_from"] = row.at.isoformat(timespec="seconds")
    if row.data:
        changes["data"] = row.data
    return Act(f"{row.matter.kind}.{row.name}", row.matter, place_code=row.matter.place_code, changes=changes)


def next_steps(actor: Actor, matter: Matter) -> list[Transition]:
    """What this actor may do to the matter now, in the order of the table: what a page offers."""
    return next_steps_of(actor, [matter])[matter.pk]


def next_steps_of(actor: Actor, matters: Sequence[Matter]) -> dict[int, list[Transition]]:
    """The same for many, by the matter's id. Three queries at most, whatever their number."""
    cases = [Case(matter) for matter in matters]
    _complete(cases, [row for case in cases for row in case.law.from_state(case.matter.state)])
    return {case.matter.pk: _open_to(actor, case) for case in cases}


def _open_to(actor: Actor, case: Case) -> list[Transition]:
    parts, matter = parts_of(actor, case), case.matter
    return [
        row
        for row in case.law.from_state(matter.state)
        if (parts & set(row.parts) or (row.by and actor.holds(row.by, matter.place_code)))
        and not parts & set(row.never_by)
        and not (row.at_most and case.is_used_up(row, doer_of(actor, case, row.by).unit_id))
    ]


__all__ = [
    "NewMatter", "Opened", "Rulebook", "act_of", "apply_transition", "apply_transitions", "authorised", "check_version",
    "doer_of", "locked_cases", "made", "may_open", "next_steps", "next_steps_of", "note_cases", "notes", "number_for", "open_matter",
    "save_cases", "take_steps",
]  # fmt: skip
