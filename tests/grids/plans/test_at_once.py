"""Two at the same moment, over connections of their own, and workers that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict
from doorstep.launch import databases, jobs
from doorstep.modules.grids import plan_runs, services_plans
from doorstep.modules.grids.models import GridPlan
from tests.grids.plans import world as plans
from tests.grids.plans.test_effect import approved, whole
from tests.grids.plans.test_making import computed, made
from tests.grids.plans.world import ONE, TODAY, Ground

TIMES = 4


@pytest.fixture
def ground(fresh_database: str) -> Ground:
    return plans.build()


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each of several threads got: a value, or the refusal."""
    gate, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(at: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=20)
            with clock.fixed(TODAY):
                found[at] = act()
        except Exception as trouble:
            found[at] = trouble
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at, act)) for at, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return found


def test_of_two_who_move_the_same_plan_one_wins_and_the_other_is_told(ground: Ground) -> None:
    plan = computed(ground)
    labels, version = plan.current.labels, plan.lock_version

    def move(role: str, at: int) -> Callable[[], Any]:
        actor = ground.actor(role)
        wish = {plan.buildings[at]: (labels[at] + 1) % 4}
        return lambda: services_plans.move_buildings(
            actor=actor, plan_id=plan.pk, moved=wish, lock_version=version
        )

    found = together(move("street", 0), move("district", 15))
    lost = [one for one in found if isinstance(one, Conflict)]
    assert len(lost) == 1 and "改过这个方案" in str(lost[0].message)
    plan.refresh_from_db()
    assert plan.lock_version == version + 1 and plan.versions.count() == 3


def test_two_jobs_of_one_plan_compute_it_once(ground: Ground) -> None:
    plan = made(ground)
    assert together(*[lambda: plan_runs.run_plan(plan.pk)] * 2) == [None, None]
    plan.refresh_from_db()
    assert (plan.state, plan.versions.count()) == ("ready", 2)


def test_a_job_waits_for_the_one_that_is_at_its_plan(ground: Ground) -> None:
    plan = made(ground)
    with plan_runs.alone(plan.pk) as ours:
        assert ours
        with plan_runs.alone(plan.pk, wait=50) as theirs:
            assert not theirs
        found: list[Any] = []
        other = threading.Thread(target=lambda: found.extend(together(lambda: plan_runs.run_plan(plan.pk))))
        other.start()
        wait(lambda: waiting_for(plan) == 1, 10)
        assert GridPlan.objects.get(pk=plan.pk).state == "waiting"
    other.join(timeout=60)
    assert found == [None] and GridPlan.objects.get(pk=plan.pk).state == "ready"


def waiting_for(plan: GridPlan) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND NOT granted",
            [plan_runs.LOCKS, plan.pk],
        )
        return int(cursor.fetchone()[0])


def test_a_due_plan_takes_effect_once_however_often_it_is_called(ground: Ground) -> None:
    plan = approved(ground, plans.TODAY.replace(day=20), asked={ONE: 5})
    GridPlan.objects.filter(pk=plan.pk).update(effective_on=TODAY)
    found = together(*[lambda: services_plans.apply_due(actor=system_actor("tests"))] * TIMES)
    assert sorted(found) == [0, 0, 0, 1]
    assert Grid.objects.filter(community_id=ONE, valid_from=TODAY).count() == 1
    assert Entry.objects.filter(action="grids.plan_applied").count() == 1
    assert GridPlan.objects.get(pk=plan.pk).state == "applied"
    whole()


def test_taken_back_or_in_effect_but_never_both(ground: Ground) -> None:
    plan = approved(ground, plans.TODAY.replace(day=20), asked={ONE: 5})
    GridPlan.objects.filter(pk=plan.pk).update(effective_on=TODAY)
    actor = ground.actor("street")
    back, applied = together(
        lambda: services_plans.take_back(actor=actor, plan_id=plan.pk),
        lambda: services_plans.apply_due(actor=system_actor("tests")),
    )
    plan.refresh_from_db()
    new = Grid.objects.filter(community_id=ONE, valid_from=TODAY).count()
    if isinstance(back, Conflict):
        assert (plan.state, applied, new) == ("applied", 1, 1)
    else:
        assert (plan.state, applied, new) == ("ready", 0, 0)


def test_a_killed_worker_is_followed_by_one_that_goes_on(fresh_database: str, monkeypatch: Any) -> None:
    """Real workers in processes of their own; the first is killed in the middle of its plan."""
    monkeypatch.setenv("DOORSTEP_TODAY", TODAY.isoformat())
    ground = plans.build(rows=60)
    plan = made(ground, seconds=120)
    with worker("first") as first:
        wait(lambda: GridPlan.objects.get(pk=plan.pk).current.kind == "better", 90)
        first.send_signal(signal.SIGKILL)
        first.wait()
    cut_off = GridPlan.objects.select_related("current").get(pk=plan.pk)
    assert cut_off.state == "running" and 0 < cut_off.share < 1
    with databases.connect("application", os.environ["DOORSTEP_DATABASE"]) as own:
        wait(lambda: jobs.requeue_abandoned(own) > 0, 20)
    with worker("second") as second:
        wait(lambda: GridPlan.objects.get(pk=plan.pk).share > cut_off.share, 60)
        services_plans.stop_run(actor=ground.actor("street"), plan_id=plan.pk)
        wait(lambda: GridPlan.objects.get(pk=plan.pk).state == "ready", 60)
        second.send_signal(signal.SIGTERM)
        second.wait()
    plan = GridPlan.objects.select_related("current").get(pk=plan.pk)
    assert (plan.error, plan.seed, plan.stop_asked) == ("", cut_off.seed, False)
    assert (plan.current.kind, plan.current.pk) == ("run", cut_off.current.pk), (
        "its newest version is written over"
    )
    assert plan.current.figures["broken"] == 0 and plan.versions.count() == 2


def test_a_plan_whose_job_is_lost_is_asked_for_again(ground: Ground) -> None:
    plan = made(ground)
    assert plan_runs.carry_on() == 0, "its job is queued"
    DBTaskResult.objects.update(status="FAILED", finished_at=clock.now())
    assert plan_runs.carry_on() == 1
    waiting = DBTaskResult.objects.get(status="READY")
    assert waiting.args_kwargs["args"] == [plan.pk]


def worker(identity: str) -> subprocess.Popen[bytes]:
    code = "import sys; from doorstep.launch import children; children.main('worker-long', sys.argv[1], supervised=False)"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.Popen([sys.executable, "-c", code, identity], env=environment)


def wait(until: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.1)
