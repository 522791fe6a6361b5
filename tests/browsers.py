"""A real server on the demo district, and Chromium in front of it.

- `live_server_on_demo`: one server for all tests that only read.
- `fresh_live_server`: a server on a demo district of this test alone, with a worker for background jobs; `studio_server`: on one
  for all tests of a module, with the worker of long jobs instead. The server's process is one for all of them; under its
  database's name there is another database each time, so a module takes one of the two.
- `at_moment(server, moment)`: the same district later in the day, by a second server beside the first.
- `page_for("username")`: a page where that member of the demo cast is signed in; `device="phone"`, `server=` choose.
- `desktop`, `phone`: pages of nobody in particular.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django import DjangoDbBlocker

from doorstep.launch import databases, templates
from doorstep.launch.browser import arguments, ensure_chromium
from tests.clones import own_database, own_name, pointed_at

DEMO_DAY = date(2026, 6, 15)
DEVICES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1440, "height": 900}, "locale": "zh-CN"},
    "phone": {
        "viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
        "locale": "zh-CN",
    },
}  # fmt: skip


@dataclass(frozen=True)
class LiveServer:
    url: str
    database: str
    blocker: DjangoDbBlocker

    def connected(self) -> contextlib.AbstractContextManager[None]:
        """The test's own queries go to this server's database for as long as this lasts."""
        return pointed_at(self.database, self.blocker)


@pytest.fixture(scope="session")
def live_server_on_demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[LiveServer]:
    with _serving(own_name("live"), django_db_blocker) as server:
        yield server


@pytest.fixture(scope="session")
def standing_server(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[LiveServer]:
    with _serving(own_name("standing"), django_db_blocker) as server:
        yield server


@pytest.fixture
def fresh_live_server(standing_server: LiveServer) -> Iterator[LiveServer]:
    with _anew(standing_server, "worker"):
        yield standing_server


@pytest.fixture(scope="module")
def studio_server(standing_server: LiveServer) -> Iterator[LiveServer]:
    """For plans: each test makes some of its own."""
    with _anew(standing_server, "worker-long"):
        yield standing_server


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": ensure_chromium(), "args": arguments()}


@pytest.fixture
def page_for(browser: Browser, live_server_on_demo: LiveServer) -> Iterator[Callable[..., Page]]:
    with contextlib.ExitStack() as stack:

        def signed_in(
            username: str, device: str = "desktop", server: LiveServer = live_server_on_demo, path: str = ""
        ) -> Page:
            context = stack.enter_context(_context(browser, device, server))
            context.add_cookies(
                [{"name": "sessionid", "value": _session(username, server), "url": server.url}]
            )
            return _watched(stack, context, path)

        yield signed_in


@pytest.fixture
def desktop(browser: Browser, live_server_on_demo: LiveServer) -> Iterator[Page]:
    yield from _anonymous(browser, "desktop", live_server_on_demo)


@pytest.fixture
def phone(browser: Browser, live_server_on_demo: LiveServer) -> Iterator[Page]:
    yield from _anonymous(browser, "phone", live_server_on_demo)


def _anonymous(browser: Browser, device: str, server: LiveServer) -> Iterator[Page]:
    with contextlib.ExitStack() as stack:
        yield _watched(stack, stack.enter_context(_context(browser, device, server)), "")


@contextlib.contextmanager
def _context(browser: Browser, device: str, server: LiveServer) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=server.url, **DEVICES[device])
    try:
        yield context
    finally:
        context.close()


def _watched(stack: contextlib.ExitStack, context: BrowserContext, path: str) -> Page:
    """A page on which an error of a script, or one against the content policy, fails the test."""
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error.stack or error}"))
    page.on(
        "console", lambda line: troubles.append(line.text) if "Content Security Policy" in line.text else None
    )
    stack.callback(lambda: _none_of(troubles))
    if path:
        page.goto(path)
    return page


def _none_of(troubles: list[str]) -> None:
    assert not troubles, troubles


def _session(username: str, server: LiveServer) -> str:
    """Key of a session in which this account is signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from doorstep.kernel.authority.models import Account
    from doorstep.kernel.authority.sessions import SessionStore

    with server.connected():
        account = Account.objects.get(username=username)
        session = SessionStore()
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session.set_expiry(timedelta(hours=12))
        session.save()
        assert session.session_key
        return session.session_key


@contextlib.contextmanager
def _serving(name: str, blocker: DjangoDbBlocker) -> Iterator[LiveServer]:
    with own_database(name, templates.demo_template(DEMO_DAY)), _started(name, blocker, DEMO_DAY) as server:
        yield server


@contextlib.contextmanager
def _anew(server: LiveServer, worker: str) -> Iterator[None]:
    """A district as on its first day under this server, with a worker of its own."""
    databases.drop(server.database)
    databases.clone(templates.demo_template(DEMO_DAY), server.database)
    with _child(worker, _environment(server.database, DEMO_DAY)):
        yield


@contextlib.contextmanager
def at_moment(server: LiveServer, moment: datetime) -> Iterator[LiveServer]:
    """A second server on the same district, at this moment of the district's time: what takes hours is tried without waiting.
    Who is signed in at the first is so at this one, for both stand on one host."""
    with _started(server.database, server.blocker, moment) as later:
        yield later


@contextlib.contextmanager
def _started(name: str, blocker: DjangoDbBlocker, moment: date) -> Iterator[LiveServer]:
    port = free_port()
    with _child("server", _environment(name, moment) | {"PORT": str(port)}):
        wait_for_port(port)
        yield LiveServer(f"http://127.0.0.1:{port}", name, blocker)


def _environment(database: str, moment: date) -> dict[str, str]:
    return os.environ | {
        "DOORSTEP_DATABASE": database, "DEMO": "1", "DOORSTEP_TODAY": moment.isoformat(),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }  # fmt: skip


@contextlib.contextmanager
def _child(name: str, environment: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "doorstep.launch.children", name, secrets.token_hex(8)]
    process = subprocess.Popen(command, env=environment)
    try:
        yield
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert time.monotonic() < deadline, f"nothing answers on port {port}"
        time.sleep(0.05)
