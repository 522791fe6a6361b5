"""The database and the server killed in the middle of 200 redemptions by HTTP: nothing acknowledged is lost, nothing
happens twice."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import threading
import time
import urllib.parse
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.launch.installation import Installation, installed, until

PHONES, REDEMPTIONS, PIECES, PATIENCE = 5, 200, 500, 120
TOKEN, PAUSE = "k" * 32, 0.2
HERE = "tests.volunteering.redemption.on_server"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        one.exported["DOORSTEP_TODAY"] = "2026-06-15"
        one.start()
        yield one


@dataclass
class Shopping:
    """Phones that redeem one thing after another; each step is sent again until somebody has acknowledged it."""

    port: int
    item: int
    clerk: str
    acknowledged: dict[str, str] = field(default_factory=dict)  # key → number, confirmed by the volunteer
    answers: Counter[int] = field(default_factory=Counter)
    unlike: list[str] = field(default_factory=list)
    troubles: list[BaseException] = field(default_factory=list)

    @contextlib.contextmanager
    def running(self, sessions: list[str]) -> Iterator[None]:
        each = REDEMPTIONS // len(sessions)
        threads = [threading.Thread(target=self._phone, args=(session, each)) for session in sessions]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            for thread in threads:
                thread.join(PATIENCE * 4)
        assert not any(thread.is_alive() for thread in threads)

    def _phone(self, session: str, count: int) -> None:
        try:
            for _redemption in range(count):
                self._redeem(session, str(uuid.uuid4()))
        except BaseException as error:  # seen by the test, not lost with the thread
            self.troubles.append(error)

    def _redeem(self, session: str, key: str) -> None:
        number = ""
        for attempt in range(2):  # as somebody who taps twice: the same key, the same slip
            found = self._until_taken(session, f"/shop/{self.item}/", {"key": key}).rstrip("/")[-11:]
            if attempt and found != number:
                self.unlike.append(found)
            number = found
        self._until_taken(self.clerk, f"/merchant/slips/{number}/act/", {"do": "offer"})
        self._until_taken(session, f"/shop/slips/{number}/act/", {"do": "confirm"})
        self.acknowledged[key] = number

    def _until_taken(self, session: str, path: str, data: dict[str, str]) -> str:
        """Where a step led, sent again and again until it was taken."""
        until_then = time.monotonic() + PATIENCE
        while time.monotonic() < until_then:
            status, place, body = self._sent(session, path, data)
            self.answers[status] += 1
            if status == 302:
                return place
            assert status in (0, 500, 503), (path, status, body[:300])
            time.sleep(PAUSE)
        raise AssertionError(f"{path} was never taken")

    def _sent(self, session: str, path: str, data: dict[str, str]) -> tuple[int, str, str]:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": TOKEN,
            "Cookie": f"csrftoken={TOKEN}; sessionid={session}",
        }  # fmt: skip
        try:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as line:
                line.request("POST", path, urllib.parse.urlencode(data), headers)
                answer = line.getresponse()
                return answer.status, answer.getheader("Location") or "", answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, "", ""


def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(installation: Installation) -> None:
    world = json.loads(installation.query(f"from {HERE} import prepare; prepare({PHONES}, {PIECES})"))
    shopping, chance = Shopping(installation.port, world["item"], world["clerk"]), random.Random(200)
    with shopping.running(world["phones"]):
        for kill, target in enumerate(("server", "database", "server", "database"), start=1):
            until(lambda wanted=kill * 35: len(shopping.acknowledged) >= wanted or shopping.troubles, 240)
            time.sleep(chance.uniform(0, 0.2))  # not a wait: the moment of the fault
            if target == "server":
                os.kill(installation.child("server")[0], signal.SIGKILL)
            else:
                os.kill(installation.database_process(), signal.SIGKILL)
    assert shopping.troubles == [] and shopping.unlike == []
    assert len(shopping.acknowledged) == REDEMPTIONS and shopping.answers[0] + shopping.answers[503] > 0
    found = json.loads(installation.query(f"from {HERE} import counted; counted()"))
    assert found["slips"] == {key: [number, "handed"] for key, number in shopping.acknowledged.items()}
    once = dict.fromkeys(("hold", "redeem", "reserve", "hand", "pledge", "owe"), REDEMPTIONS)
    assert {kind: found["kinds"].get(kind) for kind in once} == once
    spent = 3 * REDEMPTIONS
    assert found["held"] == [PHONES * 1000 - spent, 0, spent] and found["pieces"] == [PIECES - REDEMPTIONS, 0]
    assert found["fen"] == [10_000_000 - 7 * REDEMPTIONS, 0, 7 * REDEMPTIONS] and found["sound"]
