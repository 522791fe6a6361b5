"""A server as `doorstep run` starts it, on a bench's database; and clients that keep it busy."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from bench.measuring import DEMO_DAY
from doorstep.launch.locations import PROJECT

PATIENCE = 60


class Server:
    """Where it listens, and its process, whose memory can be asked for."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port, self.process = port, process


@contextlib.contextmanager
def serving(database: str, **environment: str) -> Iterator[Server]:
    """The platform's server process with the threads and settings it has by itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # this tree's own code, wherever the environment's installed one lies
    paths = os.pathsep.join([str(PROJECT / "src"), str(PROJECT)])
    variables = os.environ | {
        "DJANGO_SETTINGS_MODULE": "bench.served.settings", "DOORSTEP_DATABASE": database, "PORT": str(port),
        "PYTHONPATH": paths, "DOORSTEP_TODAY": DEMO_DAY.isoformat(), "BEHIND_PROXY": "1",
    } | environment  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "doorstep.launch.children", "server", "bench"], env=variables, cwd=PROJECT
    )
    try:
        _wait_for(port, process)
        yield Server(port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None and time.monotonic() < deadline, "the server did not start"
        with contextlib.suppress(OSError), Client(port) as client:
            if client.ask(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")[0]:
                return
        time.sleep(0.1)


class Client:
    """One connection kept open. No more work than must be, since it shares the machine with the server."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.where = ""  # the last answer leads there

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.socket.close()

    def ask(self, message: bytes) -> tuple[int, bytes]:
        """Status and body of an answer of known length."""
        self.socket.sendall(message)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _separator, body = received.partition(b"\r\n\r\n")
        length = next(
            int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        while len(body) < length:
            body += self._more()
        where = (line[9:] for line in head.split(b"\r\n") if line.lower().startswith(b"location:"))
        self.where = next(where, b"").strip().decode()
        return int(head.split(b" ", 2)[1]), body

    def _more(self) -> bytes:
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server ended the connection")
        return part


def rate(port: int, messages: Sequence[bytes], clients: int, wanted: int = 200) -> float:
    """Messages a second when this many clients send them all, each its share one after another.

    Raises AssertionError on an answer of another status: a refusal is faster than the work.
    """
    shares = [messages[start::clients] for start in range(clients)]
    ready = threading.Barrier(clients + 1)

    def send(share: Sequence[bytes]) -> None:
        with Client(port) as client:
            ready.wait()
            for message in share:
                status, body = client.ask(message)
                assert status == wanted, (status, body[:500].decode(errors="replace"))

    with ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(send, share) for share in shares]
        ready.wait()
        began = time.perf_counter()
        for one in running:
            one.result()
        return len(messages) / (time.perf_counter() - began)
