"""Several at once, each on a connection of its own: one wins and the others are told; none lost, none doubled."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import DatabaseError, connection, transaction
from django_tasks_db.models import DBTaskResult

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters import services, sweep
from doorstep.kernel.matters.models import Deadline, ExtensionRequest, History, Matter
from doorstep.kernel.matters.models_deadlines import CalendarYear, TimeLimit
from doorstep.kernel.matters.services_calendar import import_year, settle_counted_in
from doorstep.kernel.matters.services_deadlines import ask_extension, decline_extension, grant_extension
from doorstep.kernel.matters.services_past import bring_past
from doorstep.kernel.matters.services_terms import set_term
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from tests.matters import world as making
from tests.matters.past import past
from tests.matters.test_calendar import list_of
from tests.matters.world import UNTIL, opened, step
from tests.organisations.world import GRID

TODAY = dt.date(2026, 6, 15)


@pytest.fixture
def world(fresh_database):
    with clock.fixed(TODAY):
        yield making.build()


def at_once(*acts, on=TODAY):
    """What each act gives or is refused with, begun together on threads with connections of their own."""
    results = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(number):
        try:
            with clock.fixed(on):
                gate.wait(20)
                results[number] = acts[number]()
        except (Refused, DatabaseError) as refusal:
            results[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def whole(matter):
    """The matter's version is the last of its history, which has each number once."""
    numbers = list(History.objects.filter(matter=matter).order_by("number").values_list("number", flat=True))
    found = Matter.objects.get(pk=matter.pk)
    assert numbers == list(range(1, found.version + 1))
    entries = Entry.objects.filter(target="matters.matter", target_id=str(matter.pk)).count()
    assert entries == found.version
    return found


@pytest.mark.parametrize("sees_version", [True, False])
def test_two_workers_accept_the_same_matter(world, sees_version):
    for _round in range(5):
        matter = opened(world)
        acts = [
            lambda who=who, matter=matter: services.apply_transition(
                actor=world[who], matter_id=matter.pk, name="accept",
                expected_version=1 if sees_version else None,
            )
            for who in ("worker", "second_worker")
        ]  # fmt: skip
        results = at_once(*acts)
        won = [result for result in results if isinstance(result, Matter)]
        lost = [str(result) for result in results if isinstance(result, Refused)]
        assert len(won) == len(lost) == 1, results
        winner = won[0].handler_id
        found = whole(matter)
        assert (found.version, found.handler_id) == (2, winner)
        name = "worker" if winner == world.people["worker"].pk else "second_worker"
        expected = f"演示{name} 刚刚办了「接办」" if sees_version else "现在是「办理中」，不能「接办」"
        assert expected in lost[0]


def test_eight_on_different_matters(world):
    matters = [opened(world) for _number in range(8)]

    def act(matter):
        for name, note in (("accept", "来"), ("suspend", "等"), ("resume", ""), ("handle", "好")):
            step(world, "worker", matter, name, note=note, until=UNTIL)
        return step(world, "community", matter, "verify", note="好")

    results = at_once(*(lambda matter=matter: act(matter) for matter in matters))
    assert [getattr(result, "state", result) for result in results] == ["closed"] * 8
    assert {whole(matter).version for matter in matters} == {6}


def test_eight_on_one_matter_none_lost_none_doubled(world):
    matter = opened(world)
    step(world, "worker", matter, "accept")
    people = [world.people["worker"].pk, world.people["second_worker"].pk]

    def act(number):
        for time in range(10):
            step(world, "community", matter, "hand_over", person_id=people[(number + time) % 2])
        return "done"

    assert at_once(*(lambda number=number: act(number) for number in range(8))) == ["done"] * 8
    assert whole(matter).version == 2 + 80


def test_bulk_steps_that_cross_each_other(world):
    ids = [opened(world).pk for _number in range(20)]
    inputs = services.Inputs(unit_id=world.department.pk)
    acts = [
        lambda chosen=chosen: services.apply_transitions(
            actor=world["street"], matter_ids=chosen, name="dispatch", inputs=inputs
        )
        for chosen in (ids, ids[::-1], ids[5:15])
    ]
    results = at_once(*acts)
    assert sum(isinstance(result, list) for result in results) >= 1
    assert all(isinstance(result, list | Refused) for result in results), "no deadlock, no error"
    assert History.objects.filter(name="dispatch").count() in (20, 10)


def test_one_report_sent_eight_times_is_opened_once(world):
    key = uuid.uuid4()
    new = services.NewMatter(
        kind="request", place_code=GRID, title="楼道灯不亮", source="phone", key=key,
        reporter_id=world.people["resident"].pk, holder_id=world.committee.pk,
    )  # fmt: skip
    results = at_once(*[lambda: services.open_matter(actor=world["resident"], new=new)] * 8)
    assert sorted(result.is_new for result in results) == [False] * 7 + [True]
    whole(Matter.objects.get(key=key))


def test_a_step_whose_connection_is_killed_leaves_nothing(world):
    matter = opened(world)
    taken, killed = threading.Event(), threading.Event()
    outcome = []

    def act():
        try:
            with clock.fixed(TODAY), transaction.atomic():
                step(world, "worker", matter, "accept")
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    outcome.append(cursor.fetchone()[0])
                taken.set()
                killed.wait(20)
                History.objects.count()
        except DatabaseError as error:
            outcome.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=act)
    thread.start()
    assert taken.wait(20)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [outcome[0]])
    killed.set()
    thread.join(20)
    assert isinstance(outcome[1], DatabaseError)
    assert whole(matter).version == 1
    assert step(world, "second_worker", matter, "accept").handler_id == world.people["second_worker"].pk
    whole(matter)


