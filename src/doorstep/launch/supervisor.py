"""Keeps the server, the workers and the scheduler running: a dead one is started again, ever more slowly."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from doorstep.launch import processes
from doorstep.launch.messages import LaunchTrouble, both, say

LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0  # a child that ran this long did not fail at its start
GIVE_UP_AFTER = 5  # failures in a row before the first success
PATIENCE = 10.0


@dataclass
class Child:
    """One supervised process. `name` is what `doorstep.launch.children` runs."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    identity: str = ""
    failures: int = 0
    began: float = 0
    not_before: float = 0

    def start(self) -> None:
        self.identity = f"{self.name}-{secrets.token_hex(8)}"
        command = [sys.executable, "-m", "doorstep.launch.children", self.name, self.identity]
        # the same process group, so that one signal to the group reaches all
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self.began = time.monotonic()

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def put_off(self) -> float:
        """Wait longer after each failure in a row; gives the seconds."""
        self.failures = 1 if time.monotonic() - self.began > STEADY_SECONDS else self.failures + 1
        self.process = None
        pause = min(0.25 * 2**self.failures, LONGEST_PAUSE)
        self.not_before = time.monotonic() + pause
        return pause


@dataclass
class Supervisor:
    """The first child is the server: the others start once it answers.

    `on_change` is told the running processes; `on_death` the identity of a dead child.
    """

    children: list[Child]
    on_change: Callable[[dict[str, processes.Mark]], None]
    on_death: Callable[[str], None]
    stopping: threading.Event = field(default_factory=threading.Event)
    steady: bool = False

    def run(self, is_ready: Callable[[], bool], when_ready: Callable[[], None]) -> None:
        """Until SIGINT, SIGTERM or SIGHUP; everything is stopped on return.

        Raises LaunchTrouble when a child keeps failing before the platform was ready once.
        """
        for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(wanted, lambda *_: self.stopping.set())
        try:
            while not self.stopping.is_set():
                self._tend()
                if not self.steady and is_ready():
                    self.steady = True
                    self._tend()
                    when_ready()
                self.stopping.wait(0.2)
        finally:
            self._stop()

    def _tend(self) -> None:
        changed = False
        # the first page comes soonest when the server starts alone
        for child in self.children if self.steady else self.children[:1]:
            if child.has_died():
                assert child.process is not None
                self.on_death(child.identity)
                code, pause = child.process.returncode, child.put_off()
                if not self.steady and child.failures >= GIVE_UP_AFTER:
                    raise LaunchTrouble(
                        both(f"{child.name} 无法启动，原因见上。", f"{child.name} keeps failing; see above.")
                    )
                say(
                    f"{child.name} 已退出（{code}），{pause:.1f} 秒后重新启动",
                    f"{child.name} ended, starting it again",
                )
            if child.process is None and time.monotonic() >= child.not_before:
                child.start()
                changed = True
        if changed:
            self.on_change(self._marks())

    def _marks(self) -> dict[str, processes.Mark]:
        running = {
            child.name: processes.mark_of(child.process.pid) for child in self.children if child.process
        }
        return {name: mark for name, mark in running.items() if mark}

    def _stop(self) -> None:
        # the server first, so that nothing new comes in
        for child in self.children:
            if child.process and child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + float(os.environ.get("STOP_SECONDS", PATIENCE))
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            self.on_death(child.identity)
