"""What a bench module declares with `@bench`, and what it is given."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection

from doorstep.launch import databases, templates

DEMO_DAY = date(2026, 6, 15)


@dataclass(frozen=True)
class Measured:
    """`ours` and `bare` in the same unit. Without `bare`, `ours` itself is held against the aim."""

    ours: float
    bare: float | None = None
    unit: str = "s"
    note: str = ""

    @property
    def figure(self) -> float:
        return self.ours / self.bare if self.bare else self.ours


class Stage:
    """Databases for benches, on a cluster of their own with the settings of a real one."""

    def empty(self) -> contextlib.AbstractContextManager[str]:
        """Django's connection is on a migrated database without rows."""
        return self._clone(templates.empty_template())

    def demo(self) -> contextlib.AbstractContextManager[str]:
        """Django's connection is on the demo district."""
        return self._clone(templates.demo_template(DEMO_DAY))

    @contextlib.contextmanager
    def _clone(self, template: str) -> Iterator[str]:
        name = "doorstep_bench"
        databases.drop(name)
        databases.clone(template, name)
        usual = connection.settings_dict["NAME"]
        try:
            connection.close()
            connection.settings_dict["NAME"] = name
            yield name
        finally:
            connection.close()
            connection.settings_dict["NAME"] = usual
            databases.drop(name)


@dataclass(frozen=True)
class Bench:
    """`aim`: the ratio (or, without a bare side, the value) not to exceed; None when it is only reported."""

    name: str
    aim: float | None
    run: Callable[[Stage], Measured]


declared: list[Bench] = []


def bench(
    name: str, aim: float | None
) -> Callable[[Callable[[Stage], Measured]], Callable[[Stage], Measured]]:
    def declare(run: Callable[[Stage], Measured]) -> Callable[[Stage], Measured]:
        declared.append(Bench(name, aim, run))
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
