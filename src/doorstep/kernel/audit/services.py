"""Writing the audit: always in the transaction of the change it tells of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from psycopg.types.json import Jsonb

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.canonical import CONTENT, SIGNER, content_bytes
from doorstep.kernel.audit.directory import Key, keys_of
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import SEALED, sealed_text
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import insert_rows, is_in_a_message

MANY = 200
_CHANGES = CONTENT.index("changes")


FREE_TEXT = frozenset({"reason", "end_reason", "document", "given_by", "sentence"})


@dataclass(frozen=True)
class Act:
    """One thing done to one record, told in clear by `changes`: {field: [before, after]}.

    person_ref: whom it is about. personal: values of that person. words: what somebody wrote, by key ("reason").
    Both are sealed: under the key of the person told of, else of the one who writes. purpose: a declared code.
    Raises ValueError where free text about a person would stand in clear.
    """

    action: str
    obj: models.Model
    place_code: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    purpose: str = ""
    person_ref: int | None = None
    personal: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.purpose and not (self.purpose.isascii() and self.purpose.isidentifier()):
            raise ValueError(f"{self.action}: a purpose is a declared code; free text belongs into words")
        if self.person_ref is not None and FREE_TEXT.intersection(self.changes):
            raise ValueError(f"{self.action}: what is written about a person belongs into words")
        if self.personal and self.person_ref is None:
            raise ValueError(f"{self.action}: personal values belong to somebody")


def record(actor: Actor, act: Act) -> Entry:
    """Append one entry. Raises RuntimeError outside a transaction and a message: a change and its record stand or fall together."""
    return record_many(actor, [act])[0]


def record_many(actor: Actor, acts: Iterable[Act]) -> list[Entry]:
    """Append many entries; a large number by COPY, which is several times faster."""
    in_a_message = is_in_a_message()
    if not (in_a_message or transaction.get_connection().in_atomic_block):
        raise RuntimeError("audit entries are written in the transaction of the change")
    acts = list(acts)
    keys = _keys_for(actor, acts)
    at, scope = clock.now(), actor.scope_text()
    entries = [
        Entry(
            at=at, account_id=actor.account_id, system_reason=actor.name if actor.is_system else "", scope=scope,
            action=act.action, target=act.obj._meta.label_lower, target_id=str(act.obj.pk), place_code=act.place_code,
            changes=act.changes, purpose=act.purpose, person_ref=act.person_ref,
        )
        for act in acts
    ]  # fmt: skip
    for entry, act in zip(entries, acts, strict=True):
        _seal(entry, act, actor, keys)
        entry.mac = SIGNER.sign(content_bytes([getattr(entry, name) for name in CONTENT]))
    if in_a_message or len(entries) < MANY:
        insert_rows(entries)
        return entries
    return _copied(entries)


def _keys_for(actor: Actor, acts: list[Act]) -> Mapping[int, Key]:
    sealing = [act for act in acts if act.personal or any(act.words.values())]
    people = {act.person_ref for act in sealing} | ({actor.person_id} if sealing else set())
    return keys_of({person for person in people if person is not None})


def _seal(entry: Entry, act: Act, actor: Actor, keys: Mapping[int, Key]) -> None:
    """Personal values and words under the first key there is: of the person told of, of the one who writes.

    Words about nobody, written by the platform itself, stay in clear. Where nobody concerned has a key, none are kept.
    """
    words = {key: text for key, text in act.words.items() if text}
    if not words and not act.personal:
        return
    for person in (act.person_ref, actor.person_id):
        if person is not None and person in keys and (person == act.person_ref or not act.personal):
            entry.key_ref = person
            entry.sealed = keys[person].seal(SEALED, sealed_text(act.personal, words))
            return
    if act.person_ref is None and actor.is_system:
        entry.changes = {**act.changes, **words}


def _copied(entries: list[Entry]) -> list[Entry]:
    """The column `transaction` is left to its default."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('audit_entry', 'id')) FROM generate_series(1, %s)",
            [len(entries)],
        )
        for entry, (number,) in zip(entries, cursor.fetchall(), strict=True):
            entry.pk = number
        with cursor.copy(f"COPY audit_entry (id, mac, {', '.join(CONTENT)}) FROM STDIN") as out:
            for entry in entries:
                values = [getattr(entry, name) for name in CONTENT]
                values[_CHANGES] = Jsonb(values[_CHANGES])
                out.write_row((entry.pk, entry.mac, *values))
    return entries
