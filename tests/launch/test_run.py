"""`doorstep run` as a person meets it: real processes, killed and interrupted."""

import json
import os
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from doorstep.launch import jobs, processes
from tests.launch.installation import Installation, installed, until

CHILDREN = ["server", "worker", "worker-long", "scheduler"]
SECONDS = 12  # of the plan that is computed meanwhile


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    with installed(tmp_path_factory.mktemp("installation")) as one:
        yield one


@pytest.fixture
def running(installation: Installation):
    if installation.process is None or installation.process.poll() is not None:
        installation.start()
    return installation


def test_it_prints_its_address_and_answers(running):
    assert f"http://127.0.0.1:{running.port}" in running.output()
    assert running.answers()


def test_a_second_run_says_what_runs_and_where(running):
    second = running.command("run")
    assert second.returncode == 0
    assert f"already running at http://127.0.0.1:{running.port}" in second.stdout
    elsewhere = running.command("run", PORT=str(running.port + 1))
    assert elsewhere.returncode == 1
    assert f"already running at http://127.0.0.1:{running.port}" in elsewhere.stdout
    assert running.answers()


def test_a_command_beside_a_running_server(running):
    assert (
        running.query("from django.db import connection as c; c.ensure_connection(); print('reached')")
        == "reached"
    )
    assert running.answers()


@pytest.mark.parametrize("name", CHILDREN)
def test_a_dead_child_is_started_again(running, name):
    before = running.child(name)
    os.kill(before[0], signal.SIGKILL)
    until(lambda: running.child(name) != before)
    until(lambda: processes.is_alive(running.child(name)) and running.answers())


def test_what_a_dead_worker_had_claimed_is_queued_again(running, tmp_path):
    diary = tmp_path / "diary"
    job = running.query(
        f"from tests.launch.slow_job import hang_the_first_time as job;print(job.enqueue({str(diary)!r}).id)"
    )
    until(diary.exists)
    os.kill(running.child("worker")[0], signal.SIGKILL)
    until(lambda: diary.read_text() == "tried tried ")
    state = f"from django_tasks_db.models import DBTaskResult as R; r = R.objects.get(id={job!r}); print(r.status, len(r.worker_ids))"
    until(lambda: running.query(state) == "SUCCESSFUL 2")


def test_a_dead_database_is_started_again(running):
    worker = running.child("worker")
    os.kill(running.database_process(), signal.SIGKILL)
    until(lambda: running.child("worker") != worker and running.database_runs(), 60)
    until(lambda: processes.is_alive(running.child("worker")) and running.answers())


@dataclass
class Row:
    """A plan of grids as the database has it now."""

    connection: psycopg.Connection
    pk: int

    def __getattr__(self, column: str) -> Any:
        query = f"SELECT {column} FROM grids_gridplan WHERE id = %s"
        found = self.connection.execute(query, [self.pk]).fetchone()
        assert found
        return found[0]

    @property
    def kinds(self) -> list[str]:
        """How its versions came about, the first one first."""
        rows = self.connection.execute(
            "SELECT kind FROM grids_planversion WHERE plan_id = %s ORDER BY number", [self.pk]
        )
        return [kind for (kind,) in rows.fetchall()]

    def until_it_got_on(self, share: float) -> None:
        def computed() -> bool:
            return self.state == "running" and self.share > share and self.kinds == ["today", "better"]

        until(computed, 90)  # a fresh clone compiles first


MAKE_PLAN = f"""
from tests.grids.plans import world
from doorstep.modules.grids.services_plans import PlanData, create_plan
ground = world.build(rows=100)
data = PlanData(place_code=world.ONE, title="演示", asked={{world.ONE: 9}}, seconds={SECONDS}, seed=1)
print(create_plan(actor=ground.actor("street"), data=data).pk)
"""


