"""One run per checkout, and what an earlier one left behind."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from doorstep.launch import processes
from doorstep.launch.locations import working_folder
from doorstep.launch.messages import LaunchTrouble


class AlreadyRunning(LaunchTrouble):
    """Another run of this checkout is at work; `state` says where."""

    def __init__(self, state: dict[str, Any]) -> None:
        super().__init__(state.get("address", ""))
        self.state = state


def _file() -> Path:
    return working_folder() / "run.json"


def state() -> dict[str, Any]:
    """Address and processes of the current or last run; empty when there was none."""
    try:
        return json.loads(_file().read_text())
    except (OSError, ValueError):
        return {}


def note(address: str, children: dict[str, processes.Mark]) -> None:
    """Write down what runs, so that the next run can end what a killed one leaves."""
    content = {"pid": os.getpid(), "address": address, "since": time.time(), "children": children}
    unfinished = _file().with_suffix(".new")
    unfinished.write_text(json.dumps(content))
    unfinished.replace(_file())


@contextlib.contextmanager
def only_run() -> Iterator[None]:
    """Hold the checkout's run lock; the system lets go of it however this process ends."""
    with (working_folder() / "run.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(state()) from None
        children = state().get("children", {})
        processes.end([(pid, began) for pid, began in children.values()])
        try:
            yield
        finally:
            _file().unlink(missing_ok=True)
