"""Many minutes of the past at once, by COPY: every rule of the database holds as it does for one, with history.

For the platform alone: an office's own minutes of years before, the demo district. Minutes known by their key are passed over.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.obligations import rules
from doorstep.kernel.obligations.meetings import QUORUM, WITH_QUORUM
from doorstep.kernel.obligations.models import Minutes, Proof
from doorstep.kernel.obligations.numbers import quorum_on
from doorstep.kernel.obligations.services_deriving import derive
from doorstep.kernel.obligations.services_linking import link
from doorstep.kernel.obligations.services_minutes import NewMinutes
from doorstep.kernel.obligations.services_supervision import settle, unsettled
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import copy_rows, take_numbers


@transaction.atomic
def bring_minutes(*, actor: Actor, cases: Sequence[NewMinutes], since: dt.date) -> int:
    """Bring them in, all or none, and derive and link what is owed since that day; gives how many are new.

    Raises PermissionError for anybody but the platform, ValueError for hours that cannot be or a unit not there, ExclusionViolation for two meetings
    of a unit at one time.
    """
    if not actor.is_system:
        raise PermissionError("past minutes come in by the platform")
    now = clock.now()
    for case in cases:
        if fault := rules.hours_fault(case.starts_at, case.ends_at, now):
            raise ValueError(f"{case.key}: hours {fault}")
    known = set(Minutes.objects.filter(key__in=[case.key for case in cases]).values_list("key", flat=True))
    fresh = [case for case in cases if case.key not in known]
    places = _places(fresh)
    derive(actor=actor, since=since)
    rows = [_minutes(actor, case, place) for case, place in zip(fresh, places, strict=True)]
    proofs = [row.proof for row in rows]
    for number, proof in zip(take_numbers(Proof, len(proofs)), proofs, strict=True):
        proof.pk = number
    for number, row in zip(take_numbers(Minutes, len(rows)), rows, strict=True):
        row.pk, row.proof_id = number, row.proof.pk
    copy_rows(proofs)
    copy_rows(rows)
    record_many(
        actor,
        [
            Act("obligations.minutes_recorded", row, row.place_code, {"kind": [None, row.kind], "day": [None, row.day.isoformat()]})
            for row in rows
        ],
    )  # fmt: skip
    link()
    settle(unsettled())
    return len(rows)


def _places(cases: Sequence[NewMinutes]) -> list[str]:
    """Where the unit of each stood on the day of the meeting. One query. Raises ValueError for a unit that was not there."""
    stood: dict[int, list[UnitVersion]] = defaultdict(list)
    for version in UnitVersion.objects.filter(unit_id__in={case.unit_id for case in cases}):
        stood[version.unit_id].append(version)
    found = []
    for case in cases:
        day = clock.day_of(case.starts_at)
        place = next((row.place_code for row in stood[case.unit_id] if row.holds_on(day)), None)
        if place is None:
            raise ValueError(f"{case.key}: the unit was not there on {day}")
        found.append(place)
    return found


def _minutes(actor: Actor, case: NewMinutes, place: str) -> Minutes:
    day = clock.day_of(case.starts_at)
    share = quorum_on(day) if case.kind in WITH_QUORUM else None
    quorate = share is None or rules.quorum_met(case.present, case.entitled, share)
    proof = Proof(
        kind=case.kind, unit_id=case.unit_id, place_code=place, day=day,
        merits=[QUORUM] if share is not None and quorate else [],
    )  # fmt: skip
    return Minutes(
        key=case.key, proof=proof, kind=case.kind, unit_id=case.unit_id, place_code=place, day=day,
        starts_at=case.starts_at, ends_at=case.ends_at, where=case.where, entitled=case.entitled, present=case.present,
        share=share, quorate=quorate, agenda=case.agenda, decisions=case.decisions, recorded_by_id=actor.person_id,
        recorded_at=case.ends_at,
    )  # fmt: skip
