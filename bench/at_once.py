"""Workers that begin together, each a process with a database connection of its own."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable

from django.db import connection

WORKERS, PATIENCE = 8, 120
WARM = 10  # what each does before they begin: a server's connections have worked before

Act = Callable[[], None]


def together(prepared: Callable[[int], Act]) -> float:
    """Seconds until all workers are through. Each first prepares, by its number from 0, what it then does."""
    context = multiprocessing.get_context("fork")
    connection.close()
    ready, done = context.Barrier(WORKERS + 1), context.Barrier(WORKERS + 1)

    def run(number: int) -> None:
        act = prepared(number)
        connection.ensure_connection()
        ready.wait(PATIENCE)
        act()
        done.wait(PATIENCE)

    workers = [context.Process(target=run, args=(number,)) for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    ready.wait(PATIENCE)
    began = time.perf_counter()
    done.wait(PATIENCE)
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    return seconds
