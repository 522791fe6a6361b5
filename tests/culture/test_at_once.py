"""Several at the same moment: the last fen, one voucher, one plan, one picture, one opinion."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from doorstep.kernel.ledger.models import Transaction
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.modules.culture import services, services_feedback, services_money, services_pictures
from doorstep.modules.culture.models import Cost, Event, Feedback, Picture
from tests.culture.world import TODAY, World, build, held, new_event, plan, purse
from tests.matters.uploads import photo, upload

TIMES = 6


@pytest.fixture
def world(fresh_database: str) -> World:
    return build()


def together(act: Callable[[int], Any], times: int = TIMES) -> list[Any]:
    """What each of several threads got: a value, or the refusal."""
    gate, found = threading.Barrier(times), []

    def run(number: int) -> None:
        try:
            gate.wait(timeout=20)
            with clock.fixed(TODAY):
                found.append(act(number))
        except Exception as trouble:
            found.append(trouble)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


def test_the_last_fen_is_spent_once(world: World) -> None:
    event, money = plan(world), purse(world, 1)
    actors = [world.actor("secretary"), world.actor("deputy")]
    found = together(
        lambda number: services_money.spend(
            actor=actors[number % 2],
            event_id=event.pk,
            purse_id=money.pk,
            what="糖",
            fen=1,
            voucher=f"演凭{number}",
            day=TODAY,
        )
    )
    assert sum(isinstance(each, Cost) for each in found) == 1
    refused = [each for each in found if not isinstance(each, Cost)]
    assert all(isinstance(each, RuleViolation) and each.field == "fen" for each in refused), refused
    assert (Cost.objects.count(), balance(money.account_id)) == (1, 0)
    assert Transaction.objects.filter(kind="spend").count() == 1


def test_what_is_there_is_spent_by_everybody(world: World) -> None:
    """Nobody is refused because another was quicker."""
    event, money = plan(world), purse(world, 600)
    actor = world.actor("secretary")
    found = together(
        lambda number: services_money.spend(
            actor=actor,
            event_id=event.pk,
            purse_id=money.pk,
            what="糖",
            fen=100,
            voucher=f"演凭{number}",
            day=TODAY,
        )
    )
    assert all(isinstance(each, Cost) for each in found), found
    assert balance(money.account_id) == 0


def test_one_voucher_is_booked_once(world: World) -> None:
    event, money = plan(world), purse(world, 600)
    actor = world.actor("secretary")
    found = together(
        lambda number: services_money.spend(
            actor=actor, event_id=event.pk, purse_id=money.pk, what="糖", fen=100, voucher="演凭1", day=TODAY
        )
    )
    assert sum(isinstance(each, Conflict) for each in found) == TIMES - 1
    assert (Cost.objects.count(), balance(money.account_id)) == (1, 500)


def test_a_cost_is_taken_back_once(world: World) -> None:
    event, money = plan(world), purse(world, 600)
    actor = world.actor("secretary")
    cost = services_money.spend(
        actor=actor, event_id=event.pk, purse_id=money.pk, what="糖", fen=100, voucher="演凭1", day=TODAY
    )
    found = together(lambda number: services_money.take_back(actor=actor, cost_id=cost.pk, reason="填错"))
    assert sum(isinstance(each, Conflict) for each in found) == TIMES - 1
    assert balance(money.account_id) == 600


def test_one_plan_one_picture_one_opinion(world: World) -> None:
    actor, key, new = world.actor("secretary"), uuid.uuid4(), new_event(world)
    found = together(lambda number: services.plan_event(actor=actor, new=new, key=key).pk)
    assert found == [Event.objects.get().pk] * TIMES
    session = held(world)
    content = photo()
    found = together(
        lambda number: (
            services_pictures.add_picture(
                actor=actor, session_id=session.pk, upload=upload("a.jpg", content)
            ).pk
        ),
        times=4,
    )
    assert found == [Picture.objects.get().pk] * 4
    resident = world.actor("resident")
    found = together(
        lambda number: services_feedback.give_feedback(
            actor=resident, session_id=session.pk, grade=1 + number % 2, was_there=True
        )
    )
    assert Feedback.objects.count() == 1
    assert {type(each) for each in found} <= {Feedback, Conflict}
