"""Writing the audit: always in the transaction of the change it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from psycopg.types.json import Jsonb

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.canonical import CONTENT, content_bytes, mac_of
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.shared import clock

MANY = 200
_CHANGES = CONTENT.index("changes")


@dataclass(frozen=True)
class Act:
    """One thing done to one record. `changes` is {field: [before, after]} and holds no personal value;
    those go into `sealed`, already encrypted under the key of the person `person_ref`."""

    action: str
    obj: models.Model
    place_code: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    purpose: str = ""
    person_ref: int | None = None
    sealed: bytes | None = None


def record(actor: Actor, act: Act) -> Entry:
    """Append one entry. Raises RuntimeError outside a transaction: a change and its record stand or fall together."""
    return record_many(actor, [act])[0]


def record_many(actor: Actor, acts: Iterable[Act]) -> list[Entry]:
    """Append many entries; a large number by COPY, which is several times faster."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("audit entries are written in the transaction of the change")
    at, scope = clock.now(), actor.scope_text()
    # Staff act in office and are named; of anybody else the account's number is kept, since a name in clear text
    # would outlive the erasure of its person.
    name = actor.name if actor.is_staff or actor.is_system else ""
    entries = [
        Entry(
            at=at, account_id=actor.account_id, actor_name=name, scope=scope, action=act.action,
            target=act.obj._meta.label_lower, target_id=str(act.obj.pk), place_code=act.place_code,
            changes=act.changes, purpose=act.purpose, person_ref=act.person_ref, sealed=act.sealed,
        )
        for act in acts
    ]  # fmt: skip
    for entry in entries:
        entry.mac = mac_of(content_bytes([getattr(entry, name) for name in CONTENT]))
    if len(entries) < MANY:
        return Entry.objects.bulk_create(entries)
    return _copied(entries)


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
