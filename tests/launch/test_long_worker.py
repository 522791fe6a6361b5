"""The worker of long jobs: small while it waits, loaded for a job, small again, and known to be alive all the while."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from doorstep.kernel.shared.queues import LONG
from doorstep.launch import databases, jobs
from doorstep.launch.locations import PROJECT
from tests.launch.installation import until

SMALL = 40_000  # kB that are its own


def own_memory(pid: int) -> int:
    """kB that nobody shares with it."""
    lines = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    )
    return sum(int(lines[name].split()[0]) for name in ("Private_Clean", "Private_Dirty"))


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is read from /proc")
def test_it_is_small_before_and_after(fresh_database: str, tmp_path: Path) -> None:
    from tests.launch.slow_job import hang_the_first_time

    diary = tmp_path / "diary"
    diary.write_text("tried ")
    code = "from doorstep.launch import children as c; c.LINGER = 0.1; c.main(c.LONG_WORKER, 'long one')"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DOORSTEP_DATABASE": fresh_database,
    }
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=PROJECT)
    try:
        with databases.connect("application", fresh_database) as connection:
            until(lambda: is_alive(connection))
            assert own_memory(process.pid) < SMALL
            job = hang_the_first_time.using(queue_name=LONG).enqueue(str(diary))
            status = f"SELECT status FROM {jobs.TABLE} WHERE id = %s"
            until(lambda: connection.execute(status, [job.id]).fetchone() == ("SUCCESSFUL",), 60)
            until(lambda: "long one" in Path(f"/proc/{process.pid}/cmdline").read_text().split("\0"))
            until(lambda: is_alive(connection))
            assert own_memory(process.pid) < SMALL
        process.terminate()
        assert process.wait(5) != 0, "at once, not after the next look"
    finally:
        process.kill()
        process.wait()


def is_alive(connection) -> bool:
    """Whether somebody holds the identity."""
    with connection.transaction():
        (free,) = connection.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('long one', 0))"
        ).fetchone()
    return not free
