"""Entries as people may read them: who acted by name, and what was written under a person's key."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.audit.directory import accounts, keys_of
from doorstep.kernel.audit.models import Entry

SEALED = "audit"  # bound to what is sealed here, so that it is no other value of the person's


@dataclass(frozen=True)
class Line:
    """One entry: `who` is a name or a system's reason, empty for somebody who held no post; `words` what was written."""

    entry: Entry
    who: str
    words: dict[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> dict[str, Any]:
        """What changed, with the words that the entry keeps sealed."""
        return {**self.entry.changes, **self.words}


def lines(entries: Iterable[Entry]) -> list[Line]:
    """The entries readable, in their order. Two queries for any number. The caller has already seen that what they
    tell of exists for its reader. After an erasure the words are gone and the name is the tombstone's."""
    rows = list(entries)
    names = accounts().names({row.account_id for row in rows if row.account_id is not None and row.scope})
    keys = keys_of({row.key_ref for row in rows if row.key_ref is not None})
    return [Line(row, _who(row, names), _opened(row, keys).get("words", {})) for row in rows]


def line(entry: Entry) -> Line:
    return lines([entry])[0]


def personal_values(entry: Entry) -> dict[str, Any]:
    """Personal values of one entry, for the person themselves and for tests; empty after an erasure."""
    keys = keys_of([] if entry.key_ref is None else [entry.key_ref])
    values: dict[str, Any] = _opened(entry, keys).get("values", {})
    return values


def sealed_text(values: dict[str, Any], words: dict[str, str]) -> str:
    return json.dumps({"values": values, "words": words}, ensure_ascii=False)


def _who(entry: Entry, names: Any) -> str:
    if entry.system_reason:
        return _(entry.system_reason)
    if entry.account_id is None or not entry.scope:  # whoever acts for themselves is not named to others
        return ""
    return str(names.get(entry.account_id) or _("已删除的人员"))


def _opened(entry: Entry, keys: Any) -> dict[str, Any]:
    key = keys.get(entry.key_ref)
    if key is None or entry.sealed is None:
        return {}
    opened: dict[str, Any] = json.loads(key.open(SEALED, entry.sealed))
    return opened