def test_a_plan_holds_nothing_up_and_outlives_its_servers(running, tmp_path):
    """While it is computed other jobs are done; everything killed and started again, then stopped and started again, it goes on."""
    pk = int(running.query(MAKE_PLAN))
    with running.connected() as connection:
        plan = Row(connection, pk)
        plan.until_it_got_on(0.05)
        assert an_ordinary_job_takes(connection, tmp_path / "diary") < 5
        assert plan.state == "running"
        version = plan.current_id
        running.kill_everything()
        at = plan.share
    running.start()
    with running.connected() as connection:
        plan = Row(connection, pk)
        plan.until_it_got_on(at)
        assert plan.current_id == version
    assert running.interrupt() == 0
    running.start()
    with running.connected() as connection:
        plan = Row(connection, pk)
        assert 0 < plan.share < 1
        until(lambda: plan.state != "running", SECONDS + 30)
        assert (plan.state, plan.error, plan.current_id, plan.kinds) == (
            "ready",
            "",
            version,
            ["today", "run"],
        )


def an_ordinary_job_takes(connection: psycopg.Connection, diary: Path) -> float:
    """Seconds until a job asked for now is done."""
    diary.write_text("tried ")
    began = time.monotonic()
    job = connection.execute(
        f"INSERT INTO {jobs.TABLE} (id, status, enqueued_at, args_kwargs, priority, task_path, worker_ids, queue_name,"
        " backend_name, run_after, exception_class_path, traceback) VALUES (gen_random_uuid(), 'READY', now(), %s, 0,"
        " 'tests.launch.slow_job.hang_the_first_time', '[]', 'default', 'default', now(), '', '') RETURNING id",
        [json.dumps({"args": [str(diary)], "kwargs": {}})],
    ).fetchone()
    state = f"SELECT status FROM {jobs.TABLE} WHERE id = %s"
    until(lambda: connection.execute(state, job).fetchone() == ("SUCCESSFUL",))
    return time.monotonic() - began


def test_a_killed_run_leaves_nothing_in_the_way(running):
    children = [running.child(name) for name in CHILDREN]
    running.kill()
    running.start()
    assert running.answers()
    assert not any(processes.is_alive(child) for child in children)


def test_interrupted_it_stops_everything(running):
    children = [running.child(name) for name in CHILDREN]
    assert running.interrupt() == 0
    assert not any(processes.is_alive(child) for child in children)
    assert not running.database_runs()
    assert not running.answers()


def test_a_command_without_a_server_starts_the_database_and_stops_it(installation):
    if installation.process and installation.process.poll() is None:
        installation.interrupt()
    assert (
        installation.query("from django.db import connection as c; c.ensure_connection(); print('reached')")
        == "reached"
    )
    assert not installation.database_runs()


def test_a_port_of_another_program_is_said(installation):
    if installation.process and installation.process.poll() is None:
        installation.interrupt()
    with socket.socket() as other:
        other.bind(("127.0.0.1", installation.port))
        other.listen()
        result = installation.command("run")
    assert result.returncode == 1
    assert f"Port {installation.port} cannot be used" in result.stderr


def test_production_refuses_what_is_for_trials(installation):
    result = installation.command("run", PRODUCTION="1", DEMO="1", DEBUG="1")
    assert result.returncode == 1
    for code in ("doorstep.E001", "doorstep.E002", "doorstep.E003"):
        assert code in result.stderr


def test_production_refuses_demo_accounts(installation):
    installation.query(
        "from doorstep.kernel.authority.models import Account as A; A.objects.create_user('demo', is_demo=True)"
    )
    keys = {"SECRET_KEY": "given" * 10, "MASTER_KEY": bytes(range(32)).hex()}
    result = installation.command("run", PRODUCTION="1", **keys)
    assert result.returncode == 1
    assert "doorstep.E004" in result.stderr
    installation.query("from doorstep.kernel.authority.models import Account as A; A.objects.all().delete()")


def test_everything_is_kept_for_the_next_start(installation):
    make = "from doorstep.kernel.authority.models import Account as A; A.objects.create_user('kept')"
    installation.query(make)
    installation.start()
    count = "from doorstep.kernel.authority.models import Account as A; print(A.objects.filter(username='kept').count())"
    assert installation.query(count) == "1"
    assert installation.interrupt() == 0
