"""What a bench module declares with `@bench`, and what it is given."""

from __future__ import annotations

import contextlib
import gc
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection

from doorstep.launch import databases, templates

DEMO_DAY = date(2026, 6, 15)


@dataclass(frozen=True)
class Measured:
    """`ours` and `bare` in the same unit. Without `bare`, `ours` itself is held against the aim.

    `missed`: what else was not as it should be, such as too many queries.
    """

    ours: float
    bare: float | None = None
    unit: str = "s"
    note: str = ""
    missed: str = ""

    @property
    def figure(self) -> float:
        return self.ours / self.bare if self.bare else self.ours


class Stage:
    """Databases for benches, on a cluster of their own with the settings of a real one."""

    def __init__(self) -> None:
        self._kept: list[str] = []

    def empty(self) -> contextlib.AbstractContextManager[str]:
        """Django's connection is on a migrated database without rows."""
        return self._clone(templates.empty_template())

    def demo(self) -> contextlib.AbstractContextManager[str]:
        """Django's connection is on the demo district."""
        return self._clone(templates.demo_template(DEMO_DAY))

    def kept_demo(self, name: str, fill: Callable[[str], None]) -> str:
        """A demo district that `fill` laid something down in, once for all benches of a run that ask for it."""
        database = f"doorstep_bench_{name}"
        if database not in self._kept:
            databases.drop(database)
            databases.clone(templates.demo_template(DEMO_DAY), database)
            self._kept.append(database)
            fill(database)
        return database

    def close(self) -> None:
        while self._kept:
            databases.drop(self._kept.pop())

    @contextlib.contextmanager
    def _clone(self, template: str) -> Iterator[str]:
        name = "doorstep_bench"
        databases.drop(name)
        databases.clone(template, name)
        with self.pointed_at(name):
            try:
                yield name
            finally:
                connection.close()
                databases.drop(name)

    @contextlib.contextmanager
    def pointed_at(self, name: str) -> Iterator[None]:
        """Django's connection is on this database for as long as this lasts."""
        usual = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = name
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = usual


@dataclass(frozen=True)
class Bench:
    """`aim`: the ratio (or, without a bare side, the value) not to exceed; None when it is only reported.

    `accepted`: the decision record that says why the aim is missed; the line is marked, and no failure.
    """

    name: str
    aim: float | None
    run: Callable[[Stage], Measured]
    accepted: str = ""


declared: list[Bench] = []


def bench(
    name: str, aim: float | None, accepted: str = ""
) -> Callable[[Callable[[Stage], Measured]], Callable[[Stage], Measured]]:
    def declare(run: Callable[[Stage], Measured]) -> Callable[[Stage], Measured]:
        declared.append(Bench(name, aim, run, accepted))
        return run

    return declare


def best_of(call: Callable[[], object], repeats: int = 5) -> float:
    """Seconds of the fastest of several calls, after one that warms up: what it costs when nothing disturbs."""
    call()
    gc.collect()
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def in_turn(ours: Callable[[], object], bare: Callable[[], object], repeats: int = 7) -> tuple[float, float]:
    """The fastest of each, measured in turn, so that a busy machine disturbs both alike."""
    ours(), bare()
    best = [float("inf"), float("inf")]
    for _ in range(repeats):
        for side, call in enumerate((ours, bare)):
            began = time.perf_counter()
            call()
            best[side] = min(best[side], time.perf_counter() - began)
    return best[0], best[1]


def medians_in_turn(
    ours: Callable[[], object], bare: Callable[[], object], repeats: int = 7
) -> tuple[float, float]:
    """The median of each, measured in turn: for what is never quite undisturbed, as a page over HTTP."""
    ours(), bare()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for side, call in zip(taken, (ours, bare), strict=True):
            began = time.perf_counter()
            call()
            side.append(time.perf_counter() - began)
    return statistics.median(taken[0]), statistics.median(taken[1])
