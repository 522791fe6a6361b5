"""Three servers killed at random thirty times while phones report: every acknowledged report exists exactly once."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from doorstep.kernel.matters.models import History, Matter
from doorstep.launch.locations import PROJECT
from tests.browsers import free_port
from tests.launch.installation import until
from tests.launch.intake import Intake

SERVERS, PHONES, KILLS = 3, 4, 30


@dataclass
class Served:
    """One server under a supervisor; `file` has the process that the supervisor started last."""

    port: int
    file: Path
    supervisor: subprocess.Popen[bytes]

    def kill(self, *, whole: bool) -> None:
        """The process that answers requests and, if `whole`, the one it came from with it. Gone when this returns."""
        pid, _began = json.loads(self.file.read_text())
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it is ending already
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            for each in [*([pid] if whole else []), *map(int, children)]:
                os.kill(each, signal.SIGKILL)


@pytest.fixture
def servers(fresh_demo_database: str, tmp_path: Path) -> Iterator[list[Served]]:
    started: list[Served] = []
    try:
        for number in range(SERVERS):
            port, file = free_port(), tmp_path / f"server{number}.json"
            environment = os.environ | {
                "PORT": str(port), "DEMO": "1", "BEHIND_PROXY": "1", "DJANGO_SETTINGS_MODULE": "tests.settings",
            }  # fmt: skip
            command = [sys.executable, "-m", "tests.launch.supervised_server", str(file)]
            started.append(Served(port, file, subprocess.Popen(command, env=environment, cwd=PROJECT)))
        yield started
    finally:
        for served in started:
            served.supervisor.send_signal(signal.SIGTERM)
        for served in started:
            served.supervisor.wait(30)


def test_every_acknowledged_report_exists_exactly_once(servers: list[Served]) -> None:
    before, chance = Matter.objects.count(), random.Random(730)
    intake = Intake([served.port for served in servers])
    with intake.running(PHONES):
        had = Counter[int]()
        for _kill in range(KILLS):
            until(lambda: [each for each in servers if intake.served[each.port] > had[each.port]], 60)
            served = chance.choice([each for each in servers if intake.served[each.port] > had[each.port]])
            time.sleep(chance.uniform(0, 0.3))  # not a wait: the moment of the fault
            served.kill(whole=chance.random() < 0.5)
            had[served.port] = intake.served[served.port]
    sent = intake.acknowledged
    assert intake.unlike == [] and set(intake.answers) == {0, 200}
    assert intake.answers[0] >= KILLS and len(sent) > KILLS
    kept = Matter.objects.filter(key__in=sent)
    assert {matter.key: matter.number for matter in kept} == sent
    assert Matter.objects.count() - before == len(sent)
    opened = History.objects.filter(matter__in=kept, name="open").values_list("matter_id", flat=True)
    assert Counter(opened) == Counter(matter.pk for matter in kept)
