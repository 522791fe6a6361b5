"""What a phone asks to be done, done exactly once: the key of the action is written in the transaction that does it.

A phone without network keeps its actions and sends them later, perhaps twice, perhaps from two pages at once. An action
stands on what the worker saw (`version`) or on the worker's own action before it (`follows`).
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from django import forms
from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.forms import StepForm, extension_form
from doorstep.kernel.matters.laws import law_of, note_names, step_words
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.matters.notes import EXTENSION_ASKED
from doorstep.kernel.matters.selectors import visible_matter
from doorstep.kernel.matters.services_attachments import attach
from doorstep.kernel.matters.services_deadlines import ask_extension
from doorstep.kernel.matters.services_remarks import remark
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.modules.grids.services import record_visit
from doorstep.modules.requests.services import Report, on_the_spot, report
from doorstep.modules.requests.services_taking import take
from doorstep.surfaces.patrol.forms import RecordForm, new_visit, visit_form
from doorstep.surfaces.patrol.models import SentAction
from doorstep.surfaces.patrol.selectors import ACCEPT_AND_HANDLE, for_thumbs, my_grids, step_form

KEPT_DAYS = 180  # far longer than a phone is without network, or a password lasts
LATE = dt.timedelta(minutes=2)  # done on the phone so long before it arrived, the history says when
RECORD, REMARK, VISIT = "record", "remark", "visit"
_NAME = re.compile(r"[a-z_]{1,30}")  # what steps are called; nothing else comes near a table


@dataclass(frozen=True, kw_only=True)
class Action:
    """One action. `name`: a step of the law, "record", "remark" or "visit"; `fields`: as its form names them.

    picture: of a record, if the worker took one. follows: key of the worker's own action before it, whose result it stands on. done_at: when it was done on the
    phone, by the phone's clock.
    """

    key: uuid.UUID
    name: str
    number: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    follows: uuid.UUID | None = None
    done_at: dt.datetime | None = None
    picture: File | None = None


@dataclass(frozen=True)
class Done:
    """What was done to which matter (None: to none), and what has to be said beside it."""

    matter: Matter | None
    words: str = ""


State = Literal["done", "conflict", "refused", "gone", "waits"]


@dataclass(frozen=True)
class Outcome:
    """What became of an action. `waits`: the one it follows has not arrived. `form`: with its errors, for the page."""

    state: State
    message: str
    number: str = ""
    version: int = 0
    form: forms.Form | None = None


def perform(*, actor: Actor, action: Action) -> Outcome:
    """Do an action once; sent again it is answered as it was done. A refusal leaves nothing behind."""
    if not _NAME.fullmatch(action.name):
        return Outcome("refused", _("没有这一步。请刷新页面后重试。"))
    known = _sent_before(actor, action)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return _perform(actor, action)
    except IntegrityError:  # the same key came twice at the same moment, and the other was first
        known = _sent_before(actor, action)
        if known is None:
            raise
        return known
    except _Unacceptable as fault:
        return fault.outcome
    except NotVisible as refusal:
        return Outcome("gone", str(refusal.message))
    except Refused as refusal:
        return _refused(actor, action, refusal)


class _Unacceptable(Exception):
    """Ends the transaction with an outcome that is no refusal of a service."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.message)
        self.outcome = outcome


def _sent_before(actor: Actor, action: Action) -> Outcome | None:
    row = SentAction.objects.select_related("matter").filter(pk=action.key).first()
    if row is None:
        return None
    if row.account_id != actor.account_id or row.name != action.name:
        return Outcome("refused", _("这一步的编号已被使用。请刷新页面后重新办。"))
    return _done(row)


def _done(row: SentAction) -> Outcome:
    matter = row.matter
    return Outcome("done", _words(row.name, matter), matter.number if matter else "", row.version)


def _words(name: str, matter: Matter | None) -> str:
    if name == RECORD:
        return _("已记下：%(number)s。") % {"number": matter.number if matter else ""}
    if name == REMARK:
        return _("留言已发出。")
    if name == VISIT:
        return _("走访已记下。")
    if name == ACCEPT_AND_HANDLE:
        return _("已接办并办完。")
    return _("已%(step)s。") % {"step": step_words(matter.kind, name) if matter else ""}


def _perform(actor: Actor, action: Action) -> Outcome:
    row = SentAction.objects.create(
        key=action.key, account_id=actor.account_id or 0, at=clock.now(), name=action.name[:30]
    )
    expected = _version_before(actor, action)
    do = _DOINGS.get(action.name, _step)
    done = do(actor, action, expected)
    if done.matter is not None:
        row.matter, row.version = done.matter, done.matter.version
        row.save(update_fields=["matter", "version"])
    outcome = _done(row)
    return replace(outcome, message=outcome.message + done.words)


def _version_before(actor: Actor, action: Action) -> int | None:
    """The version left by the action this one follows; None where it follows none."""
    if action.follows is None:
        return None
    before = SentAction.objects.filter(pk=action.follows, account_id=actor.account_id or 0).first()
    if before is None:
        raise _Unacceptable(Outcome("waits", _("前一步还没有发到，这一步先等着。")))
    return before.version


def _step(actor: Actor, action: Action, expected: int | None) -> Done:
    matter = visible_matter(actor, action.number)
    name = "handle" if action.name == ACCEPT_AND_HANDLE else action.name
    row = law_of(matter.kind).by_name.get(name)
    if row is None:
        raise _Unacceptable(Outcome("refused", _("没有这一步。请刷新页面后重试。"), matter.number))
    form = step_form(matter, action.name, row, action.fields)
    if not form.is_valid():
        raise _Unacceptable(_invalid(actor, action, matter, form))
    inputs = replace(form.inputs(), data=_late(action))
    expected = form.cleaned_data["version"] if expected is None else expected
    if action.name == ACCEPT_AND_HANDLE:
        none = replace(inputs, note="", internal="")
        matter = take(actor=actor, matter_id=matter.pk, name="accept", inputs=none, expected_version=expected)
        expected = matter.version
    return Done(take(actor=actor, matter_id=matter.pk, name=name, inputs=inputs, expected_version=expected))


