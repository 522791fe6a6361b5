"""Events of the past: an office's own list, and hundreds at once for the platform, with their money."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.db import connection

from doorstep.kernel.activities.models import Session
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.ledger.models import Transaction
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.ledger.services import NotEnough
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.culture.models import Cost, Event, Feedback
from doorstep.modules.culture.services_past import PastCost, PastFeedback, bring_events, enter_past_event
from tests.culture.world import DAY, SYSTEM, TODAY, World, past, purse


def many(world: World, money: int, count: int) -> list[Any]:
    return [
        past(
            world, day=TODAY - (1 + number % 160) * DAY, head_count=30 + number, hosts="演示合唱团",
            costs=[PastCost(purse_id=money, what="食材", fen=100 + number, voucher=f"演凭{number}")],
            feedback=[PastFeedback(person_id=world.people["resident"].pk, grade=5, words="好")],
        )
        for number in range(count)
    ]  # fmt: skip


def test_hundreds_at_once_and_again_nothing(
    world: World, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    money = purse(world, 1_000_000)
    cases = many(world, money.pk, 700)
    with django_assert_max_num_queries(40, connection=connection):
        sessions = bring_events(actor=SYSTEM, events=cases)
    spent = sum(100 + number for number in range(700))
    assert (len(sessions), Event.objects.count(), Cost.objects.count(), Feedback.objects.count()) == (
        700,
    ) * 4
    assert balance(money.account_id) == 1_000_000 - spent
    assert Transaction.objects.filter(pk__in=Cost.objects.values("booking")).count() == 700
    assert {row.state for row in sessions.values()} == {"confirmed"}
    audit = Entry.objects.count()
    again = bring_events(actor=SYSTEM, events=cases)
    assert {key: row.pk for key, row in again.items()} == {key: row.pk for key, row in sessions.items()}
    assert (Cost.objects.count(), Entry.objects.count(), balance(money.account_id)) == (
        700,
        audit,
        1_000_000 - spent,
    )
    cost = Cost.objects.select_related("event__activity").first()
    assert cost is not None and cost.day == Session.objects.get(activity=cost.event.activity_id).day


def test_all_or_none(world: World) -> None:
    money = purse(world, 150)
    with pytest.raises(NotEnough) as refused:
        bring_events(actor=SYSTEM, events=many(world, money.pk, 3))
    assert refused.value.place == 1 and not Event.objects.exists() and not Session.objects.exists()
    with pytest.raises(PermissionError):
        bring_events(actor=world.actor("district"), events=many(world, money.pk, 1))


def test_an_office_enters_what_was_held_long_ago(world: World) -> None:
    event = past(world, day=TODAY - 400 * DAY, head_count=120, hosts="演示合唱团")
    session, is_new = enter_past_event(actor=world.actor("secretary"), event=event)
    assert is_new and (session.state, session.head_count) == ("confirmed", 120)
    assert session.confirmed_by_id == world.people["secretary"].pk
    assert Entry.objects.filter(
        action="culture.past_entered", account_id=world.accounts["secretary"].pk
    ).exists()
    again, is_new = enter_past_event(actor=world.actor("secretary"), event=event)
    assert not is_new and again == session and Session.objects.count() == 1
    with pytest.raises(NotVisible):
        enter_past_event(actor=world.actor("outsider"), event=replace(event))
    with pytest.raises(NotAllowed):  # of the organiser's people, but does not keep events there
        enter_past_event(actor=world.actor("worker"), event=past(world))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"head_count": 0}, "head_count"), ({"head_count": 10**6}, "head_count"), ({"head_count": None}, "head_count"),
        ({"day": TODAY}, ""), ({"day": TODAY + DAY}, "head_count"), ({"day": dt.date(1999, 1, 1)}, "day"),
        ({"title": "名" * 20_000}, "title"), ({"category": "x"}, "category"), ({"programme": "节" * 20_000}, "programme"),
    ],
)  # fmt: skip
def test_what_cannot_have_been_is_refused(world: World, changed: dict[str, Any], field: str) -> None:
    act = partial(enter_past_event, actor=world.actor("secretary"), event=past(world, **changed))
    if not field:
        assert act()  # over by now
        return
    with pytest.raises(RuleViolation) as refused:
        act()
    assert refused.value.field == field and not Session.objects.exists()


def test_a_known_key_is_passed_over(world: World) -> None:
    key = uuid.uuid4()
    first = bring_events(actor=SYSTEM, events=[past(world, key=key)])
    assert bring_events(actor=SYSTEM, events=[past(world, key=key), past(world)])[key] == first[key]
    assert Event.objects.count() == 2
