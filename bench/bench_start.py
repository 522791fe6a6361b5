"""Reported beside the ratios: from a clone to the first page, a second start, the size of the environment."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measuring import Measured, Stage, bench
from doorstep.launch.locations import PROJECT

PATIENCE = 900


@bench("clone to first page, packages downloaded", aim=None)
def first_start(stage: Stage) -> Measured:
    return Measured(_starts()[0])


@bench("second start to first page", aim=None)
def second_start(stage: Stage) -> Measured:
    return Measured(_starts()[1])


@bench("environment (.venv) for running", aim=None)
def environment_size(stage: Stage) -> Measured:
    return Measured(_starts()[2], unit="MB")


@functools.cache
def _starts() -> tuple[float, float, float]:
    """A clone in a folder and with a home of its own, started twice; seconds, seconds, megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        project, home = Path(folder, "doorstep"), Path(folder, "home")
        home.mkdir()
        began = time.perf_counter()
        subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(project)], check=True)
        with _started(project, home):
            first = time.perf_counter() - began
        began = time.perf_counter()
        with _started(project, home):
            second = time.perf_counter() - began
        megabytes = sum(_size(path) for path in (project / ".venv").rglob("*")) / 1e6
        _remove_database(project)
    return first, second, megabytes


@contextlib.contextmanager
def _started(project: Path, home: Path) -> Iterator[None]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("DOORSTEP_", "DJANGO_"))
    }
    environment = inherited | {"HOME": str(home), "PORT": str(port)}
    process = subprocess.Popen(
        ["make", "run"], cwd=project, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None and time.monotonic() < deadline, "`make run` did not start"
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", port), timeout=1) as page,
            ):
                page.sendall(b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
                if page.recv(12):
                    break
            time.sleep(0.05)
        yield
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(60)


def _size(path: Path) -> int:
    return 0 if path.is_dir() or path.is_symlink() else path.stat().st_size


def _remove_database(project: Path) -> None:
    code = "from doorstep.launch.postgres import Cluster; print(Cluster('run').folder.parent)"
    command = [str(project / ".venv/bin/python"), "-c", code]
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("DOORSTEP_", "DJANGO_"))
    }
    shown = subprocess.run(command, env=inherited, capture_output=True, text=True, check=True)
    shutil.rmtree(shown.stdout.strip(), ignore_errors=True)
