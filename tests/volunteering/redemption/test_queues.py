"""What is to settle is found by an index of what is to settle, however much was settled before."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from doorstep.kernel.shared import clock
from doorstep.modules.volunteering.models import Slip
from doorstep.modules.volunteering.rules_redemption import month_after
from doorstep.modules.volunteering.selectors_redemption import handed_unsettled
from doorstep.modules.volunteering.services_settlement import make_settlement
from tests.volunteering.many import MANY, gathered, plan, written_again
from tests.volunteering.redemption.world import TODAY, World


def test_slips_to_settle(fresh_world: World, fresh_database: str) -> None:
    one, two = fresh_world.more(2)
    settled = fresh_world.handed(one)
    with clock.fixed(month_after(TODAY) + dt.timedelta(days=1)):
        make_settlement(
            actor=fresh_world.actor("street"), programme_id=fresh_world.programme.pk,
            merchant_id=fresh_world.shop.pk, month=TODAY.replace(day=1),
        )  # fmt: skip
    numbers = {"number": "'x' || n", "key": "gen_random_uuid()", "points_held": "-n"}
    written_again("volunteering_slip", settled.pk, numbers)
    fresh_world.handed(two)
    gathered(fresh_database)
    assert Slip.objects.count() > MANY
    found = handed_unsettled(month_after(TODAY), Q(merchant=fresh_world.shop.pk)).order_by("programme")
    assert [(row["n"], row["all"]) for row in found] == [(1, 500)]
    said = plan(found)
    assert "slip_to_settle" in said and "Seq Scan on volunteering_slip" not in said, said
