"""A whole installation of its own for one test module: working folder, cluster, real processes."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from doorstep.launch import processes
from doorstep.launch.locations import PROJECT
from tests.browsers import free_port

COMMAND = [sys.executable, "-m", "doorstep.launch.cli"]


@dataclass
class Installation:
    """`folder` is its working folder; commands run as a person would type them, in a shell where `exported` is set
    (None: not set at all)."""

    folder: Path
    port: int = field(default_factory=free_port)
    exported: dict[str, str | None] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    def environment(self, **more: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DOORSTEP_")}
        own = {
            "DOORSTEP_VAR": str(self.folder),
            "PORT": str(self.port),
            "DEMO": "0",
            "PYTHONPATH": os.pathsep.join([str(PROJECT / "src"), str(PROJECT)]),
        }
        settings = {"DJANGO_SETTINGS_MODULE": "doorstep.config.settings"}
        everything = inherited | own | settings | self.exported | more
        return {name: value for name, value in everything.items() if value is not None}

    def command(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments], env=self.environment(**more), cwd=PROJECT, capture_output=True, text=True,
            timeout=180, check=False,
        )  # fmt: skip

    def start(self, command: str = "run", **more: str) -> None:
        """Returns when it serves."""
        self.begin(command, **more)
        self.until_served()

    def begin(self, command: str = "run", **more: str) -> None:
        output = (self.folder / "output").open("w")
        self.process = subprocess.Popen(
            [*COMMAND, command], env=self.environment(**more), cwd=PROJECT, stdout=output, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip

    def until_served(self) -> None:
        assert self.process
        until(lambda: "Ctrl-C stops" in self.output() or self.process.poll() is not None, 300)
        assert self.process.poll() is None, self.output()

    def output(self) -> str:
        return (self.folder / "output").read_text()

    def noted(self) -> str:
        """What the run wrote down of itself, "" while it has not."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "run.json").read_text()
        return ""

    def interrupt(self) -> int:
        """Ctrl-C: the terminal sends it to the whole process group."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(60)

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait(10)

    def kill_everything(self) -> None:
        """The run and all its processes at once; the database is another's."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def child(self, name: str) -> processes.Mark:
        until(lambda: name in self._children(), 60)
        pid, began = self._children()[name]
        return pid, began

    def _children(self) -> dict[str, tuple[int, str]]:
        children: dict[str, tuple[int, str]] = json.loads((self.folder / "run.json").read_text())["children"]
        return children

    def answers(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            with contextlib.closing(connection):
                connection.request("GET", "/")
                return connection.getresponse().status > 0
        return False

    def query(self, code: str) -> str:
        """What `code`, run in the platform's shell, prints."""
        result = self.command("manage", "shell", "--no-imports", "-c", code)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    @contextlib.contextmanager
    def connected(self) -> Iterator[psycopg.Connection]:
        """To its database, as the application; much sooner there than a shell."""
        code = "from doorstep.launch.database_urls import database_url; print(database_url('application'))"
        with psycopg.connect(self._python(code), autocommit=True) as connection:
            yield connection

    def database_runs(self) -> bool:
        return self._of_cluster("print(c.is_running())") == "True"

    def database_folder(self) -> Path:
        return Path(self._of_cluster("print(c.folder)"))

    def database_process(self) -> int:
        """Number of the process that all others of the embedded database come from."""
        return int(self._of_cluster("print((c.data / 'postmaster.pid').read_text().split()[0])"))

    def remove(self) -> None:
        if self.process and self.process.poll() is None:
            self.interrupt()
        folder, socket_folder = self._of_cluster("c.stop(); print(c.folder); print(c.socket_folder)").split()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(socket_folder, ignore_errors=True)
        if os.geteuid() == 0:
            with contextlib.suppress(FileNotFoundError):  # no database was ever made
                Path(folder).parent.rmdir()

    def _of_cluster(self, code: str) -> str:
        return self._python(f"from doorstep.launch.postgres import Cluster; c = Cluster('run'); {code}")

    def _python(self, code: str) -> str:
        result = subprocess.run(
            [sys.executable, "-c", code],
            env=self.environment(),
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        )
        return result.stdout.strip()


@contextlib.contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    installation = Installation(folder)
    try:
        yield installation
    finally:
        installation.remove()


def until(condition: Callable[[], Any], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)
