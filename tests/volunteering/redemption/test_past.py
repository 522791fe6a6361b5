"""Thousands of past slips at once: every rule and booking of one made today, and each once."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.ledger.verify import verify
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from doorstep.modules.volunteering.models import Programme, Slip
from doorstep.modules.volunteering.services_past_slips import PastSlip, bring_slips
from doorstep.modules.volunteering.services_slips import offer_slip
from tests.volunteering.redemption.world import SYSTEM, TODAY, World, give


def at(day: dt.date, hour: int = 9) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), clock.DISTRICT_ZONE)


def slips(world: World, count: int) -> list[PastSlip]:
    """One for each of so many volunteers: three of four handed, the others never used."""
    clerk = world.district.people["merchant"].pk
    found = []
    for number, volunteer in enumerate(world.more(count, 100)):
        day = dt.date(2026, 4, 1) + dt.timedelta(days=number % 75)
        handed = at(day, 15) if number % 4 else None
        found.append(
            PastSlip(
                key=uuid.uuid5(uuid.NAMESPACE_OID, str(number)), item_id=world.bread.pk, volunteer_id=volunteer.pk,
                made_at=at(day), handed_at=handed, clerk_id=clerk if handed else None,
            )
        )  # fmt: skip
    return found


def test_they_come_in_once_with_their_bookings(fresh_world: World, django_assert_max_num_queries) -> None:
    world = fresh_world
    world.programme.refresh_from_db()
    past = slips(world, 80)
    with django_assert_max_num_queries(45):
        assert bring_slips(actor=SYSTEM, slips=past) == 80
    assert bring_slips(actor=SYSTEM, slips=past) == 0
    states = list(Slip.objects.values_list("state", flat=True))
    over = sum(each.made_at < at(TODAY) - dt.timedelta(days=14) for each in past if not each.handed_at)
    assert (
        states.count("handed") == 60 and states.count("expired") == over and states.count("held") == 20 - over
    )
    assert world.left(world.bread) == (100 - 80 + over, 20 - over)
    assert world.money == (1_000_000 - 500 * (80 - over), 500 * (20 - over), 500 * 60)
    spent = sum(100 - balance(each.points_id) for each in world.volunteers)
    assert spent == 30 * (80 - over) and verify().sound
    assert not Slip.objects.filter(points_held=0).exists()
    held = Slip.objects.filter(state="held").first()
    assert offer_slip(actor=world.clerk, number=held.number).state == "offered"


def test_a_batch_that_breaks_a_rule_leaves_nothing(world: World) -> None:
    past = slips(world, 6)
    again = PastSlip(
        key=uuid.uuid4(),
        item_id=world.bread.pk,
        volunteer_id=past[1].volunteer_id,
        made_at=at(dt.date(2026, 4, 9)),
    )
    used = PastSlip(
        **{**again.__dict__, "handed_at": at(dt.date(2026, 4, 9), 10), "clerk_id": past[1].clerk_id}
    )
    alone = PastSlip(
        **{
            **past[2].__dict__,
            "clerk_id": world.volunteers[2].person_id,
        }
    )
    late = PastSlip(**{**past[3].__dict__, "handed_at": at(dt.date(2026, 5, 30))})
    future = PastSlip(**{**past[4].__dict__, "made_at": at(TODAY + dt.timedelta(days=2))})
    for wrong, match in ((used, "限兑"), (alone, "两个人"), (late, "过期"), (future, "时间不对")):
        others = [each for each in past if each.key != wrong.key]
        with pytest.raises(RuleViolation, match=match):
            bring_slips(actor=SYSTEM, slips=[*others, wrong])
        assert not Slip.objects.exists()
    assert bring_slips(actor=SYSTEM, slips=[*past, again]) == 7  # never used and over: no part of the limit
    with pytest.raises(NotAllowed):
        bring_slips(actor=world.clerk, slips=past)


def test_points_nobody_has_are_not_spent(fresh_world: World) -> None:
    world = fresh_world
    past = slips(world, 2)
    Programme.objects.update(slip_days=92)
    poor = world.volunteer(29)
    lacking = PastSlip(
        **{**past[1].__dict__, "key": uuid.uuid4(), "volunteer_id": poor.pk, "clerk_id": past[1].clerk_id}
    )
    with pytest.raises(RuleViolation, match="积分不够"):
        bring_slips(actor=SYSTEM, slips=[past[1], lacking])
    assert not Slip.objects.exists() and world.left(world.bread) == (100, 0)
    give(poor, 1)
    assert bring_slips(actor=SYSTEM, slips=[past[1], lacking]) == 2
