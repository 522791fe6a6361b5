"""The same actions from several connections at once: none lost, none doubled, and who is late is told."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from doorstep.kernel.matters.models import History, Matter
from doorstep.surfaces.patrol.actions import Action, Outcome, perform
from doorstep.surfaces.patrol.models import SentAction
from tests.patrol import world
from tests.patrol.world import GRID, reported


@pytest.fixture
def members(fresh_database, clock_fixed):
    return world.build()


def at_once(*acts: Callable[[], Outcome]) -> list[Outcome]:
    results: list[Outcome | BaseException] = []
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Outcome]) -> None:
        try:
            gate.wait(20)
            results.append(act())
        except BaseException as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(isinstance(result, Outcome) for result in results), results
    return results  # type: ignore[return-value]  # just asserted


def step(matter: Matter, name: str = "accept", **more: object) -> Action:
    given = {"key": uuid.uuid4(), "fields": {f"{name}-version": "1"}} | more
    return Action(name=name, number=matter.number, **given)  # type: ignore[arg-type]  # as given


def test_one_action_sent_eight_times_at_once_is_done_once(members):
    matter = reported(members)
    actor, accept = members["grid_worker"].actor, step(matter)
    results = at_once(*[lambda: perform(actor=actor, action=accept)] * 8)
    assert len(results) == 8 and set(results) == {results[0]} and results[0].state == "done"
    assert History.objects.filter(matter=matter, name="accept").count() == 1
    assert SentAction.objects.count() == 1


def test_one_record_sent_eight_times_at_once_is_one_matter(members):
    actor = members["grid_worker"].actor
    fields = {"text": "楼道堆了纸箱", "place": GRID, "note": "清走了", "how": "settled"}
    record = Action(key=uuid.uuid4(), name="record", fields=fields)
    results = at_once(*[lambda: perform(actor=actor, action=record)] * 8)
    assert {result.state for result in results} == {"done"} and len(
        {result.number for result in results}
    ) == 1
    assert Matter.objects.count() == 1 and History.objects.count() == 2


def test_two_workers_accept_the_same_matter_and_one_is_told_who_did(members):
    matter = reported(members)
    acts = [
        lambda actor=members[role].actor: perform(actor=actor, action=step(matter))
        for role in ("grid_worker", "colleague")
    ]
    results = at_once(*acts)
    assert Counter(result.state for result in results) == {"done": 1, "conflict": 1}
    late = next(result for result in results if result.state == "conflict")
    winner = Matter.objects.get(pk=matter.pk).handler
    assert winner is not None and winner.name in late.message
    assert History.objects.filter(matter=matter, name="accept").count() == 1


def test_a_chain_sent_by_two_pages_at_once_is_done_once_in_its_order(members):
    actor = members["grid_worker"].actor
    for _round in range(5):
        matter = reported(members)
        accept = step(matter)
        handle = step(
            matter, "handle", follows=accept.key, fields={"handle-version": "1", "handle-note": "换了灯泡"}
        )

        def drain(chain: tuple[Action, ...] = (accept, handle)) -> Outcome:
            for action in chain:
                outcome = perform(actor=actor, action=action)
                assert outcome.state == "done", outcome
            return outcome

        at_once(drain, drain)
        names = list(History.objects.filter(matter=matter).order_by("number").values_list("name", flat=True))
        assert names == ["open", "accept", "handle"]
