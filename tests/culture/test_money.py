"""Money of events: nothing is spent that is not there, a cost is taken back by a reversal, closed days take no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.ledger.models import Transaction
from doorstep.kernel.ledger.selectors import balance, lines
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, Refused, RuleViolation
from doorstep.modules.culture import rules, selectors, services_money
from doorstep.modules.culture.models import Cost, Event, Purse
from tests.culture.world import DAY, ONE, STREET, TODAY, World, held, plan, purse
from tests.sign_in import client_of


def spend(
    world: World, event: Event, from_purse: Purse, fen: Any = 500, who: str = "secretary", **more: Any
) -> Cost:
    given = {"what": "食材", "voucher": "演凭1", "day": TODAY}
    return services_money.spend(
        actor=world.actor(who), event_id=event.pk, purse_id=from_purse.pk, fen=fen, **(given | more)
    )


def test_a_cost_leaves_the_purse(world: World) -> None:
    event, money = plan(world), purse(world, 10_000)
    cost = spend(world, event, money, 2_345)
    assert balance(money.account_id) == 7_655
    booked = Transaction.objects.get(pk=cost.booking)
    assert (booked.kind, booked.about, booked.place_code, booked.day) == (
        "spend",
        f"cost:{cost.pk}",
        ONE,
        TODAY,
    )
    assert [line.amount for line in lines(money.account_id)] == [-2_345, 10_000]
    (line,) = selectors.purses_for(world.actor("secretary"), ONE)
    assert (line.left, line.words) == (7_655, "76.55")


def test_more_than_is_left_is_refused_in_words(world: World) -> None:
    event, money = plan(world), purse(world, 10_000)
    with pytest.raises(RuleViolation) as refused:
        spend(world, event, money, 10_001)
    assert refused.value.field == "fen" and "100.01" in str(refused.value.message)
    assert not Cost.objects.exists() and balance(money.account_id) == 10_000
    assert not Entry.objects.filter(action="culture.spent").exists()
    spend(world, event, money, 10_000)
    assert balance(money.account_id) == 0


@pytest.mark.parametrize("fen", [0, -1, 1.5, True, "100", Decimal(5), None, 10**11 + 1, 10**30])
def test_what_is_no_amount_is_refused(world: World, fen: Any) -> None:
    event, money = plan(world), purse(world, 10_000)
    with pytest.raises(RuleViolation) as refused:
        spend(world, event, money, fen)
    assert refused.value.field == "fen"
    with pytest.raises(RuleViolation):
        services_money.grant(
            actor=world.actor("street"),
            purse_id=money.pk,
            fen=fen,
            source="区财政",
            document="演财2号",
            day=TODAY,
        )
    assert not Cost.objects.exists() and balance(money.account_id) == 10_000


@pytest.mark.parametrize("yuan", ["0.001", "1.999", "NaN", "Infinity", "1E+400"])
def test_parts_of_a_fen_are_no_money(yuan: str) -> None:
    with pytest.raises(ValueError):
        rules.fen_of(Decimal(yuan))


def test_yuan_and_fen() -> None:
    assert rules.fen_of(Decimal("1234.5")) == 123_450 and rules.fen_of(Decimal("1E+3")) == 100_000
    assert [rules.yuan_words(fen) for fen in (0, 5, 100, 123_456, -250)] == [
        "0",
        "0.05",
        "1",
        "1,234.56",
        "-2.50",
    ]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"what": ""}, "what"), ({"what": "物" * 20_000}, "what"), ({"voucher": " "}, "voucher"),
        ({"voucher": "凭" * 81}, "voucher"), ({"day": TODAY + DAY}, "day"), ({"day": dt.date(2025, 12, 31)}, "day"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_at_its_field(world: World, more: dict[str, Any], field: str) -> None:
    event, money = plan(world), purse(world, 10_000)
    with pytest.raises(RuleViolation) as refused:
        spend(world, event, money, **more)
    assert refused.value.field == field and balance(money.account_id) == 10_000


def test_a_voucher_is_entered_once_and_again_after_it_was_taken_back(world: World) -> None:
    event, money = plan(world), purse(world, 10_000)
    cost = spend(world, event, money)
    with pytest.raises(Conflict) as refused:
        spend(world, event, money)
    assert refused.value.field == "voucher" and balance(money.account_id) == 9_500
    actor = world.actor("secretary")
    back = services_money.take_back(actor=actor, cost_id=cost.pk, reason="填错了")
    assert back.taken_back_at is not None and balance(money.account_id) == 10_000
    with pytest.raises(Conflict):
        services_money.take_back(actor=actor, cost_id=cost.pk, reason="再来")
    assert Transaction.objects.filter(reverses_id=cost.booking).count() == 1
    spend(world, event, money)
    assert balance(money.account_id) == 9_500


def test_a_closed_month_takes_no_more(world: World) -> None:
    event, money = plan(world), purse(world, 10_000)
    services_money.close_days(actor=world.actor("district"), day=dt.date(2026, 5, 31))
    with pytest.raises(RuleViolation) as refused:
        spend(world, event, money, day=dt.date(2026, 5, 31))
    assert refused.value.field == "day" and "结账" in str(refused.value.message)
    assert not Cost.objects.exists()
    assert spend(world, event, money, day=dt.date(2026, 6, 1))
    for who in ("street", "secretary"):
        with pytest.raises((NotVisible, NotAllowed)):
            services_money.close_days(actor=world.actor(who), day=dt.date(2026, 6, 1))


def test_days_are_closed_on_a_page_of_the_district(world: World, settings: Any) -> None:
    settings.HOME_PLACE = "210202"
    desk = client_of(world.accounts["district"])
    assert "/desk/culture/close/" in desk.get("/desk/r/culture.costs/").content.decode()
    page = desk.get("/desk/culture/close/").content.decode()
    assert 'value="2026-05-31"' in page and "还没有结过账" in page
    refused = desk.post("/desk/culture/close/", {"day": "2026-06-15"})
    assert refused.status_code == 422 and "只能结到今天以前" in refused.content.decode()
    done = desk.post("/desk/culture/close/", {"day": "2026-05-31"}, follow=True).content.decode()
    assert "已结账" in done and "现在结到 2026-05-31" in desk.get("/desk/culture/close/").content.decode()
    assert desk.post("/desk/culture/close/", {"day": "2026-04-30"}).status_code == 422
    others = {who: client_of(world.accounts[who]) for who in ("street", "secretary", "resident")}
    for other in others.values():
        assert other.get("/desk/culture/close/").status_code == 404
        assert other.post("/desk/culture/close/", {"day": "2026-06-01"}).status_code == 404
    assert "/desk/culture/close/" not in others["street"].get("/desk/r/culture.costs/").content.decode()


def test_a_wider_purse_pays_for_smaller_places_by_who_keeps_it(world: World) -> None:
    event, money = plan(world), purse(world, 10_000, place=STREET)
    with pytest.raises(NotVisible):
        spend(world, event, money)
    cost = spend(world, event, money, who="street")
    assert (cost.place_code, cost.purse.place_code) == (ONE, STREET)
    with pytest.raises((NotVisible, NotAllowed)):
        services_money.take_back(actor=world.actor("secretary"), cost_id=cost.pk, reason="不是我的")


def test_a_purse_pays_for_its_own_places_alone(world: World) -> None:
    money = purse(world, 10_000)
    there = Event.objects.get(activity=held(world, place_code="210202006001").activity_id)
    with pytest.raises(RuleViolation) as refused:
        spend(world, there, money, who="district")
    assert refused.value.field == "purse"


@pytest.mark.parametrize(
    ("who", "error"), [("worker", NotVisible), ("outsider", NotVisible), ("resident", NotVisible)]
)
def test_who_may_not_spend(world: World, who: str, error: type[Refused]) -> None:
    event, money = plan(world), purse(world, 10_000)
    with pytest.raises(error):
        spend(world, event, money, who=who)
    for act in (lambda: purse(world, who=who, name="另一笔"), lambda: services_money.end_purse(
        actor=world.actor(who), purse_id=money.pk, ended_on=TODAY)):  # fmt: skip
        with pytest.raises((NotVisible, NotAllowed)):
            act()


def test_money_comes_by_street_and_district_once_for_a_document(world: World) -> None:
    money = purse(world, 10_000)
    with pytest.raises(NotAllowed):
        services_money.grant(
            actor=world.actor("secretary"), purse_id=money.pk, fen=1, source="捐助", document="1", day=TODAY
        )
    with pytest.raises(Conflict) as refused:
        services_money.grant(
            actor=world.actor("street"),
            purse_id=money.pk,
            fen=10_000,
            source="区财政",
            document="演财〔2026〕1号",
            day=TODAY,
        )
    assert refused.value.field == "document" and balance(money.account_id) == 10_000
    with pytest.raises(Conflict):
        purse(world)


def test_an_ended_purse_pays_no_more(world: World) -> None:
    event, money = plan(world), purse(world, 10_000)
    services_money.end_purse(actor=world.actor("street"), purse_id=money.pk, ended_on=TODAY)
    with pytest.raises(RuleViolation) as refused:
        spend(world, event, money)
    assert refused.value.field == "day"
    assert spend(world, event, money, day=TODAY - DAY)


def test_purses_cost_the_same_queries_however_many(
    world: World, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(3):
        purse(world, 100, name=f"经费{number}")
    actor = world.actor("secretary")
    with django_assert_num_queries(2, connection=connection):
        assert len(selectors.purses_for(actor, ONE)) == 3
