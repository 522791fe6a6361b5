"""What of the four lists a unit leaves behind when it is no partner any more: claims are free, projects under way go back to their
needs, parts in others' projects are dropped, and what it offered is off the list."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import apply_transitions
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import Booking, Claim, Project, Resource, Responsibility
from doorstep.modules.partnership.selectors import is_partner
from doorstep.modules.partnership.services_needs import follow
from doorstep.modules.partnership.services_projects import stop

WORK = "partnership.leaving"


def release_lists(unit_id: int, place_code: str, on: dt.date) -> None:
    """Settle it, in the transaction that settles the rest. What was delivered stays to be confirmed. Called again it finds nothing."""
    reason = _("单位退出共建")
    inside = within("place_code", [place_code])
    projects = Project.objects.filter(
        inside, unit_id=unit_id, matter__state__in=("agreed", "running")
    ).order_by("pk")
    for row in projects:
        if not is_partner(unit_id, row.place_code, on):
            stop(actor=system_actor(WORK), project_id=row.pk, reason=reason)
    _give_back_claims(unit_id, place_code, on, reason)
    parts = Responsibility.objects.filter(
        within("matter__place_code", [place_code]), unit_id=unit_id, matter__state__in=("noted", "assigned")
    ).select_related("matter")
    gone = [row.pk for row in parts if not is_partner(unit_id, row.matter.place_code, on)]
    if gone:
        apply_transitions(
            actor=system_actor(WORK), matter_ids=gone, name="drop", inputs=Inputs(internal=reason)
        )
    _free_uses(unit_id, place_code, on)
    if not Agreement.objects.in_force(on).filter(unit_id=unit_id).exists():
        _take_off(unit_id, on)


def _give_back_claims(unit_id: int, place_code: str, on: dt.date, reason: str) -> None:
    rows = Claim.objects.filter(
        within("need__matter__place_code", [place_code]), unit_id=unit_id, ended_at=None
    )
    for row in rows.filter(need__matter__state="claimed").select_related("need__matter").order_by("need_id"):
        if is_partner(unit_id, row.need.matter.place_code, on):
            continue
        Matter.objects.select_for_update().get(pk=row.need_id)
        row.ended_at, row.reason = clock.now(), reason
        row.save(update_fields=["ended_at", "reason"])
        if not Claim.objects.filter(need_id=row.need_id, ended_at=None).exists():
            follow(row.need_id, "unclaim", unit=unit_id)


def _free_uses(unit_id: int, place_code: str, on: dt.date) -> None:
    """What projects of the place had booked of it from that day on is free: they have to look for something else."""
    begins = dt.datetime.combine(on, dt.time(), clock.DISTRICT_ZONE)
    rows = Booking.objects.filter(
        within("project__place_code", [place_code]), resource__unit_id=unit_id, released_at=None, ends_at__gt=begins
    )  # fmt: skip
    gone = [
        pk
        for pk, place in rows.values_list("pk", "project__place_code")
        if not is_partner(unit_id, place, on)
    ]
    Booking.objects.filter(pk__in=gone).update(released_at=clock.now())


def _take_off(unit_id: int, on: dt.date) -> None:
    """What it offers ends that day."""
    rows = Resource.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on), unit_id=unit_id, valid_from__lt=on)
    for row in rows.order_by("pk"):
        row.valid_to, row.lock_version = on, row.lock_version + 1
        row.save(update_fields=["valid_to", "lock_version"])
        changes = {"valid_to": [None, on.isoformat()]}
        record(system_actor(WORK), Act("partnership.resource_withdrawn", row, row.place_code, changes))
