"""Dated lists: what holds from a day on, one row or hundreds by the same few statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.organisations.refusals import check_day
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.grids import rules

Kept = Literal["added", "changed", "unchanged"]
BATCH = 1000


@dataclass(frozen=True)
class Entry:
    """A row as it is to be from `valid_from` on. `key` names it among those in force; `told`: fields for the audit."""

    key: dict[str, Any]
    values: dict[str, Any]
    valid_from: dt.date
    told: tuple[str, ...] = ()

    @property
    def place_code(self) -> str:
        return str(self.key["place_code"])


def keep_many(
    actor: Actor, model: Any, entries: Sequence[Entry], action: str, capability: str
) -> list[tuple[Any, Kept]]:
    """The rows in force from their days on. What held until then ends; the same again changes nothing.

    Raises NotVisible or NotAllowed for a foreign place, RuleViolation where something begins later already.
    """
    for place in {entry.place_code for entry in entries}:
        require_place(actor, capability, place)
    known = _known(model, entries)
    found: list[tuple[Any, Kept]] = []
    new: list[Any] = []
    ended: list[Any] = []
    changed: list[Any] = []
    acts: list[tuple[Any, Entry]] = []
    for entry in entries:
        check_day(entry.valid_from, "valid_from")
        row, outcome = _decide(model, entry, known.setdefault(_named(entry.key), []), new, ended, changed)
        found.append((row, outcome))
        if outcome != "unchanged":
            acts.append((row, entry))
    _write(model, new, ended, changed)
    record_many(actor, [Act(action, row, row.place_code, _told(row, entry)) for row, entry in acts])
    return found


def _known(model: Any, entries: Sequence[Entry]) -> dict[tuple[Any, ...], list[Any]]:
    places = {entry.place_code for entry in entries}
    rows = model.objects.select_for_update(of=("self",)).filter(place_code__in=places).order_by("valid_from")
    found: dict[tuple[Any, ...], list[Any]] = {}
    names = list(entries[0].key) if entries else []
    for row in rows:
        found.setdefault(tuple(getattr(row, name) for name in names), []).append(row)
    return found


def _named(key: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(key.values())


def _decide(
    model: Any, entry: Entry, rows: list[Any], new: list[Any], ended: list[Any], changed: list[Any]
) -> tuple[Any, Kept]:
    if any(row.valid_from > entry.valid_from for row in rows):
        raise RuleViolation(_("这一条以后的日期已有登记，请先处理那一条。"), field="valid_from")
    standing = next((row for row in rows if row.holds_on(entry.valid_from)), None)
    if standing is not None:
        if all(getattr(standing, name) == value for name, value in entry.values.items()):
            return standing, "unchanged"
        if standing.valid_from == entry.valid_from:
            for name, value in entry.values.items():
                setattr(standing, name, value)
            if standing.pk is not None:
                changed.append(standing)
            return standing, "changed"
        standing.valid_to = entry.valid_from
        ended.append(standing)
    row = model(**entry.key, **entry.values, valid_from=entry.valid_from)
    rows.append(row)
    new.append(row)
    return row, "added" if standing is None else "changed"


def _write(model: Any, new: list[Any], ended: list[Any], changed: list[Any]) -> None:
    try:
        with transaction.atomic():
            model.objects.bulk_update(ended, ["valid_to"], batch_size=BATCH)
            for row in changed:
                row.save()
            model.objects.bulk_create(new, batch_size=BATCH)
    except IntegrityError as clash:
        raise Conflict(_("别人刚刚登记了同样的内容，请刷新后再看。")) from clash


def _told(row: Any, entry: Entry) -> dict[str, Any]:
    told = {name: [None, getattr(row, name)] for name in entry.told}
    return {"valid_from": [None, entry.valid_from.isoformat()], **told}


@transaction.atomic
def end_row(actor: Actor, model: Any, pk: int, ended_on: dt.date, action: str) -> Any:
    """End a row: `ended_on` is the first day it does not hold."""
    row = policy_for(model).visible_to(actor).select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise NotVisible(_("没有找到这条记录。"))
    policy_for(model).require(actor, "keep", row)
    check_day(ended_on, "ended_on")
    if ended_on <= row.valid_from or (row.valid_to is not None and row.valid_to <= ended_on):
        raise RuleViolation(_("终止日期不对，或者已经终止。"), field="ended_on")
    row.valid_to = ended_on
    row.save(update_fields=["valid_to"])
    record(actor, Act(action, row, row.place_code, {"valid_to": [None, ended_on.isoformat()]}))
    return row


def check_office_phone(text: str, field: str = "phone") -> str:
    """The number without outer spaces. Raises RuleViolation for a private one: what is posted is an office's."""
    text = text.strip()
    fault = rules.phone_fault(text)
    if fault == "private":
        raise RuleViolation(_("这里要公开，请填办公电话，不要填个人手机号。"), field=field)
    if fault:
        raise RuleViolation(_("“%(text)s”不像电话号码。") % {"text": text}, field=field)
    return text


def check_words(text: str, field: str, empty: str, longest: int) -> str:
    """The text without outer spaces. Raises RuleViolation where it is empty, too long, or has control characters."""
    text = text.strip()
    if not text:
        raise RuleViolation(empty, field=field)
    if len(text) > longest:
        raise RuleViolation(_("最多 %(n)d 个字。") % {"n": longest}, field=field)
    if any(not sign.isprintable() and sign not in "\n\r\t" for sign in text):
        raise RuleViolation(_("文字里有看不见的字符，请去掉。"), field=field)
    return text


def check_choice(value: Any, choices: Any, field: str) -> None:
    if value not in dict(choices):
        raise RuleViolation(_("“%s”不在可选范围内。") % value, field=field)


def check_grids(codes: dict[str, dt.date], field: str = "place_code") -> None:
    """Raises RuleViolation for a code that is no grid in force on its day."""
    known = {grid.code: grid for grid in Grid.objects.filter(code__in=codes)}
    for code, day in codes.items():
        if code not in known or not known[code].holds_on(day):
            raise RuleViolation(_("%(code)s 当天不是在册的网格。") % {"code": code}, field=field)


def check_places(codes: dict[str, dt.date], field: str = "place_code") -> None:
    """Raises RuleViolation for a code that is neither a grid in force on its day nor a community."""
    check_grids({code: day for code, day in codes.items() if len(code) == 15}, field)
    areas = [code for code in codes if len(code) != 15]
    known = set(
        Area.objects.filter(code__in=areas, level="community", ended_on=None).values_list("code", flat=True)
    )
    for code in areas:
        if code not in known:
            raise RuleViolation(_("%(code)s 不是社区或网格。") % {"code": code}, field=field)
