"""What of the four lists a unit leaves behind when it is no partner any more: claims are free, projects under way go back to their
needs, parts in others' projects are dropped, and what it offered is off the list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import apply_transitions
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership.keeping_lists import agreed_places
from doorstep.modules.partnership.models_lists import Booking, Claim, Resource
from doorstep.modules.partnership.services_needs import follow
from doorstep.modules.partnership.services_projects import stop

WORK = "partnership.leaving"


def release_lists(unit_id: int, place_code: str, on: dt.date) -> None:
    """Settle what an agreement that ended on `on` leaves behind in its place, in the transaction that settles the rest. Where another
    agreement of the unit is in force today nothing changes; what was delivered stays to be confirmed. Called again it finds nothing."""
    agreed, reason = agreed_places(unit_id), _("单位退出共建")
    claimed = {"need__claims__unit_id": unit_id, "need__claims__ended_at": None}
    _give_back_claims(unit_id, _left(place_code, agreed, ("claimed",), **claimed), reason)
    for project in _left(place_code, agreed, ("agreed", "running"), project__unit_id=unit_id):
        stop(actor=system_actor(WORK), project_id=project, reason=reason)
    parts = _left(place_code, agreed, ("noted", "assigned"), responsibility__unit_id=unit_id)
    if parts:
        apply_transitions(
            actor=system_actor(WORK), matter_ids=parts, name="drop", inputs=Inputs(internal=reason)
        )
    _release_uses(unit_id, place_code, agreed, on)
    if not agreed:
        _take_off(unit_id, on)


def _left(place_code: str, agreed: Sequence[str], states: tuple[str, ...], **whose: Any) -> list[int]:
    """Matters there in these states where nothing is agreed any more, locked: what somebody takes on at this moment is
    waited for, and read as it is then."""
    rows = Matter.objects.select_for_update(of=("self",)).filter(
        within("place_code", [place_code]), state__in=states, **whose
    )
    return [row.pk for row in rows.order_by("pk") if not rules.covered(row.place_code, agreed)]


def _give_back_claims(unit_id: int, need_ids: Sequence[int], reason: str) -> None:
    Claim.objects.filter(need__in=need_ids, unit_id=unit_id, ended_at=None).update(
        ended_at=clock.now(), reason=reason
    )
    still = set(Claim.objects.filter(need__in=need_ids, ended_at=None).values_list("need_id", flat=True))
    for need_id in need_ids:
        if need_id not in still:
            follow(need_id, "unclaim", unit=unit_id)


def _release_uses(unit_id: int, place_code: str, agreed: Sequence[str], on: dt.date) -> None:
    """Who had booked something of the unit for then has to look for something else."""
    rows = Booking.objects.filter(
        within("project__place_code", [place_code]), resource__unit_id=unit_id, released_at=None, ends_at__gt=clock.midnight(on)
    )  # fmt: skip
    places = rows.values_list("pk", "project__place_code")
    gone = [pk for pk, place in places if not rules.covered(place, agreed)]
    Booking.objects.filter(pk__in=gone).update(released_at=clock.now())


def _take_off(unit_id: int, on: dt.date) -> None:
    """Without any agreement nothing is offered from that day on."""
    rows = Resource.objects.select_for_update().filter(Q(valid_to=None) | Q(valid_to__gt=on), unit_id=unit_id)
    for row in rows.order_by("pk"):
        before, last = row.valid_to, max(on, row.valid_from + rules.DAY)
        if before is not None and before <= last:
            continue
        row.valid_to, row.lock_version = last, row.lock_version + 1
        row.save(update_fields=["valid_to", "lock_version"])
        changes = {"valid_to": [before.isoformat() if before else None, last.isoformat()]}
        record(system_actor(WORK), Act("partnership.resource_withdrawn", row, row.place_code, changes))
