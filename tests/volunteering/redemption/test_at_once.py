"""Many connections at once: the last piece goes to one, a slip is handed once, nobody waits in a ring."""

from __future__ import annotations

import uuid
from collections import Counter

import pytest
from django.db import connection

from doorstep.kernel.ledger.models import Transaction
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.ledger.verify import verify
from doorstep.kernel.shared.errors import Conflict, Refused, RuleViolation
from doorstep.modules.volunteering.models import Programme, Slip
from doorstep.modules.volunteering.services_settlement import make_settlement
from doorstep.modules.volunteering.services_slip_ends import end_slips
from doorstep.modules.volunteering.services_slips import confirm_slip, make_slip, offer_slip, void_slip
from tests.volunteering.redemption.world import SYSTEM, TODAY, World, together


@pytest.fixture(autouse=True)
def no_ring(fresh_world: World):
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert cursor.fetchone() == (0,)
    assert verify().sound


def buying(world: World, volunteer, item, key=None):
    actor, key = world.of(volunteer), key or uuid.uuid4()
    return lambda: make_slip(actor=actor, item_id=item.pk, key=key)


def told(results) -> Counter[str]:
    return Counter(str(each) if isinstance(each, Exception) else "made" for each in results)


def test_fifty_redeem_the_last_piece_with_the_same_points(fresh_world: World) -> None:
    last = fresh_world.item("最后一件", 50, 1, fen=100)
    volunteers = fresh_world.more(50, 50)
    results = together([buying(fresh_world, each, last) for each in volunteers])
    assert told(results) == {"made": 1, "“最后一件”已兑完。": 49}
    assert Slip.objects.count() == 1 and fresh_world.left(last) == (0, 1)
    assert sorted(balance(each.points_id) for each in volunteers) == [0] + [50] * 49
    assert fresh_world.money == (999_900, 100, 0)


def test_two_devices_of_one_volunteer_spend_the_same_points_once(fresh_world: World) -> None:
    volunteer = fresh_world.volunteer(50)
    things = [fresh_world.item(f"物品{n}", 50, 5) for n in range(8)]
    results = together([buying(fresh_world, volunteer, each) for each in things])
    assert told(results) == {"made": 1, "积分不够：要 50 分，您有 0 分。": 7}
    assert balance(volunteer.points_id) == 0


def test_two_devices_of_one_volunteer_keep_to_the_limit(fresh_world: World) -> None:
    volunteer = fresh_world.volunteer(1000)
    results = together([buying(fresh_world, volunteer, fresh_world.bread) for _device in range(8)])
    assert told(results)["made"] == 1 and Slip.objects.count() == 1
    assert balance(volunteer.points_id) == 970


def test_one_key_sent_eight_times_at_once_is_one_slip(fresh_world: World) -> None:
    volunteer, key = fresh_world.volunteer(1000), uuid.uuid4()
    results = together([buying(fresh_world, volunteer, fresh_world.bread, key) for _device in range(8)])
    assert len({each.pk for each in results}) == 1 and balance(volunteer.points_id) == 970


def test_a_popular_item_does_not_make_people_wait_for_nothing(fresh_world: World) -> None:
    volunteers = fresh_world.more(40, 100)
    results = together([buying(fresh_world, each, fresh_world.bread) for each in volunteers])
    assert told(results) == {"made": 40} and fresh_world.left(fresh_world.bread) == (60, 40)


def test_one_slip_scanned_by_several_clerks_is_offered_by_one(fresh_world: World) -> None:
    clerks = [fresh_world.clerk, *(fresh_world.second_clerk() for _other in range(5))]
    for volunteer in fresh_world.more(8, 100):
        number = fresh_world.slip(volunteer).number
        results = together(
            [lambda clerk=clerk, number=number: offer_slip(actor=clerk, number=number) for clerk in clerks]
        )
        assert sum(isinstance(each, Conflict) for each in results) == 5
        assert Slip.objects.get(number=number).state == "offered"


def test_confirming_twice_moves_once(fresh_world: World) -> None:
    volunteer = fresh_world.volunteer(100)
    slip = fresh_world.slip(volunteer)
    offer_slip(actor=fresh_world.clerk, number=slip.number)
    actor = fresh_world.of(volunteer)
    results = together([lambda: confirm_slip(actor=actor, number=slip.number)] * 8)
    assert {each.state for each in results} == {"handed"}
    assert fresh_world.left(fresh_world.bread) == (99, 0) and fresh_world.money == (999_500, 0, 500)
    assert Transaction.objects.filter(kind__in=["redeem", "hand", "owe"]).count() == 3


def test_void_twice_and_settled_meanwhile(fresh_world: World, monkeypatch) -> None:
    slips = [fresh_world.handed(each) for each in fresh_world.more(6, 100)]
    monkeypatch.setenv("DOORSTEP_TODAY", "2026-07-01")
    Programme.objects.update(void_days=31)
    officer = fresh_world.actor("secretary")
    acts = [
        lambda slip=slip: void_slip(actor=officer, number=slip.number, reason="坏的") for slip in slips * 2
    ]
    acts.append(
        lambda: make_settlement(
            actor=SYSTEM, programme_id=fresh_world.programme.pk, merchant_id=fresh_world.shop.pk, month=TODAY
        )
    )
    results = together(acts)
    voided = Slip.objects.filter(state="void")
    assert sum(isinstance(each, Slip) for each in results) == voided.count()
    assert all(isinstance(each, Refused) or not isinstance(each, Exception) for each in results)
    assert not voided.exclude(settlement=None).exists()
    settled = Slip.objects.exclude(settlement=None).count()
    assert settled + voided.count() == 6
    assert fresh_world.money == (1_000_000 - 500 * settled, 0, 500 * settled)


def test_expiry_run_by_four_at_once_gives_back_once(fresh_world: World, monkeypatch) -> None:
    volunteers = fresh_world.more(60, 100)
    for each in volunteers:
        fresh_world.slip(each)
    monkeypatch.setenv("DOORSTEP_TODAY", "2026-07-01")
    results = together([end_slips] * 4)
    assert sum(results) == 60
    assert {balance(each.points_id) for each in volunteers} == {100}
    assert fresh_world.left(fresh_world.bread) == (100, 0) and fresh_world.money == (1_000_000, 0, 0)


def test_confirmed_and_voided_at_once_ends_in_one_of_both(fresh_world: World) -> None:
    volunteer = fresh_world.volunteer(100)
    slip = fresh_world.slip(volunteer)
    offer_slip(actor=fresh_world.clerk, number=slip.number)
    actor, officer = fresh_world.of(volunteer), fresh_world.actor("secretary")
    results = together(
        [
            lambda: confirm_slip(actor=actor, number=slip.number),
            lambda: void_slip(actor=officer, number=slip.number, reason="坏的"),
        ]
    )
    end = Slip.objects.get().state
    assert end in ("handed", "void") and (end == "void") != isinstance(results[1], RuleViolation)
    assert balance(volunteer.points_id) == (100 if end == "void" else 70)
