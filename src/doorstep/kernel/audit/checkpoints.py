"""Heads of the chain: signed in the database, and published to a file outside it.

Everything inside a database can be rewritten by who rules it. So each run of the sealer leaves one line in a file
of the installation's working folder: position, digest, and the database it belongs to. Copy the file to another
machine or print it: a chain that was cut, emptied or forged as a whole no longer passes through these points.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from doorstep.kernel.audit.canonical import SIGNER
from doorstep.kernel.audit.models import Checkpoint


@dataclass(frozen=True)
class Published:
    """One line of the file."""

    position: int
    digest: str
    made_at: str


def signed_bytes(position: int, digest: bytes, horizon: int, made_at: str) -> bytes:
    return f"checkpoint {position} {digest.hex()} {horizon} {made_at}".encode()


def signature_of(checkpoint: Checkpoint) -> bytes:
    return SIGNER.sign(_content(checkpoint))


def is_signed(checkpoint: Checkpoint) -> bool:
    """Did the platform make this checkpoint, with its master key or the one before it?"""
    return SIGNER.is_ours(_content(checkpoint), bytes(checkpoint.signature))


def _content(checkpoint: Checkpoint) -> bytes:
    at = checkpoint.made_at.isoformat(timespec="microseconds")
    return signed_bytes(checkpoint.position, bytes(checkpoint.digest), checkpoint.horizon, at)


def file_of_this_database() -> Path:
    """A database made anew has another number, so the file of the one before it stays untouched beside it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname, oid::bigint FROM pg_database WHERE datname = current_database()")
        name, number = cursor.fetchone()
    folder = Path(settings.AUDIT_CHECKPOINTS)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}-{number}.jsonl"


def publish() -> int:
    """Append the checkpoints that the file does not have yet; gives how many."""
    file = file_of_this_database()
    new = Checkpoint.objects.filter(position__gt=_last_position(file)).order_by("position")
    lines = [
        json.dumps(
            {"position": row.position, "digest": bytes(row.digest).hex(), "made_at": row.made_at.isoformat()}
        )
        for row in new
    ]
    if lines:
        with file.open("a", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
    return len(lines)


def _last_position(file: Path) -> int:
    """Position of the last whole line; 0 where there is none. Reads the end alone: the file grows for years."""
    if not file.exists():
        return 0
    with file.open("rb") as source:
        source.seek(max(0, file.stat().st_size - 4096))
        for line in reversed(source.read().splitlines()):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                return int(json.loads(line)["position"])
    return 0


def published(file: Path) -> Iterator[Published]:
    """The lines of a checkpoint file; none where there is no file. Raises ValueError for a line that is no checkpoint."""
    if not file.exists():
        return
    with file.open(encoding="utf-8") as source:
        for number, line in enumerate(source, start=1):
            try:
                values = json.loads(line)
                yield Published(int(values["position"]), str(values["digest"]), str(values["made_at"]))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{file.name}, line {number} is no checkpoint") from error