def _invalid(actor: Actor, action: Action, matter: Matter, form: StepForm) -> Outcome:
    """A form that was not filled in, unless the matter has moved on: then that is what matters."""
    happened = what_happened(actor, matter, _seen_version(action))
    if happened:
        return Outcome("conflict", happened, matter.number, matter.version, form)
    return Outcome("refused", _faults(form), matter.number, matter.version, form)


def _faults(form: forms.Form) -> str:
    return " ".join(str(fault) for faults in form.errors.values() for fault in faults)


def _late(action: Action) -> dict[str, Any]:
    """When it was done on the phone, where that was well before now: a note beside the time of the platform."""
    if action.done_at is None or clock.now() - action.done_at < LATE:
        return {}
    return {"done_at": action.done_at.isoformat(timespec="minutes")}


def _record(actor: Actor, action: Action, expected: int | None) -> Done:
    form = RecordForm(action.fields, grids=my_grids(actor))
    if not form.is_valid():
        raise _Unacceptable(Outcome("refused", _faults(form), form=form))
    new = Report(source="worker", key=action.key, **form.report())
    if form.cleaned_data["how"] == RecordForm.SETTLED:
        matter = on_the_spot(actor=actor, new=new, note=form.cleaned_data["note"]).matter
    else:
        matter = report(actor=actor, new=new).matter
    return Done(matter, _add_picture(actor, matter, action.picture))


def _add_picture(actor: Actor, matter: Matter, picture: File | None) -> str:
    """Attach it; gives words why it was not taken. The record stands all the same."""
    if picture is None:
        return ""
    try:
        with transaction.atomic():
            attach(actor=actor, matter_id=matter.pk, upload=picture)
    except Refused as refusal:
        return _("照片没有收下：%(why)s") % {"why": refusal.message}
    return ""


def _visit(actor: Actor, action: Action, expected: int | None) -> Done:
    form = visit_form(actor, action.fields, action.done_at)
    if not form.is_valid():
        raise _Unacceptable(Outcome("refused", _faults(form), form=form))
    record_visit(actor=actor, new=new_visit(form, action.key))
    return Done(None)


def _remark(actor: Actor, action: Action, expected: int | None) -> Done:
    matter = visible_matter(actor, action.number)
    remark(actor=actor, matter_id=matter.pk, text=action.fields.get("text", ""), internal=True)
    matter.refresh_from_db(fields=["version"])
    return Done(matter)


def _ask_extension(actor: Actor, action: Action, expected: int | None) -> Done:
    matter = visible_matter(actor, action.number)
    form = for_thumbs(extension_form(matter, action.fields), EXTENSION_ASKED.name)
    if not form.is_valid():
        raise _Unacceptable(_invalid(actor, action, matter, form))
    given = form.cleaned_data
    asked = ask_extension(
        actor=actor, matter_id=matter.pk, due_day=given["until"], reason=given["internal"],
        expected_version=given["version"] if expected is None else expected,
    )  # fmt: skip
    return Done(asked.matter)


_DOINGS: dict[str, Callable[[Actor, Action, int | None], Done]] = {
    RECORD: _record, REMARK: _remark, VISIT: _visit, EXTENSION_ASKED.name: _ask_extension,
}  # fmt: skip


def _refused(actor: Actor, action: Action, refusal: Refused) -> Outcome:
    """A refusal in words: where somebody else was faster, who and what."""
    if not action.number:
        return Outcome("refused", str(refusal.message))
    try:
        matter = visible_matter(actor, action.number)
    except NotVisible as gone:
        return Outcome("gone", str(gone.message))
    happened = what_happened(actor, matter, _seen_version(action))
    if happened or isinstance(refusal, Conflict):
        return Outcome("conflict", happened or str(refusal.message), matter.number, matter.version)
    return Outcome("refused", str(refusal.message), matter.number, matter.version)


def _seen_version(action: Action) -> int | None:
    if action.follows is not None:
        before = SentAction.objects.filter(pk=action.follows).first()
        return before.version if before else None
    text = next((text for name, text in action.fields.items() if name.endswith("-version")), "")
    return whole_number(text, 8)


def what_happened(actor: Actor, matter: Matter, since: int | None) -> str:
    """Who did what to the matter after the version that was seen, last; "" where nobody did anything."""
    if since is None or since >= matter.version:
        return ""
    steps = History.objects.filter(matter=matter, number__gt=since).exclude(name__in=note_names())
    last = steps.select_related("person").order_by("-number").first()
    if last is None:
        return ""
    own = last.person_id is not None and last.person_id == actor.person_id
    who = _("您") if own else last.person.name if last.person else _("平台")
    at = last.at.astimezone(clock.DISTRICT_ZONE)
    return _("%(who)s %(time)s 已%(step)s，现在是「%(state)s」。") % {
        "who": who, "time": at.strftime("%H:%M" if at.date() == clock.today() else "%m-%d %H:%M"),
        "step": step_words(matter.kind, last.name), "state": matter.state_name,
    }  # fmt: skip


def forget_old() -> int:
    """Take away keys that no phone can still be holding. Gives their number."""
    old = SentAction.objects.filter(at__lt=clock.now() - dt.timedelta(days=KEPT_DAYS))
    return old.delete()[0]
