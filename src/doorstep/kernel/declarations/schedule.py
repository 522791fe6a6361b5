"""What runs by itself at its time. A package's `schedule.py` declares its jobs; one scheduler runs them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Periodic:
    """One job.

    call: dotted path of a function without arguments. It must be idempotent: one that was cut off runs again, and it
    must be short: long work enqueues a task. Either every_seconds, or daily_at (local time of the district).
    """

    name: str
    call: str
    every_seconds: int | None = None
    daily_at: dt.time | None = None

    def __post_init__(self) -> None:
        if (self.every_seconds is None) == (self.daily_at is None):
            raise ValueError(f"{self.name}: either every_seconds or daily_at")

    def is_due(self, last_started: dt.datetime | None, now: dt.datetime) -> bool:
        """Whether to run at `now`, having last been started (and finished) at `last_started`; both with a zone."""
        if last_started is None:
            return self.daily_at is None or now.timetz().replace(tzinfo=None) >= self.daily_at
        if self.every_seconds is not None:
            return (now - last_started).total_seconds() >= self.every_seconds
        assert self.daily_at is not None
        todays = dt.datetime.combine(now.date(), self.daily_at, now.tzinfo)
        return last_started < todays <= now


_jobs: dict[str, Periodic] = {}


def declare(*jobs: Periodic) -> None:
    for job in jobs:
        if job.name in _jobs:
            raise RuntimeError(f"periodic job {job.name} is declared twice")
        _jobs[job.name] = job


def all_jobs() -> list[Periodic]:
    return [_jobs[name] for name in sorted(_jobs)]
