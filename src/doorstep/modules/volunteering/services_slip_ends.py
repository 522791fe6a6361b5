"""What the platform does with slips by itself: offers nobody answered lapse, slips past their day give everything back, and
where points are taken back, open slips of the volunteer are given up for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import F
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.ledger.services import Posting, whole_again
from doorstep.kernel.shared import clock
from doorstep.modules.volunteering.models import Slip
from doorstep.modules.volunteering.models_redemption import EXPIRED, HELD, OFFERED, VOID
from doorstep.modules.volunteering.numbers_redemption import redemption_numbers
from doorstep.modules.volunteering.services_slips import OPEN, tell_many
from doorstep.modules.volunteering.slip_books import book_all, chart, undo

AT_ONCE = 500


def end_slips() -> int:
    """Lapse and expire; how many slips changed. Again at once it changes nothing."""
    lapsed = lapse_offers()
    expired = 0
    while some := _expire_some():
        expired += some
    return lapsed + expired


@whole_again
def lapse_offers() -> int:
    """Offers older than their minutes are taken back. How many. Four statements."""
    minutes = redemption_numbers()["offer_minutes"]
    rows = Slip.objects.select_for_update(of=("self",), skip_locked=True).filter(
        state=OFFERED, offered_at__lte=clock.now() - dt.timedelta(minutes=minutes), expires_at__gt=clock.now()
    )
    slips = list(rows.select_related("volunteer").order_by("pk"))
    if slips:
        changed = Slip.objects.filter(pk__in=[slip.pk for slip in slips])
        changed.update(state=HELD, offered_at=None, offered_by=None)
        tell_many(
            system_actor("volunteering.end_slips"),
            "volunteering.slip_lapsed",
            slips,
            [OFFERED] * len(slips),
            HELD,
        )
    return len(slips)


@whole_again
def _expire_some() -> int:
    """The next few past their day. A constant number of statements, however many."""
    actor, now = system_actor("volunteering.end_slips"), clock.now()
    rows = Slip.objects.select_for_update(of=("self",), skip_locked=True).filter(
        state__in=OPEN, expires_at__lte=now
    )
    slips = list(rows.select_related("volunteer").order_by("expires_at", "pk")[:AT_ONCE])
    if not slips:
        return 0
    Slip.objects.filter(pk__in=[slip.pk for slip in slips]).update(state=EXPIRED, ended_at=now)
    tell_many(actor, "volunteering.slip_expired", slips, [slip.state for slip in slips], EXPIRED)
    book_all(actor, undo(chart(), slips))
    return len(slips)


def open_slips(volunteer_ids: Sequence[int]) -> dict[int, list[Slip]]:
    """Open slips of these volunteers, whose rows the caller holds: locked, the newest first. One query."""
    rows = Slip.objects.select_for_update(of=("self",)).filter(volunteer__in=volunteer_ids, state__in=OPEN)
    found: dict[int, list[Slip]] = {}
    for slip in reversed(rows.select_related("volunteer").order_by("pk")):
        found.setdefault(slip.volunteer_id, []).append(slip)
    return found


def give_back_for(actor: Actor, slips: Sequence[Slip]) -> list[Posting]:
    """Void these open slips, locked, because their points are taken back; the bookings that give everything back are the
    caller's to book. A few statements, however many."""
    if not slips:
        return []
    now, before, reason = clock.now(), [slip.state for slip in slips], _("服务记录更正，积分收回")
    for slip in slips:
        slip.state, slip.ended_at = VOID, now
    rows = Slip.objects.filter(pk__in=[slip.pk for slip in slips])
    rows.update(
        state=VOID, ended_at=now, ended_by=actor.person_id, reason=reason, lock_version=F("lock_version") + 1
    )
    tell_many(actor, "volunteering.slip_void", slips, before, VOID)
    return undo(chart(), slips)
