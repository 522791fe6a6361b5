"""The demo's two years of requests by the platform's worker, while a server answers the same pages over and over."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time

from bench.measuring import DEMO_DAY, Measured, Stage, bench
from bench.serving import Client, Server, serving
from doorstep.demo import tasks
from doorstep.demo.requests import past
from doorstep.kernel.shared import clock
from doorstep.launch.locations import PROJECT

PAGE = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
PAUSE = 1.0  # between two pages: a reader, no load test; more than 240 a minute would be refused
PATIENCE = 1800


@bench("two years of the demo's requests loaded while served (more than 60,000)", aim=300)
def two_years(stage: Stage) -> Measured:
    with stage.demo() as database, clock.fixed(DEMO_DAY), serving(database) as server:
        quiet = _page_seconds(server, 20)
        tasks.carry_on()
        worker = _worker(database)
        try:
            began, waits = time.perf_counter(), list[float]()
            while past.standing().waiting:
                assert worker.poll() is None and time.perf_counter() - began < PATIENCE, (
                    "the load ended early"
                )
                waits.append(_page_seconds(server, 1))
                time.sleep(PAUSE)
            seconds = time.perf_counter() - began
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(60)
        standing = past.standing()
        assert standing.done == standing.total > 60_000
        note = f"{standing.total:,} cases; a page {statistics.median(waits) * 1000:.0f} ms, alone {quiet * 1000:.0f} ms"
        return Measured(seconds, note=note)


def _worker(database: str) -> subprocess.Popen[bytes]:
    variables = os.environ | {"DOORSTEP_DATABASE": database, "DOORSTEP_TODAY": DEMO_DAY.isoformat()}
    command = [sys.executable, "-m", "doorstep.launch.children", "worker", "bench-worker"]
    return subprocess.Popen(command, env=variables, cwd=PROJECT, stdout=subprocess.DEVNULL)


def _page_seconds(server: Server, times: int) -> float:
    """The median of as many askings, each on a connection of its own."""
    taken = []
    for _each in range(times):
        began = time.perf_counter()
        with Client(server.port) as client:
            status, body = client.ask(PAGE)
        assert status == 200, (status, body[:300].decode(errors="replace"))
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
