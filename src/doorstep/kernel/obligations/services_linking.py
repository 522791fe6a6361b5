"""Joining what is owed to the records that prove it, in sets: nobody says that something was done, and nothing is written twice.

A record keeps what closes first of all it could keep; of several records the earliest does. What is left over makes up what was
missed, the oldest first. Asked again it gives the same, in whatever order records came in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from doorstep.kernel.obligations.models import Occurrence, Proof, Rule
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.shared import clock

# One round: each free record asks for what closes first of all it fits and no earlier record has, each occurrence takes the
# earliest that asks, also instead of a later one it had. Who came away with nothing, or lost it, asks in the next round. As all
# occurrences prefer the earlier record, the rounds end where one record after the other would have chosen.
_ROUND = """
WITH fitting AS (
    SELECT o.id, o.code, o.closes_on, p.id AS proof_id, p.day
    FROM obligations_occurrence o
    JOIN obligations_rule r ON r.id = o.rule_id
    JOIN obligations_proof p ON p.unit_id = o.unit_id AND p.kind = r.proof AND {days}
    WHERE o.exemption_id IS NULL AND p.withdrawn_at IS NULL AND p.merits @> r.needs {scope}
        AND (o.proof_id IS NULL OR (o.proved_on, o.proof_id) > (p.day, p.id))
        AND NOT EXISTS (SELECT FROM obligations_occurrence t WHERE t.proof_id = p.id AND t.code = o.code)
), first_open AS (
    SELECT DISTINCT ON (code, proof_id) * FROM fitting ORDER BY code, proof_id, closes_on, id
), taken AS (
    SELECT DISTINCT ON (id) * FROM first_open ORDER BY id, day, proof_id
)
UPDATE obligations_occurrence o SET proof_id = t.proof_id, proved_on = t.day FROM taken t WHERE o.id = t.id
"""
IN_TIME = "p.day BETWEEN o.opens_on AND o.closes_on"
MADE_UP = "p.day > o.closes_on AND p.day <= o.mends_until"


@contextlib.contextmanager
def in_sets(cursor: Any) -> Iterator[None]:
    """For statements over whole tables: joined by hash or merge, whatever the planner was last told of their size. A table that
    has just grown from nothing would be read once for every row."""
    cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    cursor.execute("SET LOCAL enable_nestloop = on")


@transaction.atomic
def link(units: Iterable[int] | None = None) -> int:
    """Link what is owed to free records, of these units or of all; gives how many links were made."""
    ours = None if units is None else sorted(set(units))
    scope = "" if ours is None else "AND o.unit_id = ANY(%s)"
    made = 0
    with connection.cursor() as cursor, in_sets(cursor) if ours is None else contextlib.nullcontext():
        for days in (IN_TIME, MADE_UP):
            statement = _ROUND.format(days=days, scope=scope)
            while True:
                cursor.execute(statement, [ours] if ours is not None else [])
                if not cursor.rowcount:
                    break
                made += cursor.rowcount
    return made


def link_anew(units: Iterable[int], kinds: Iterable[str]) -> list[int]:
    """Decide anew what proves what these units owe by these kinds of record. Gives the ids of occurrences that are proved now
    and were not, or were and are not. Inside a transaction that holds the units (`held`)."""
    ours, codes = sorted(set(units)), _codes_of(kinds)
    rows = Occurrence.objects.filter(unit_id__in=ours, code__in=codes)
    before = dict(rows.filter(proof__isnull=False).values_list("pk", "proof_id"))
    rows.filter(proof__isnull=False).update(proof=None, proved_on=None)
    link(ours)
    after = dict(rows.filter(proof__isnull=False).values_list("pk", "proof_id"))
    return sorted(before.keys() ^ after.keys())


def _codes_of(kinds: Iterable[str]) -> list[str]:
    return sorted(set(Rule.objects.filter(proof__in=set(kinds)).values_list("code", flat=True)))


# A derivation links all units at once: whoever links one waits for it, and it for them, rather than for each other in a ring.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('obligations.derive'))"
_LOCK_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtext('obligations.derive'))"


def held(units: Iterable[int]) -> list[Unit]:
    """Lock units, in the order of their numbers: what is linked of them waits for one another, and for a derivation."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_SHARED)
    return list(Unit.objects.select_for_update(no_key=True).filter(pk__in=set(units)).order_by("pk"))


def withdraw(proof: Proof) -> None:
    """It proves nothing from now on; whoever cancels the record calls this and then `link_anew`, in one transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a proof is withdrawn in the transaction that cancels its record")
    proof.withdrawn_at = clock.now()
    proof.save(update_fields=["withdrawn_at"])


def free_of_exempt(exemption: Any) -> Q:
    """Occurrences that an exemption speaks of."""
    return Q(
        code=exemption.code,
        unit_id=exemption.unit_id,
        due_on__gte=exemption.since,
        due_on__lte=exemption.until,
    )
