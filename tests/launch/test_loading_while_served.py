"""The demo's requests come in behind a server that answers; a load that is killed goes on, and nothing comes twice."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Count
from django_tasks_db.models import DBTaskResult

from doorstep.demo import tasks
from doorstep.demo.requests import cast_life, past, seasons
from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.models import History, Matter
from doorstep.launch import databases, jobs
from doorstep.launch.locations import PROJECT
from tests.browsers import free_port
from tests.conftest import DEMO_DAY
from tests.launch.installation import until
from tests.launch.intake import Intake
from tests.sign_in import client_of

DAYS = 24  # the end of May and half of June: two months, the first in one portion, the second in two


def begun(module: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DEMO": "1"} | environment
    return subprocess.Popen([sys.executable, "-m", module, *arguments], env=variables, cwd=PROJECT)


@contextlib.contextmanager
def worker(identity: str, *how: str) -> Iterator[subprocess.Popen[bytes]]:
    process = begun("tests.launch.loading_worker", identity, str(DAYS), *how)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@pytest.fixture
def port(fresh_demo_database: str) -> Iterator[int]:
    port = free_port()
    server = begun("doorstep.launch.children", "server", "served", PORT=str(port), BEHIND_PROXY="1")
    try:
        until(lambda: answer(port, "/") == 200, 60)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def answer(port: int, path: str, cookie: str = "") -> int:
    """The status of a page, read to its end; 0 where nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        connection.request("GET", path, headers={"Cookie": cookie})
        response = connection.getresponse()
        response.read()
        return response.status
    return 0


def test_pages_answer_while_it_loads_and_a_killed_load_goes_on(
    port: int, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(seasons, "DAYS", DAYS)
    settings.DEMO = True
    assert cast_life.play(DEMO_DAY)  # what the cast has in hand, which every job looks for first
    before, cases = Matter.objects.count(), sum(month.cases for month in past.months_until(DEMO_DAY))
    tasks.carry_on()
    with worker("first", "killed") as first:
        until(lambda: first.poll() is not None, 60)
    assert first.returncode == -signal.SIGKILL
    assert 0 < Matter.objects.count() - before < cases
    assert answer(port, "/") == 200
    with databases.connect("owner") as connection:
        until(lambda: jobs.requeue_abandoned(connection) == 1)
    signed_in = client_of(Account.objects.get(username="street")).cookies
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in signed_in.items())
    asked, deadline = Counter[tuple[str, int]](), time.monotonic() + 180
    with Intake([port]).running(1) as intake, worker("second") as second:
        while past.standing().waiting:
            assert second.poll() is None, "the worker ended before the load"
            assert not DBTaskResult.objects.filter(status="FAILED").exists()
            assert time.monotonic() < deadline, "the load did not go on"
            for path in ("/desk/", "/desk/matters/", "/desk/r/requests/"):
                loading = DBTaskResult.objects.filter(status="RUNNING").exists()
                asked[path if loading else "between", answer(port, path, cookie)] += 1
    assert {status for _path, status in asked} == {200}
    assert any(path.startswith("/desk/") for path, _status in asked), "nothing was asked while it loaded"
    sent = intake.acknowledged
    assert Matter.objects.filter(key__in=sent).count() == len(sent) > 0
    assert Matter.objects.count() - before == cases + len(sent)
    opened = History.objects.filter(name="open").values("matter").annotate(times=Count("pk"))
    assert not opened.exclude(times=1).exists()
