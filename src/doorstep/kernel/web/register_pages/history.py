"""A record's history in words, from the audit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import Line, lines
from doorstep.kernel.declarations.acts import act_name, value_name
from doorstep.kernel.shared.place_codes import is_code
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.kernel.web.register_pages.cells import field_name

SHOWN = 50
PLACES = frozenset(
    {"place_code", "places", "code", "grid", "community"}
)  # of changes: values that are place codes


@dataclass(frozen=True)
class Change:
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """One audit entry as people read it."""

    at: dt.datetime
    who: str
    action: str
    changes: tuple[Change, ...]
    document: str = ""


def history_of(records: Iterable[Model], limit: int = SHOWN) -> list[Told]:
    """The newest entries about these records, newest first. Three queries."""
    about = Q(pk__in=[])
    for record in records:
        about |= Q(target=record._meta.label_lower, target_id=str(record.pk))
    found = lines(Entry.objects.filter(about).order_by("-id")[:limit])
    codes = {
        code for line in found for key in PLACES & line.changes.keys() for code in _codes(line.changes[key])
    }
    names = full_names_of(codes) if codes else {}
    return [told(line, names) for line in found]


def _codes(value: Any) -> Iterable[str]:
    """The place codes in a change's value: alone, in lists, or written one after another."""
    if isinstance(value, list):
        for part in value:
            yield from _codes(part)
    elif isinstance(value, str):
        yield from (part for part in value.split("、") if is_code(part))


def told(line: Line, places: Mapping[str, str]) -> Told:
    """An entry in words; `places`: names of the place codes in it."""
    entry = line.entry
    try:
        model: type[Model] | None = apps.get_model(entry.target)
    except (LookupError, ValueError):
        model = None
    changes = tuple(
        change
        for key, value in line.changes.items()
        if key != "document"
        and (change := _change(model, key, value, places if key in PLACES else {})) is not None
    )
    return Told(
        at=entry.at, who=line.who, action=str(act_name(entry.action)), changes=changes,
        document=_last(line.changes.get("document")),
    )  # fmt: skip


def _change(model: type[Model] | None, key: str, value: Any, places: Mapping[str, str]) -> Change | None:
    before, after = value if isinstance(value, list) and len(value) == 2 else (None, value)
    if before == after:
        return None
    field: Any = None
    if model is not None:
        try:
            field = model._meta.get_field(key)
        except FieldDoesNotExist:
            field = None
    name = field_name(field, key) if hasattr(field, "verbose_name") else value_name(key)
    if name is None or value_name(key) is None:
        return None
    choices = places or dict(getattr(field, "flatchoices", None) or ())
    return Change(str(name), _text(before, choices), _text(after, choices))


def _text(value: Any, choices: Mapping[Any, Any]) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return _("、").join(_text(part, choices) for part in value)
    if isinstance(value, dict):
        return "，".join(f"{key} {_text(part, {})}" for key, part in value.items())
    if isinstance(value, str) and "、" in value:
        return _("、").join(str(choices.get(part, part)) for part in value.split("、"))
    return str(choices.get(value, value))


def _last(value: Any) -> str:
    return str(value[-1] if isinstance(value, list) and value else value or "")
