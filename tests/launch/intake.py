"""Phones that report one thing after another, each sent with the same key until somebody has acknowledged it."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import threading
import time
import urllib.parse
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

PLACE = "210202005011"
TOKEN = "k" * 32
PATIENCE = 20
PAUSE = 0.2  # between two tries, and between two reports a quarter of it: the machine has servers to start


@dataclass
class Intake:
    """`acknowledged`: the number each key was given. `answers`: how often each status came, 0 for none at all.
    `served`: how many reports each port has taken."""

    ports: Sequence[int]
    acknowledged: dict[uuid.UUID, str] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    served: Counter[int] = field(default_factory=Counter)
    unlike: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextlib.contextmanager
    def running(self, phones: int) -> Iterator[Intake]:
        """Each phone finishes the report it has begun, so at the end nothing is unacknowledged."""
        threads = [threading.Thread(target=self._report_on_and_on, args=(at,)) for at in range(phones)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join(PATIENCE * 3)
        assert not any(thread.is_alive() for thread in threads), "a phone never got an acknowledgement"

    def _report_on_and_on(self, phone: int) -> None:
        turns = itertools.cycle(self.ports[phone % len(self.ports) :] + self.ports[: phone % len(self.ports)])
        while not self.stopping.is_set():
            key, until = uuid.uuid4(), time.monotonic() + PATIENCE * 2
            while not self._sent(next(turns), key) and time.monotonic() < until:
                time.sleep(PAUSE)
            time.sleep(PAUSE / 4)

    def _sent(self, port: int, key: uuid.UUID) -> bool:
        """Whether it was acknowledged. No address sends often enough to be slowed."""
        number = next(self._numbers)
        body = urllib.parse.urlencode({"key": key, "place": PLACE, "text": f"楼道灯不亮，第{number}回"})
        headers = {
            "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"csrftoken={TOKEN}", "X-CSRFToken": TOKEN,
            "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        }  # fmt: skip
        try:
            with contextlib.closing(
                http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            ) as connection:
                connection.request("POST", "/report/", body, headers)
                answer = connection.getresponse()
                told = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):  # ValueError: half an answer
            self.answers[0] += 1
            return False
        self.answers[answer.status] += 1
        if answer.status != 200:
            return False
        if self.acknowledged.setdefault(key, told["number"]) != told["number"]:
            self.unlike.append(told["number"])
        self.served[port] += 1
        return True
