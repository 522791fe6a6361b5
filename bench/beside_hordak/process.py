"""The process that hordak works in, and its database, for as long as a bench needs them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

from doorstep.launch import databases
from doorstep.launch.database_urls import cluster
from doorstep.launch.locations import PROJECT

DATABASE = "doorstep_bench_hordak"


@contextlib.contextmanager
def hordak(accounts: int, transfers: int, *, given: str) -> Iterator[Callable[[], float]]:
    """What is given makes so many transfers by each of its workers, in the next round, and tells the seconds it took. `given`:
    "numbers" of accounts, or accounts "loaded".

    At the end the books are checked; a fault of its process is raised as AssertionError."""
    databases.drop(DATABASE)
    cluster().ensure_database(DATABASE)
    variables = os.environ | {
        "DJANGO_SETTINGS_MODULE": "bench.beside_hordak.settings", "DOORSTEP_DATABASE": DATABASE, "DOORSTEP_DB_ROLE": "owner",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "bench.beside_hordak.transfers", str(accounts), str(transfers), given],
        env=variables, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout and process.stdin
        _answer(process)  # it is ready

        def seconds() -> float:
            assert process.stdin
            print("next", file=process.stdin, flush=True)
            return float(_answer(process))

        yield seconds
        process.stdin.close()
        assert process.wait(60) == 0, "the books of hordak are not as they should be"
    finally:
        process.kill()
        process.wait()
        databases.drop(DATABASE)


def _answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    answer = process.stdout.readline().strip()
    assert answer, "hordak's process ended; see above"
    return answer
