"""The sealer: adds committed transactions to the tree of their book, afterwards, so that who books never waits for it.

As for the audit: only transactions below the oldest database transaction still running are taken, since nothing can be
committed among them any more; one sealer at a time, by an advisory lock that its transaction holds.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from doorstep.kernel.ledger.canonical import SIGNER, leaf_of
from doorstep.kernel.ledger.journal import COLUMNS, TABLES, booked
from doorstep.kernel.ledger.models import Book, Checkpoint
from doorstep.kernel.ledger.proofs import checkpoint_bytes, public_keys, sign
from doorstep.kernel.ledger.tree import KeptNode, Tree

LOCK = 7_210_205  # advisory: one sealer
BATCH = 2000
# The snapshot is asked inside the statement that reads, so what it calls running is what the statement cannot see.
STATEMENT = f"""
WITH s AS MATERIALIZED (
    SELECT pg_snapshot_xmin(c)::text::bigint AS oldest, pg_snapshot_xmax(c)::text::bigint AS next
    FROM pg_current_snapshot() c
)
SELECT {COLUMNS} FROM {TABLES}
WHERE t.book_id = %s AND NOT EXISTS (SELECT FROM ledger_seal known WHERE known.transaction_id = t.id) AND
"""


@dataclass
class Sealed:
    """Outcome of one run: how many transactions were sealed, and how many were not ours and stay outside."""

    count: int = 0
    foreign: int = 0
    busy: bool = False


def seal_committed() -> Sealed:
    """Seal what is committed in every book, and publish the new heads. Returns at once when another sealer is at work."""
    outcome = Sealed()
    with transaction.atomic():
        if not _alone():
            return Sealed(busy=True)
        for book in Book.objects.order_by("pk"):
            _seal_book(book, outcome)
    publish()
    return outcome


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _seal_book(book: Book, outcome: Sealed) -> None:
    head = Checkpoint.objects.filter(book=book).order_by("-size").first()
    tree = Tree(head.size if head else 0, rows_of(book.pk))
    before, horizon = tree.size, 0
    condition, parameters = _condition(head)
    raw = connection.connection
    with raw.cursor(name="ledger_unsealed") as reader:
        reader.execute(f"{STATEMENT} {condition} ORDER BY t.id, l.line", [book.pk, *parameters])
        pending: list[tuple[int, bytes]] = []
        for one in booked(fetched(reader)):
            if not SIGNER.is_ours(one.asked(), one.mac):
                outcome.foreign += 1
                continue
            horizon = max(horizon, one.xact)
            pending.append((one.id, leaf_of(one.text())))
            if len(pending) == BATCH:
                _write(book.pk, tree, pending)
                pending = []
        _write(book.pk, tree, pending)
    if tree.size > before:
        outcome.count += tree.size - before
        _make_checkpoint(book, tree, max([*parameters, horizon]))


def fetched(reader: Any, batch: int = BATCH) -> Iterator[tuple[Any, ...]]:
    while rows := reader.fetchmany(batch):
        yield from rows


def _condition(head: Checkpoint | None) -> tuple[str, list[int]]:
    """Which transactions a run takes: from the last horizon to the oldest database transaction still running. A horizon
    ahead of that: the database was carried to another server, whose transactions count anew."""
    oldest = _oldest_running()
    if head is not None and oldest >= head.horizon:
        return "t.xact >= %s AND t.xact < (SELECT oldest FROM s)", [head.horizon]
    return "(t.xact < (SELECT oldest FROM s) OR t.xact >= (SELECT next FROM s))", []


def _oldest_running() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _write(book_id: int, tree: Tree, pending: Sequence[tuple[int, bytes]]) -> None:
    if not pending:
        return
    first = tree.size
    nodes: list[KeptNode] = [node for _number, leaf in pending for node in tree.add(leaf)]
    with connection.connection.cursor() as writer:
        with writer.copy("COPY ledger_seal (book_id, position, transaction_id, leaf) FROM STDIN") as out:
            for position, (number, leaf) in enumerate(pending, start=first):
                out.write_row((book_id, position, number, leaf))
        with writer.copy("COPY ledger_node (book_id, level, position, digest) FROM STDIN") as out:
            for level, position, digest in nodes:
                out.write_row((book_id, level, position, digest))


def rows_of(book_id: int) -> Any:
    """Leaves and kept nodes of a book, as `tree` asks for them."""

    def rows(level: int, first: int, number: int) -> list[bytes]:
        table, column = ("ledger_node", "digest") if level else ("ledger_seal", "leaf")
        only = "level = %s AND " if level else ""
        statement = f"SELECT {column} FROM {table} WHERE {only} book_id = %s AND position >= %s AND position < %s ORDER BY position"
        with connection.cursor() as cursor:
            cursor.execute(statement, [*([level] if level else []), book_id, first, first + number])
            return [bytes(digest) for (digest,) in cursor.fetchall()]

    return rows


def _make_checkpoint(book: Book, tree: Tree, horizon: int) -> None:
    made_at = dt.datetime.now(dt.UTC)  # the wall's clock: a day held fixed is not when it was sealed
    root = tree.root()
    content = checkpoint_bytes(book.code, tree.size, root, horizon, moment_of(made_at))
    Checkpoint.objects.create(
        book=book, size=tree.size, root=root, horizon=horizon, made_at=made_at, signature=sign(content)
    )


def moment_of(made_at: dt.datetime) -> str:
    return made_at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def content_of(checkpoint: Checkpoint) -> bytes:
    """What its signature is made over."""
    return checkpoint_bytes(
        checkpoint.book.code,
        checkpoint.size,
        bytes(checkpoint.root),
        checkpoint.horizon,
        moment_of(checkpoint.made_at),
    )


def checkpoint_data(checkpoint: Checkpoint) -> dict[str, Any]:
    """A checkpoint as it is published and as a proof carries it."""
    return {
        "book": checkpoint.book.code, "size": checkpoint.size, "root": bytes(checkpoint.root).hex(),
        "horizon": checkpoint.horizon, "made_at": moment_of(checkpoint.made_at),
        "signature": bytes(checkpoint.signature).hex(),
    }  # fmt: skip


def file_of_this_database() -> Path:
    """Where checkpoints are published: a database made anew has another number, so an earlier file stays untouched."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname, oid::bigint FROM pg_database WHERE datname = current_database()")
        name, number = cursor.fetchone()
    folder = Path(settings.LEDGER_CHECKPOINTS)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}-{number}.jsonl"


def publish() -> int:
    """Append the checkpoints that the file does not have yet; gives how many."""
    file = file_of_this_database()
    known = last_published(file)
    rows = Checkpoint.objects.filter(pk__gt=known).select_related("book").order_by("pk")
    lines = [json.dumps({"number": row.pk, **checkpoint_data(row), "keys": public_keys()}) for row in rows]
    if lines:
        with file.open("a", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
    return len(lines)


def last_published(file: Path) -> int:
    """Number of the last whole line; 0 where there is none. Reads the end alone: the file grows for years."""
    if not file.exists():
        return 0
    with file.open("rb") as source:
        source.seek(max(0, file.stat().st_size - 8192))
        for line in reversed(source.read().splitlines()):
            try:
                return int(json.loads(line)["number"])
            except (ValueError, KeyError, TypeError):
                continue
    return 0
