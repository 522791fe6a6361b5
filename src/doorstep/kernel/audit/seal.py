"""The sealer: chains committed entries, afterwards, so that writers never wait for one another.

Only entries below the oldest transaction still running are taken: nothing can be committed among them any more, so
none is ever left out. One sealer at a time, by an advisory lock that its transaction holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from doorstep.kernel.audit.canonical import COLUMNS, SIGNER, START, chained, content_bytes
from doorstep.kernel.audit.checkpoints import publish, signature_of
from doorstep.kernel.audit.models import Checkpoint

LOCK = 7_210_203  # advisory: one sealer
BATCH = 5000
READ = ", ".join(f"e.{column}" for column in COLUMNS).replace("e.changes", "e.changes::text")


@dataclass(frozen=True)
class Sealed:
    """Outcome of one run: how many entries were chained, and how many were not ours and stay outside."""

    count: int
    foreign: int = 0
    busy: bool = False


def seal_committed() -> Sealed:
    """Chain what is committed and publish the new head. Returns at once with `busy` when another sealer is at work."""
    with transaction.atomic():
        if not _alone():
            return Sealed(0, busy=True)
        head = Checkpoint.objects.order_by("-position").first()
        run = _Run(head)
        run.chain(*_condition(head))
        if run.count:
            _make_checkpoint(run)
    publish()
    return Sealed(run.count, run.foreign)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _condition(head: Checkpoint | None) -> tuple[str, list[int]]:
    """Which entries a run takes: from the last horizon to the oldest transaction still running.

    A horizon ahead of that means that the database was carried to another server, whose transactions count anew:
    then everything unsealed is taken that is not among those still running here.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        oldest = cursor.fetchone()[0]
    if head is not None and oldest >= head.horizon:
        return "e.transaction >= %s AND e.transaction < (SELECT oldest FROM s)", [head.horizon]
    return "(e.transaction < (SELECT oldest FROM s) OR e.transaction >= (SELECT next FROM s))", []


# The snapshot is asked inside the statement that reads, so what it calls running is what the statement cannot see.
STATEMENT = f"""
WITH s AS MATERIALIZED (
    SELECT pg_snapshot_xmin(c)::text::bigint AS oldest, pg_snapshot_xmax(c)::text::bigint AS next
    FROM pg_current_snapshot() c
)
SELECT (SELECT oldest FROM s), {READ} FROM audit_entry e
WHERE NOT EXISTS (SELECT FROM audit_seal known WHERE known.entry_id = e.id) AND
"""


class _Run:
    """One run over the entries to be chained."""

    def __init__(self, head: Checkpoint | None) -> None:
        self.start = head.position if head else 0
        self.digest = bytes(head.digest) if head else START
        self.horizon = self.count = self.foreign = 0

    def chain(self, condition: str, parameters: list[int]) -> None:
        """Read in order, write by COPY, in turns, so that memory does not grow with the number of entries."""
        raw = connection.connection
        with raw.cursor(name="unsealed") as reader, raw.cursor() as writer:
            reader.execute(f"{STATEMENT} {condition} ORDER BY e.id", parameters)
            while rows := reader.fetchmany(BATCH):
                self.horizon = rows[0][0]
                with writer.copy("COPY audit_seal (position, entry_id, digest, sealed_at) FROM STDIN") as out:
                    for row in self._links(row[1:] for row in rows):
                        out.write_row(row)

    def _links(self, entries: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        now = dt.datetime.now(
            dt.UTC
        )  # the wall's clock: a day held fixed for a demonstration is not when it was sealed
        for entry in entries:
            content = content_bytes(entry[3:])
            if not SIGNER.is_ours(content, entry[2]):
                self.foreign += 1
                continue
            self.digest = chained(self.digest, entry, content)
            self.count += 1
            yield self.start + self.count, entry[0], self.digest, now


def _make_checkpoint(run: _Run) -> Checkpoint:
    checkpoint = Checkpoint(
        position=run.start + run.count,
        digest=run.digest,
        horizon=run.horizon,
        made_at=dt.datetime.now(dt.UTC),
    )
    checkpoint.signature = signature_of(checkpoint)
    checkpoint.save(force_insert=True)
    return checkpoint
