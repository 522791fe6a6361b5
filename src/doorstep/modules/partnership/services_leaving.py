"""What follows when a unit is no partner of a community any more: seats end that day, what was proposed is withdrawn, what the unit
still had to do goes back to the community. Each says why. A unit that has signed anew meanwhile keeps what it has by then."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.matters.messages import ToldPerson, tell_persons
from doorstep.kernel.matters.services import apply_transitions
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.organisations.services_appointments import cut_short
from doorstep.kernel.organisations.services_bulk import locked_units
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership.models import Agreement, Nomination, Resolution
from doorstep.modules.partnership.selectors import partnership_of
from doorstep.modules.partnership.services_leaving_lists import release_lists
from doorstep.modules.partnership.telling import SEAT, UNIT_LEFT

LOOKS_BACK = 31  # days: an installation that stood still for a month still finds what ran out
WORK = "partnership.leaving"
logger = logging.getLogger(__name__)


@transaction.atomic
def settle_leaving(*, actor: Actor, unit_id: int, place_code: str, on: dt.date) -> int:
    """Settle what an agreement's end on `on` leaves behind in its place; gives how many seats end. Where another agreement of the
    unit covers a community, nothing changes there. Seats end on the day itself, also when it is still to come; proposals and
    promises are settled once it has come (the scheduler calls again)."""
    seats = _seats_ending(unit_id, place_code, on)
    _end_seats(actor, seats, on)
    _close_unseated(seats)
    if on <= clock.today():
        _withdraw_nominations(unit_id, place_code)
        _release_resolutions(unit_id, place_code)
        release_lists(unit_id, place_code, on)
    return len(seats)


def _seats_ending(unit_id: int, place_code: str, on: dt.date) -> list[Nomination]:
    rows = (
        Nomination.objects.filter(
            within("place_code", [place_code]),
            Q(appointment__valid_to__isnull=True) | Q(appointment__valid_to__gt=on),
            unit_id=unit_id, appointment__isnull=False,
        )
        .select_related("appointment", "matter")
        .order_by("pk")
    )  # fmt: skip
    is_partner = partnership_of(unit_id)

    def stays(row: Nomination) -> bool:
        """By an agreement on the first day from `on` that the seat is held, or by one signed since."""
        assert row.appointment is not None  # asked for
        first = max(on, row.appointment.valid_from)
        return is_partner(row.place_code, first) or is_partner(row.place_code, max(first, clock.today()))

    return [row for row in rows if not stays(row)]


def _end_seats(actor: Actor, seats: list[Nomination], on: dt.date) -> None:
    """The appointments end with the reason; one that had not begun is taken back. The people are told."""
    if not seats:
        return
    locked_units({row.community_id for row in seats})
    appointments = [row.appointment for row in seats if row.appointment is not None]
    reason = _("所在单位退出共建")
    for row in seats:
        if row.appointment is not None and row.appointment.valid_from >= on:
            row.appointment = None
            row.save(update_fields=["appointment"])
    cut_short(actor, appointments, on, reason, "")
    tell_persons(actor, [ToldPerson(row.person_id, SEAT, row.pk, UNIT_LEFT) for row in seats])


def _at_rest(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Their matters locked: a step that somebody takes at this moment is waited for, and the state read as it is then."""
    return rows.select_related("matter").select_for_update(of=("matter",)).order_by("pk")


@transaction.atomic
def _close_unseated(seats: Sequence[Nomination] | None = None) -> None:
    """Nobody waits for the notice of a seat (of these, or of any) that was taken back, or is over before the notice."""
    over = Q(appointment=None) | Q(appointment__valid_to__lte=clock.today())
    rows = _at_rest(Nomination.objects.filter(over, matter__state="appointed"))
    gone = [row.pk for row in (rows if seats is None else rows.filter(pk__in=[row.pk for row in seats]))]
    if gone:
        apply_transitions(
            actor=system_actor(WORK), matter_ids=gone, name="unseat", inputs=Inputs(note=_("席位已收回或者已到期")),
        )  # fmt: skip


def _withdraw_nominations(unit_id: int, place_code: str) -> None:
    """As somebody is recommended for a day on which the unit is a partner, so the recommendation stands while it is one then."""
    rows = _at_rest(
        Nomination.objects.filter(
            within("place_code", [place_code]), unit_id=unit_id, appointment=None,
            matter__state__in=("recommended", "returned", "screened", "approved"),
        )
    )  # fmt: skip
    is_partner = partnership_of(unit_id)
    gone = [row.pk for row in rows if not is_partner(row.place_code, max(row.valid_from, clock.today()))]
    if gone:
        apply_transitions(
            actor=system_actor(WORK),
            matter_ids=gone,
            name="withdraw",
            inputs=Inputs(note=_("所在单位退出共建")),
        )


def _release_resolutions(unit_id: int, place_code: str) -> None:
    rows = _at_rest(
        Resolution.objects.filter(
            within("place_code", [place_code]), unit_id=unit_id, matter__state__in=("resolved", "running", "handled")
        )
    )  # fmt: skip
    is_partner = partnership_of(unit_id)
    gone = [row.pk for row in rows if not is_partner(row.place_code, clock.today())]
    if gone:
        apply_transitions(
            actor=system_actor(WORK), matter_ids=gone, name="release",
            inputs=Inputs(internal=_("责任单位退出共建，请另行落实。")),
        )  # fmt: skip


def settle_lapsed() -> int:
    """Settle what ran out or was ended by today; gives how many agreements were looked at. Called by the scheduler, safe to call at any
    time: what is settled stays settled. Each by itself: what is refused of one is noted, and asked for again in the next night."""
    today = clock.today()
    rows = Agreement.objects.filter(valid_to__lte=today, valid_to__gt=today - dt.timedelta(days=LOOKS_BACK))
    found = list(rows.order_by("valid_to", "pk").values_list("unit_id", "place_code", "valid_to"))
    for unit_id, place_code, ended in found:
        assert ended is not None  # of every agreement, by the database
        try:
            settle_leaving(actor=system_actor(WORK), unit_id=unit_id, place_code=place_code, on=ended)
        except Refused:
            logger.exception("what unit %s leaves in %s is not settled", unit_id, place_code)
    _close_unseated()
    return len(found)
