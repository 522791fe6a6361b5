"""A slip from the shop to the goods, and every way it ends: points, piece and money move together or not at all."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from doorstep.kernel.ledger.selectors import balance, endings
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.volunteering import services_programmes
from doorstep.modules.volunteering.cards import card_index, new_card_code
from doorstep.modules.volunteering.models import Partner, Slip, Volunteer
from doorstep.modules.volunteering.selectors_redemption import shop
from doorstep.modules.volunteering.services_slip_ends import end_slips
from doorstep.modules.volunteering.services_slips import (
    confirm_slip,
    give_slip_up,
    hand_by_card,
    make_slip,
    make_slip_by_card,
    offer_slip,
    take_offer_back,
    void_slip,
)
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers
from tests.volunteering.redemption.world import (
    ONE,
    SYSTEM,
    TODAY,
    TWO_STREET,
    World,
    give,
    item_data,
)


def at(day: dt.date, hour: int = 12, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), clock.DISTRICT_ZONE)


def state(slip: Slip) -> str:
    return Slip.objects.get(pk=slip.pk).state


def held(world: World, volunteer: Volunteer) -> tuple[int, tuple[int, int], tuple[int, int, int]]:
    return balance(volunteer.points_id), world.left(world.bread), world.money


def test_from_the_shop_to_the_goods(world: World) -> None:
    volunteer = world.volunteer(100)
    slip = world.slip(volunteer)
    assert held(world, volunteer) == (70, (99, 1), (999_500, 500, 0))
    assert slip.state == "held" and slip.expires_at == at(TODAY + dt.timedelta(days=15), 0)
    offer_slip(actor=world.clerk, number=slip.number)
    assert state(slip) == "offered"
    done = confirm_slip(actor=world.of(volunteer), number=slip.number)
    assert done.state == "handed" and done.points_done and not done.card
    assert held(world, volunteer) == (70, (99, 0), (999_500, 0, 500))


def test_an_item_that_costs_nobody_money_moves_no_money(world: World) -> None:
    volunteer = world.volunteer(100)
    desk = world.actor("secretary")
    world.handed(volunteer, world.soap, desk)
    assert world.money == (1_000_000, 0, 0) and balance(volunteer.points_id) == 80


def test_the_same_key_is_the_same_slip(world: World) -> None:
    volunteer, other, key = world.volunteer(100), world.volunteer(100), uuid.uuid4()
    first, second = (make_slip(actor=world.of(volunteer), item_id=world.bread.pk, key=key) for _ in range(2))
    assert first == second and balance(volunteer.points_id) == 70
    with pytest.raises(Conflict):
        make_slip(actor=world.of(other), item_id=world.bread.pk, key=key)


def test_what_is_not_enough_is_said(world: World) -> None:
    poor, rich = world.volunteer(29), world.volunteer(1000)
    with pytest.raises(RuleViolation, match="要 30 分，您有 29 分") as refusal:
        world.slip(poor)
    assert refusal.value.field == "points"
    last = world.item("最后一件", 10, 1)
    world.slip(world.volunteer(10), last)
    with pytest.raises(RuleViolation, match="“最后一件”已兑完"):
        world.slip(rich, last)
    dear = world.item("贵的", 10, 5, fen=1_000_001)
    with pytest.raises(RuleViolation, match="“五福林海”的资金暂时不够"):
        world.slip(rich, dear)
    assert balance(rich.points_id) == 1000 and world.left(dear) == (5, 0) and world.money[0] == 1_000_000


def test_the_limit_of_a_quarter(world: World) -> None:
    volunteer = world.volunteer(1000)
    slip = world.slip(volunteer)
    with pytest.raises(RuleViolation, match="每人每季度最多兑 1 件"):
        world.slip(volunteer)
    give_slip_up(actor=world.of(volunteer), number=slip.number)
    world.handed(volunteer)  # what was given up does not count
    with pytest.raises(RuleViolation, match="每季度"):
        world.slip(volunteer)
    with clock.fixed(dt.date(2026, 7, 1)):
        world.slip(volunteer)


def test_an_item_of_elsewhere_or_over_does_not_exist(world: World) -> None:
    far = world.volunteer(100, place=TWO_STREET)
    with pytest.raises(NotVisible):
        world.slip(far)
    near = world.volunteer(100)
    world.programme.valid_to = TODAY
    world.programme.save()
    with pytest.raises(NotVisible):
        world.slip(near)


def test_a_wrong_digit_is_refused_before_anything_is_asked(world: World, django_assert_num_queries) -> None:
    number = world.slip(world.volunteer(100)).number
    wrong = number[:3] + str((int(number[3]) + 1) % 10) + number[4:]
    swapped = next(
        number[:i] + number[i + 1] + number[i] + number[i + 2 :]
        for i in range(10)
        if number[i] != number[i + 1]
    )
    clerk = world.clerk
    for text in (wrong, swapped, number[:-1], number + "1", "", "１２３", "-5", "1e9", "0" * 400):
        with (
            django_assert_num_queries(0),
            pytest.raises(RuleViolation, match="编号不对"),
        ):
            offer_slip(actor=clerk, number=text)
    spaced = f" {number[:4]} {number[4:7]} {number[7:]} "
    assert offer_slip(actor=world.clerk, number=f"https://x/merchant/?n={number}").number == number
    assert offer_slip(actor=world.clerk, number=spaced).number == number


def test_who_may_offer_and_confirm(world: World) -> None:
    volunteer, other = world.volunteer(100), world.volunteer(100)
    slip = world.slip(volunteer)
    with pytest.raises(RuleViolation, match="商户还没有确认"):
        confirm_slip(actor=world.of(volunteer), number=slip.number)
    for stranger in (world.of(other), world.actor("property"), world.actor("outsider")):
        with pytest.raises(NotVisible):
            offer_slip(actor=stranger, number=slip.number)
    for seeing in (world.actor("secretary"), world.of(volunteer)):
        with pytest.raises(NotAllowed):
            offer_slip(actor=seeing, number=slip.number)
    offer_slip(actor=world.clerk, number=slip.number)
    with pytest.raises(NotAllowed):
        confirm_slip(actor=world.clerk, number=slip.number)
    with pytest.raises(Conflict, match="另一位同事"):
        offer_slip(actor=world.second_clerk(), number=slip.number)
    take_offer_back(actor=world.of(volunteer), number=slip.number)
    assert state(slip) == "held"


def test_a_clerk_never_serves_oneself(world: World) -> None:
    clerk = world.district.people["merchant"]
    own = register_volunteers(actor=SYSTEM, volunteers=[NewVolunteer(person_id=clerk.pk, place_code=ONE)])[0]
    give(own, 100)
    slip = make_slip(actor=world.clerk, item_id=world.bread.pk, key=uuid.uuid4())
    with pytest.raises(NotAllowed, match="自己的小票"):
        offer_slip(actor=world.clerk, number=slip.number)
    offer_slip(actor=world.second_clerk(), number=slip.number)
    assert confirm_slip(actor=world.clerk, number=slip.number).state == "handed"
    with pytest.raises(NotAllowed, match="自己的小票"):
        void_slip(actor=world.clerk, number=slip.number, reason="错了")


def test_an_offer_lapses_after_its_minutes(world: World) -> None:
    volunteer = world.volunteer(100)
    slip = world.slip(volunteer)
    with clock.fixed(at(TODAY, 12, 0)):
        offer_slip(actor=world.clerk, number=slip.number)
    with clock.fixed(at(TODAY, 12, 10)):
        with pytest.raises(RuleViolation, match="超过时间"):
            confirm_slip(actor=world.of(volunteer), number=slip.number)
        offer_slip(actor=world.second_clerk(), number=slip.number)  # lapsed, though no job has run
    with clock.fixed(at(TODAY, 12, 19)):
        assert end_slips() == 0
    with clock.fixed(at(TODAY, 12, 20)):
        assert end_slips() == 1 and end_slips() == 0
    assert state(slip) == "held" and balance(volunteer.points_id) == 70


def test_unused_slips_give_everything_back_once(world: World, django_assert_max_num_queries) -> None:
    volunteers = world.more(30, 100)
    slips = [world.slip(volunteer) for volunteer in volunteers]
    with clock.fixed(at(TODAY + dt.timedelta(days=14), 23)):
        assert end_slips() == 0
    with clock.fixed(at(TODAY + dt.timedelta(days=15), 1)):
        with pytest.raises(RuleViolation, match="已过期"):
            offer_slip(actor=world.clerk, number=slips[0].number)
        with django_assert_max_num_queries(40):
            assert end_slips() == 30
        assert end_slips() == 0
    assert {balance(each.points_id) for each in volunteers} == {100}
    assert world.left(world.bread) == (100, 0) and world.money == (1_000_000, 0, 0)
    assert set(Slip.objects.values_list("state", flat=True)) == {"expired"}


def test_points_come_back_with_the_day_they_end(world: World) -> None:
    soon, late = TODAY + dt.timedelta(days=60), TODAY + dt.timedelta(days=300)
    volunteer = world.volunteer(20, soon)
    give(volunteer, 20, late)
    give(volunteer, 20)
    slip = world.slip(volunteer)  # 20 that end soon, 10 of those that end late
    assert [(each.amount, each.day) for each in endings(volunteer.points_id)] == [(10, late)]
    give_slip_up(actor=world.of(volunteer), number=slip.number)
    assert [(each.amount, each.day) for each in endings(volunteer.points_id)] == [(20, soon), (20, late)]
    assert balance(volunteer.points_id) == 60


def test_points_whose_day_is_over_buy_nothing(world: World) -> None:
    volunteer = world.volunteer(30, TODAY)
    with pytest.raises(RuleViolation, match="您有 0 分"):
        world.slip(volunteer)


def test_a_handed_slip_is_voided_within_its_days_with_a_reason(world: World) -> None:
    volunteer = world.volunteer(100)
    slip = world.handed(volunteer)
    with pytest.raises(NotAllowed):
        void_slip(actor=world.of(volunteer), number=slip.number, reason="不想要了")
    with pytest.raises(RuleViolation, match="写明作废的原因"):
        void_slip(actor=world.actor("secretary"), number=slip.number, reason="  ")
    with (
        clock.fixed(TODAY + dt.timedelta(days=8)),
        pytest.raises(RuleViolation, match="到 2026-06-22 为止"),
    ):
        void_slip(actor=world.actor("secretary"), number=slip.number, reason="坏的")
    with clock.fixed(TODAY + dt.timedelta(days=7)):
        void_slip(actor=world.actor("secretary"), number=slip.number, reason="坏的")
    assert held(world, volunteer) == (100, (100, 0), (1_000_000, 0, 0))
    with pytest.raises(RuleViolation, match="只有已兑换的"):
        void_slip(actor=world.actor("secretary"), number=slip.number, reason="坏的")


def test_who_offered_a_slip_does_not_void_it(world: World) -> None:
    volunteer = world.volunteer(100)
    slip = world.handed(volunteer)
    with pytest.raises(NotAllowed, match="另一位同事"):
        void_slip(actor=world.clerk, number=slip.number, reason="坏的")
    assert balance(volunteer.points_id) == 70
    void_slip(actor=world.second_clerk(), number=slip.number, reason="坏的")
    assert balance(volunteer.points_id) == 100


def test_nothing_is_had_of_a_merchant_whose_agreement_does_not_hold(world: World) -> None:
    volunteer = world.volunteer(100)
    slip = world.slip(volunteer)
    Partner.objects.update(valid_to=TODAY)
    assert [offer.item for offer in shop(volunteer).offers] == [world.soap]
    with pytest.raises(NotVisible, match="下架"):
        world.slip(world.volunteer(100))
    offer_slip(actor=world.clerk, number=slip.number)  # what was promised is kept
    confirm_slip(actor=world.of(volunteer), number=slip.number)
    Partner.objects.update(valid_to=TODAY + dt.timedelta(days=1))
    assert {offer.item for offer in shop(volunteer).offers} == {world.bread, world.soap}


def test_an_item_of_the_desk_is_there_once(world: World) -> None:
    with pytest.raises(RuleViolation, match="已经有同名"):
        world.item("香皂", 25, 0, merchant=False)
    world.item("香皂", 25, 0)  # of a merchant it is another one


def test_two_officers_hand_to_a_card(world: World) -> None:
    volunteer, code = world.volunteer(100), new_card_code()
    Volunteer.objects.filter(pk=volunteer.pk).update(card_index=card_index(code))
    first, second = world.actor("secretary"), world.actor("deputy")
    with pytest.raises(NotVisible, match="没有这张卡"):
        make_slip_by_card(actor=first, item_id=world.soap.pk, key=uuid.uuid4(), card=new_card_code())
    with pytest.raises(NotVisible, match="没有这张卡"):
        make_slip_by_card(actor=world.actor("outsider"), item_id=world.soap.pk, key=uuid.uuid4(), card=code)
    typed = f"{code[:4]} {code[4:8]}-{code[8:]}".lower()
    slip = make_slip_by_card(actor=first, item_id=world.soap.pk, key=uuid.uuid4(), card=typed)
    assert slip.state == "offered" and slip.card
    with pytest.raises(NotAllowed, match="另一位工作人员"):
        hand_by_card(actor=first, number=slip.number, card=code)
    with pytest.raises(RuleViolation, match="卡号和小票对不上"):
        hand_by_card(actor=second, number=slip.number, card=new_card_code())
    hand_by_card(actor=second, number=slip.number, card=code)
    done = hand_by_card(actor=second, number=slip.number, card=code)
    assert done.state == "handed" and done.card and balance(volunteer.points_id) == 80


@pytest.mark.parametrize("value", [-1, 0, 1.5, True, "3", 10**15, 10**30])
def test_amounts_that_are_none(world: World, value) -> None:
    make = services_programmes
    for act in (
        lambda: make.add_fund(
            actor=SYSTEM, programme_id=world.programme.pk, fen=value, source="a", document="b", day=TODAY,
            key=uuid.uuid4(),
        ),
        lambda: make.deliver(actor=SYSTEM, item_id=world.bread.pk, pieces=value, day=TODAY, key=uuid.uuid4()),
        lambda: make.write_off(actor=SYSTEM, item_id=world.bread.pk, pieces=value, reason="坏", key=uuid.uuid4()),
        lambda: make.create_item(
            actor=SYSTEM, programme_id=world.programme.pk, data=replace(item_data(world), points=value)
        ),
        lambda: make.create_item(
            actor=SYSTEM, programme_id=world.programme.pk, data=replace(item_data(world), most=value)
        ),
    ):  # fmt: skip
        with pytest.raises(RuleViolation, match="整数"):
            act()
    assert world.left(world.bread) == (100, 0) and world.money == (1_000_000, 0, 0)
