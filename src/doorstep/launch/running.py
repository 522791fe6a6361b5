"""One run per checkout, and what an earlier one left behind."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
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
    """What the current or last run noted of itself; empty when there was none."""
    try:
        return json.loads(_file().read_text())
    except (OSError, ValueError):
        return {}


@dataclass
class Run:
    """This run as others may read of it: where, since when, how far (`phase`), and its processes, so that the next run
    can end what a killed one leaves."""

    address: str
    phase: str = "starting"
    children: dict[str, processes.Mark] = field(default_factory=dict)
    since: float = field(default_factory=time.time)

    def note(self, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(self, name, value)
        unfinished = _file().with_suffix(".new")
        unfinished.write_text(json.dumps({"pid": os.getpid(), **asdict(self)}))
        unfinished.replace(_file())


@contextlib.contextmanager
def only_run(address: str) -> Iterator[Run]:
    """Hold the checkout's run lock; the system lets go of it however this process ends. Raises AlreadyRunning."""
    with (working_folder() / "run.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(state()) from None
        left = state().get("children", {})
        run = Run(address)
        run.note(children=left)
        processes.end([(pid, began) for pid, began in left.values()])
        run.note(children={})
        try:
            yield run
        finally:
            _file().unlink(missing_ok=True)
