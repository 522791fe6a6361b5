"""When a periodic job is due, what is left of one that failed or was cut off, and what a dead worker leaves."""

import datetime as dt

import pytest

from doorstep.kernel.declarations.schedule import Periodic, all_jobs
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.launch import databases, jobs
from doorstep.launch.scheduler import run_due
from tests.launch.installation import until

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=DISTRICT_ZONE)
calls: list[str] = []


def count() -> None:
    calls.append("count")


def fail() -> None:
    calls.append("fail")
    raise ValueError("broken")


COUNT = Periodic("count", f"{__name__}.count", every_seconds=60)
FAIL = Periodic("fail", f"{__name__}.fail", every_seconds=60)
NIGHTLY = Periodic("nightly", f"{__name__}.count", daily_at=dt.time(2, 30))


@pytest.fixture
def connection(fresh_database):
    calls.clear()
    with databases.connect("application", fresh_database) as connection:
        yield connection


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, NOON, True),
        (None, NOON.replace(hour=1), False),
        (NOON.replace(hour=2, minute=31), NOON, False),
        (NOON.replace(hour=2, minute=29), NOON, True),
        (NOON - dt.timedelta(days=1), NOON.replace(hour=2, minute=29), False),
        (NOON - dt.timedelta(days=1), NOON.replace(hour=2, minute=30), True),
    ],
)
def test_a_daily_job_is_due_once_a_day(last, now, due):
    assert NIGHTLY.is_due(last, now) is due


def test_a_job_has_one_rhythm():
    with pytest.raises(ValueError, match="either"):
        Periodic("both", "x.y", every_seconds=1, daily_at=dt.time(1))
    with pytest.raises(ValueError, match="either"):
        Periodic("none", "x.y")


def test_jobs_run_when_due(connection):
    assert run_due(connection, [COUNT], NOON) == ["count"]
    assert run_due(connection, [COUNT], NOON + dt.timedelta(seconds=59)) == []
    assert run_due(connection, [COUNT], NOON + dt.timedelta(seconds=60)) == ["count"]
    assert calls == ["count", "count"]


def test_a_failing_job_is_noted_and_stops_nobody(connection):
    assert run_due(connection, [FAIL, COUNT], NOON) == ["fail", "count"]
    (trouble,) = connection.execute("SELECT trouble FROM setup.schedule WHERE name = 'fail'").fetchone()
    assert "ValueError: broken" in trouble
    assert run_due(connection, [FAIL], NOON + dt.timedelta(seconds=1)) == []


def test_a_job_that_was_cut_off_runs_again(connection):
    connection.execute("INSERT INTO setup.schedule VALUES ('count', %s)", [NOON])
    assert run_due(connection, [COUNT], NOON + dt.timedelta(seconds=1)) == ["count"]


def _claimed_by(connection, *workers):
    row = connection.execute(
        f"INSERT INTO {jobs.TABLE} (id, status, enqueued_at, started_at, args_kwargs, priority, task_path, worker_ids,"
        " queue_name, backend_name, run_after, exception_class_path, traceback) VALUES (gen_random_uuid(), 'RUNNING',"
        " now(), now(), '{}', 0, 'x.y', to_jsonb(%s::text[]), 'default', 'default', now(), '', '') RETURNING id",
        [list(workers)],
    ).fetchone()
    return lambda: connection.execute(f"SELECT status FROM {jobs.TABLE} WHERE id = %s", row).fetchone()[0]


def test_only_jobs_of_dead_workers_are_queued_again(connection, fresh_database):
    with databases.connect("application", fresh_database) as alive:
        jobs.hold_identity(alive, "alive")
        of_dead, of_alive = _claimed_by(connection, "alive", "dead"), _claimed_by(connection, "dead", "alive")
        assert jobs.requeue_abandoned(connection) == 1
        assert (of_dead(), of_alive()) == ("READY", "RUNNING")
    until(lambda: jobs.requeue_abandoned(connection) == 1)  # its connection takes a moment to close
    assert of_alive() == "READY"


def test_a_job_that_ends_every_worker_is_given_up(connection):
    status = _claimed_by(connection, *[f"worker {number}" for number in range(jobs.TRIES)])
    jobs.requeue_abandoned(connection)
    assert status() == "FAILED"


def test_every_declared_job_runs_as_the_application(connection):
    declared = all_jobs()
    assert {"clear out", "seal the audit"} <= {job.name for job in declared}
    assert run_due(connection, declared, NOON) == [job.name for job in declared]
    assert connection.execute("SELECT name, trouble FROM setup.schedule WHERE trouble <> ''").fetchall() == []
