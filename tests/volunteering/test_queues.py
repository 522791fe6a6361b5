"""What waits is found by an index of what waits, however much lies behind it."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.activities.models import Session
from doorstep.kernel.activities.selectors import to_confirm
from doorstep.kernel.shared import clock
from doorstep.modules.volunteering.selectors import to_approve
from tests.volunteering import world as district
from tests.volunteering.many import MANY, gathered, plan, written_again
from tests.volunteering.world import TODAY, announced, approved, confirmed, volunteers

AGO = "interval '1 day' * (mod(n, 700) + 30)"


def test_sessions_to_confirm_and_to_approve(fresh_database: str) -> None:
    with clock.fixed(TODAY):
        world = district.build()
        rows = volunteers(2)
        done = approved(world, [rows[0].person_id]).approval
        moved = {column: f"t.{column} - {AGO}" for column in ("starts_at", "ends_at", "closes_at", "day")}
        written_again("activities_session", done.session_id, moved | {"number": "n + 1"})
        again = Session.objects.filter(activity=done.session.activity_id).exclude(pk=done.session_id)
        first = again.order_by("pk").values_list("pk", flat=True)[0]
        written_again("volunteering_approval", done.pk, {"session_id": f"{first} + n - 1"})
        wait = confirmed(world, [rows[1].person_id], day=TODAY - dt.timedelta(days=5))
        over = announced(world, day=TODAY - dt.timedelta(days=2))
        gathered(fresh_database)
        secretary = world.actor("secretary")
        confirming, approving = to_confirm(secretary), to_approve(secretary)
        assert list(confirming) == [over] and list(approving) == [wait]
        assert Session.objects.count() > MANY
        said = plan(confirming)
        assert "session_to_confirm" in said and "Seq Scan on activities_session" not in said, said
        # what was approved stands in another table, so that no index says what was not: both are read once and matched by
        # hashing, in some ten milliseconds for these, which are more than ten years of the district
        said = plan(approving)
        assert "Hash Anti Join" in said, said
