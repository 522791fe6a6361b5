"""Reading the audit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import models
from django.db.models import QuerySet

from doorstep.kernel.audit.models import Checkpoint, Entry

VERIFIED, UNSOUND = "audit.verified", "audit.found_unsound"


def history_of(obj: models.Model) -> QuerySet[Entry]:
    """What was done to one record, latest first. The caller has already seen that the record exists for its actor."""
    return Entry.objects.filter(target=obj._meta.label_lower, target_id=str(obj.pk)).order_by("-id")


def unsealed_count() -> int:
    """Entries the sealer has not reached yet: the tail whose removal could not be noticed."""
    head = Checkpoint.objects.order_by("-position").first()
    rows = Entry.objects.filter(transaction__gte=head.horizon) if head else Entry.objects.all()
    return rows.filter(seal__isnull=True).count()


@dataclass(frozen=True)
class Verification:
    """One run of the verification: when, and whether nothing was found."""

    at: dt.datetime
    sound: bool


def last_verification() -> Verification | None:
    """The last run that was recorded; None where the chain was never verified."""
    rows = Entry.objects.filter(target=Checkpoint._meta.label_lower, action__in=[VERIFIED, UNSOUND])
    row = rows.order_by("-id").first()
    return Verification(row.at, row.action == VERIFIED) if row else None


@dataclass(frozen=True)
class ChainState:
    """How far the chain reaches: entries sealed and not, and the head to be compared with a published one."""

    sealed: int
    unsealed: int
    head: str
    sealed_at: dt.datetime | None


def chain_state() -> ChainState:
    head = Checkpoint.objects.order_by("-position").first()
    return ChainState(
        sealed=head.position if head else 0,
        unsealed=unsealed_count(),
        head=bytes(head.digest).hex() if head else "",
        sealed_at=head.made_at if head else None,
    )


def last_checkpoints(limit: int = 20) -> list[tuple[int, str, dt.datetime]]:
    """Position, digest and time of the newest checkpoints, newest first."""
    rows = Checkpoint.objects.order_by("-position")[:limit]
    return [(row.position, bytes(row.digest).hex(), row.made_at) for row in rows]