def test_two_sweeps_tell_each_breach_once(world):
    matters = [opened(world) for _number in range(30)]
    at_once(sweep.sweep, sweep.sweep, sweep.sweep, on=dt.date(2026, 6, 23))
    with clock.fixed(dt.date(2026, 6, 23)):
        sweep.sweep()  # what the others had locked
    assert History.objects.filter(name="overdue").count() == 30
    assert {whole(matter).escalation for matter in matters} == {1}
    assert not Deadline.objects.filter(breached_at__isnull=True).exists()


def test_the_sweep_passes_over_what_is_being_worked_on(world):
    busy, idle = opened(world), opened(world)
    with clock.fixed(dt.date(2026, 6, 23)), transaction.atomic():
        step(world, "worker", busy, "accept")
        at_once(sweep.sweep, on=dt.date(2026, 6, 23))
    assert whole(idle).escalation == 1
    assert not History.objects.filter(matter=busy, name="overdue").exists()
    with clock.fixed(dt.date(2026, 6, 23)):
        sweep.sweep()
    assert whole(busy).escalation == 1


def test_two_officers_import_the_same_year(world):
    def act():
        return import_year(actor=world["district"], year=2027, document="演示", rows=list_of())

    results = at_once(act, act)
    assert sorted(results) == [False, True]
    assert CalendarYear.objects.get().days.count() == len(
        [row for row in list_of() if row.is_working != (row.day.weekday() < 5)]
    )


def test_an_import_cut_off_goes_on_where_it_stopped(world, monkeypatch):
    monkeypatch.setattr("doorstep.kernel.matters.services_past.PORTION", 20)

    def cut_off():
        for number in range(1, 50):
            if number == 35:
                raise ConnectionError("the file server went away")
            yield past(world, number)

    with pytest.raises(ConnectionError):
        bring_past(actor=world["street"], cases=cut_off())
    assert Matter.objects.count() == 20
    outcome = bring_past(actor=world["street"], cases=(past(world, number) for number in range(1, 50)))
    assert (outcome.added, outcome.known, outcome.problems) == (29, 20, [])
    for matter in Matter.objects.all():
        whole(matter)


def test_two_imports_of_the_same_list_at_once(world):
    def act():
        outcome = bring_past(actor=world["street"], cases=[past(world, number) for number in range(1, 30)])
        return outcome.added + outcome.known

    assert at_once(act, act) == [29, 29]
    assert Matter.objects.count() == 29


def test_a_settlement_that_is_killed_goes_on_and_settles_each_once(world, monkeypatch):
    monkeypatch.setattr("doorstep.kernel.matters.services_calendar.CHUNK", 2)
    december = dt.date(2026, 12, 30)
    with clock.fixed(december):
        matters = [opened(world, urgency="urgent") for _number in range(5)]
        import_year(actor=world["district"], year=2027, document="演示", rows=list_of())
    assert [row.task_path.rpartition(".")[2] for row in DBTaskResult.objects.all()] == ["settle_year"]
    told, killed = [], threading.Event()

    def settle():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            told.append(cursor.fetchone()[0])
        return settle_counted_in(2027)

    def kill():
        while not told or not waits_for_a_lock(told[0]):
            killed.wait(0.05)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [told[0]])
        return True

    with transaction.atomic():
        Matter.objects.select_for_update().get(pk=matters[3].pk)  # holds the second portion up
        results = at_once(settle, kill, on=december)
    assert isinstance(results[0], DatabaseError) and results[1] is True
    assert History.objects.filter(name="settle").count() == 2
    with clock.fixed(december):
        assert (settle_counted_in(2027), settle_counted_in(2027)) == (3, 0)
    assert History.objects.filter(name="settle").count() == 5
    assert not Deadline.objects.filter(provisional=True).exists()
    for matter in matters:
        whole(matter)


def waits_for_a_lock(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [pid])
        row = cursor.fetchone()
    return row is not None and row[0] == "Lock"


@pytest.mark.parametrize(("promise", "before"), [("resolve", 1), ("escalate", 0)])
def test_two_officers_change_the_same_term(world, promise, before):
    def act(amount):
        return set_term(
            actor=world["district"], kind="request", promise=promise, amount=amount, measure="hours",
            valid_from=TODAY, clause="演示新规",
        )  # fmt: skip

    results = at_once(lambda: act(3), lambda: act(4))
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "TimeLimit"]
    rows = TimeLimit.objects.filter(kind="request", clock=promise, urgency="", category="")
    versions = list(rows.order_by("version").values_list("version", "valid_to"))
    assert versions == [(1, TODAY), (2, None)] if before else [(1, None)]


def test_two_ask_for_more_time_and_two_answer(world):
    for _round in range(3):
        matter = opened(world)
        step(world, "worker", matter, "accept")
        asks = [
            lambda who=who, matter=matter: ask_extension(
                actor=world[who], matter_id=matter.pk, due_day=dt.date(2026, 7, 10), reason="等配件"
            )
            for who in ("worker", "second_worker")
        ]
        results = at_once(*asks)
        assert sum(isinstance(each, ExtensionRequest) for each in results) == 1, results
        grant, decline = at_once(
            lambda matter=matter: grant_extension(
                actor=world["street"], matter_id=matter.pk, explanation="可以"
            ),
            lambda matter=matter: decline_extension(
                actor=world["community"], matter_id=matter.pk, reason="不必"
            ),
        )
        assert isinstance(grant, Matter) != isinstance(decline, Matter), (grant, decline)
        row = ExtensionRequest.objects.get(matter=matter)
        assert row.granted is isinstance(grant, Matter)
        assert (Deadline.objects.get(matter=matter, clock="resolve").extended_to is not None) is row.granted
