"""Processes by number, safely: a number is used again by the system, so each is kept with the moment it began."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterable
from pathlib import Path

Mark = tuple[int, str]


def mark_of(pid: int) -> Mark | None:
    """The process with the moment it began, or None when there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            return None if fields[0] == "Z" else (pid, fields[19])
        return None
    shown = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return (pid, shown.stdout.strip()) if shown.stdout.strip() else None


def is_alive(mark: Mark) -> bool:
    return mark_of(mark[0]) == tuple(mark)


def end(marks: Iterable[Mark], patience: float = 10) -> list[int]:
    """Ask those still alive to stop, then force them; gives the numbers of those that were alive."""
    alive = [mark for mark in marks if is_alive(mark)]
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        for pid, _began in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, wanted)
        deadline = time.monotonic() + patience
        while any(is_alive(mark) for mark in alive) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not any(is_alive(mark) for mark in alive):
            break
    return [pid for pid, _began in alive]


def end_with_parent() -> None:
    """End this process soon after its parent is gone, however the parent ended."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="end-with-parent").start()
