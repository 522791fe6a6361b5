"""Writing the audit: always in the transaction of the change it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.canonical import CONTENT, content_bytes, mac_of
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.shared import clock


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
    """Append many entries in one statement per thousand."""
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
    return Entry.objects.bulk_create(entries, batch_size=1000)
