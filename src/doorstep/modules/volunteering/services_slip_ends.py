"""What the platform does with slips by itself: offers nobody answered lapse, slips past their day give everything back."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.ledger.services import whole_again
from doorstep.kernel.shared import clock
from doorstep.modules.volunteering.models import Slip
from doorstep.modules.volunteering.models_redemption import EXPIRED, HELD, OFFERED
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
